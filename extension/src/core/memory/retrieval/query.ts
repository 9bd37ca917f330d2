import { isCommon, stemOf } from './stem.ts';
import { splitWords } from './words.ts';

/**
 * Any text as a full-text query: distinct words without quotes or operators, or undefined when no word is left. Each
 * stands beside its stem, since chunks are indexed by stems and episodes by words. The text may be a whole prompt or a
 * pasted log, so only its beginning is read: what is wanted is said first, and each further word costs time and pulls
 * the ranking towards boilerplate.
 */
export function fullTextQuery(text: string): string | undefined {
  const words = [...new Set(splitWords(text.slice(0, LONGEST_QUERY)))];
  const telling = words.filter((word) => !isCommon(word));
  const asked = (telling.length > 0 ? telling : words).slice(0, MOST_WORDS);
  return asked.length === 0
    ? undefined
    : [...new Set(asked.flatMap((word) => [word, stemOf(word)]))].join(' ');
}

/** In UTF-16 code units; some 1,200 words of English. */
export const LONGEST_QUERY = 8_000;
export const MOST_WORDS = 64;
