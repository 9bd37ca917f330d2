/** A secret as it may be written. */
export interface Spelling {
  readonly name: string;
  readonly text: string;
}

export interface Occurrence {
  readonly at: number;
  readonly length: number;
  readonly name: string;
}

/** Shorter pieces of an encoding would be found by chance. */
const SHORTEST = 6;

/** The value as it is, in Base64 at any place of a longer text, in hex, for an address, and within a JSON text. */
export function spellingsOf(name: string, value: string): readonly Spelling[] {
  const bytes = Buffer.from(value);
  const base64 = [0, 1, 2].flatMap((shift) => {
    const core = inBase64(bytes, shift);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const hex = bytes.toString('hex');
  const texts = [
    value,
    encodeURIComponent(value),
    encodeURIComponent(value).replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    JSON.stringify(value).slice(1, -1),
    hex,
    hex.toUpperCase(),
    ...base64,
  ];
  return [...new Set(texts)].filter((text) => text.length >= SHORTEST).map((text) => ({ name, text }));
}

/** The characters that stand for the bytes whatever stands around them; `shift` is where in a group of three they begin. */
function inBase64(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const first = Math.ceil((shift * 8) / 6);
  const last = Math.floor(((shift + bytes.length) * 8) / 6);
  return text.slice(first, last);
}

/** In their order and without overlaps; of several that begin at one place the first of the list. */
export function occurrences(text: string, spellings: readonly Spelling[]): readonly Occurrence[] {
  if (spellings.length === 0) return [];
  const names = new Map(spellings.map((spelling) => [spelling.text, spelling.name]));
  const any = spellings.map((spelling) => spelling.text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');
  return Array.from(text.matchAll(new RegExp(any, 'g')), ({ 0: found, index }) => ({
    at: index,
    length: found.length,
    name: names.get(found) ?? '',
  }));
}
