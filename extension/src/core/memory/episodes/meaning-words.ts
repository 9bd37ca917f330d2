import { splitWords } from '../retrieval/words.ts';

/**
 * The words that say what a text is about: plain, without the commonest words of English, and without the endings that
 * the same word has in another sentence. Good for comparing texts, not for searching.
 */
export function meaningWords(text: string): ReadonlySet<string> {
  const words = splitWords(text.slice(0, LONGEST_TEXT)).filter((word) => !COMMON.has(word));
  return new Set(words.map(stem));
}

/** What two sets of words share of all that they have together, 0 to 1. Nothing is like nothing. */
export function sharedPart(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const word of a) if (b.has(word)) shared += 1;
  return shared === 0 ? 0 : shared / (a.size + b.size - shared);
}

function stem(word: string): string {
  if (word.length <= 4) return word.length > 2 && /[^s]s$/.test(word) ? word.slice(0, -1) : word;
  return word.replace(/(?:ies|ied)$/, 'y').replace(/(?:(?<=[^s])s|es|ed|ing)$/, '');
}

const LONGEST_TEXT = 8_000;

const COMMON = new Set(
  (
    'a about after all also an and any are as at be been before but by can could did do does for from get had has have ' +
    'how i if in into is it its just let like make me more my no not now of on once one only or our out please should ' +
    'so some than that the their them then there these they this those to too up us use used was we were what when ' +
    'where which while who why will with would you your'
  ).split(' '),
);
