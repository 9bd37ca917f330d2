import type { Episode } from './memory.ts';
import { splitWords } from './retrieval/words.ts';

/**
 * What is indexed for an episode. Recall asks with the words of a new task, so the old task comes first; the start of
 * the answer and the files tell tasks apart that were worded alike.
 */
export function episodeText(episode: Episode): string {
  const parts = [
    episode.task,
    episode.answer.slice(0, ANSWER_LENGTH),
    ...episode.files.slice(0, MOST_FILES),
    ...episode.failures,
  ];
  return splitWords(parts.join('\n').slice(0, LONGEST_TEXT)).join(' ');
}

/** Best match first; among equals the most recent. Scores are compared to four digits: beyond that they are noise of summation. */
export function byScoreThenAge(
  a: { readonly score: number; readonly at: number },
  b: { readonly score: number; readonly at: number },
): number {
  const difference = Math.round(b.score * 1e4) - Math.round(a.score * 1e4);
  return difference === 0 ? b.at - a.at : difference;
}

const ANSWER_LENGTH = 4_000;
const MOST_FILES = 200;
const LONGEST_TEXT = 40_000;
