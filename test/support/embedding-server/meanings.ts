/**
 * A deterministic embedding that knows meanings: each word is a direction, and words that mean the same share one. Rare words count
 * more. So a text is found by others that share no word with it, as with a real model, and by nothing else.
 */
export function meaningVector(text: string, dimension = 64): number[] {
  const vector = new Array<number>(dimension).fill(0);
  for (const word of wordsOf(text)) {
    const meaning = MEANINGS.get(word) ?? stem(word);
    const weight = FREQUENT.has(meaning) ? 0.1 : 1;
    for (let at = 0; at < dimension; at++) vector[at] = (vector[at] ?? 0) + weight * noise(meaning, at);
  }
  const length = Math.hypot(...vector);
  return length === 0 ? vector.map((_, at) => (at === 0 ? 1 : 0)) : vector.map((value) => value / length);
}

const SYNONYMS: readonly (readonly string[])[] = [
  ['discount', 'rebate', 'reduction', 'cheaper', 'bargain'],
  ['customer', 'buyer', 'shopper', 'client', 'people'],
  ['quantity', 'amount', 'many', 'bulk', 'number'],
  ['login', 'authenticate', 'signin', 'credential', 'password', 'session'],
  ['delete', 'remove', 'erase', 'purge', 'drop'],
  ['retry', 'again', 'backoff', 'repeat', 'attempt'],
  ['network', 'connection', 'socket', 'http', 'request'],
  ['date', 'calendar', 'day', 'month', 'weekday'],
];
const MEANINGS = new Map(SYNONYMS.flatMap((words) => words.map((word) => [word, words[0] ?? word] as const)));
const FREQUENT = new Set(
  'a an the of to in is for and or if it with const let function return export import from new this when who how do does get set'.split(
    ' ',
  ),
);

function wordsOf(text: string): string[] {
  const split = text.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return (split.match(/[a-z]+/g) ?? []).map((word) => (MEANINGS.has(word) ? word : stem(word)));
}

function stem(word: string): string {
  return word.replace(/(?:ing|ed|es|s)$/, '');
}

/** Roughly normal, and always the same: a sum of hashes. */
function noise(word: string, at: number): number {
  let sum = 0;
  for (let part = 0; part < 4; part++) sum += hash(`${word}/${String(at)}/${String(part)}`) / 2 ** 32 - 0.5;
  return sum;
}

function hash(text: string): number {
  let value = 2_166_136_261;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 16_777_619);
  // FNV's low bits follow the last character; mixed, they do not.
  value = Math.imul(value ^ (value >>> 15), 2_246_822_519);
  return (value ^ (value >>> 13)) >>> 0;
}
