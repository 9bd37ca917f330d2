import { LONGEST_QUERY, MOST_WORDS } from './query.ts';
import { stemOf } from './stem.ts';
import { splitWords } from './words.ts';

/** The query's words as it wrote them, with the plain words that each comes to; `parseURL` comes to `parse` and `url`. */
export interface QueryWord {
  readonly written: string;
  readonly plain: readonly string[];
}

/** Each word once, in the order of the query, which is read as far as the full-text query reads it. */
export function queryWords(query: string): QueryWord[] {
  const seen = new Set<string>();
  const words: QueryWord[] = [];
  for (const written of query.slice(0, LONGEST_QUERY).match(WRITTEN) ?? []) {
    const plain = splitWords(written);
    const key = plain.join(' ');
    if (plain.length === 0 || seen.has(key)) continue;
    seen.add(key);
    words.push({ written, plain });
    if (words.length === MOST_WORDS) break;
  }
  return words;
}

/** Those of the query's words that a text has, as they were written; the set may hold words or their stems. */
export function wordsIn(words: readonly QueryWord[], plainWords: ReadonlySet<string>): string[] {
  return words
    .filter(({ plain }) => plain.every((word) => plainWords.has(word) || plainWords.has(stemOf(word))))
    .map(({ written }) => written);
}

const WRITTEN = /[\p{L}\p{M}\p{N}_$]+/gu;
