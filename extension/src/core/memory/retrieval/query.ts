import { splitWords } from './words.ts';

/**
 * Any text as a full-text query: distinct words without quotes or operators, or undefined when no word is left. The
 * text may be a whole prompt or a pasted log, so only its beginning is read: what is wanted is said first, and each
 * further word costs time and pulls the ranking towards boilerplate.
 */
export function fullTextQuery(text: string): string | undefined {
  const distinct = new Set<string>();
  for (const word of splitWords(text.slice(0, LONGEST_QUERY))) {
    distinct.add(word);
    if (distinct.size === MOST_WORDS) break;
  }
  return distinct.size === 0 ? undefined : [...distinct].join(' ');
}

/** In UTF-16 code units; some 1,200 words of English. */
export const LONGEST_QUERY = 8_000;
export const MOST_WORDS = 64;
