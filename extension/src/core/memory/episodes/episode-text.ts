import { splitWords } from '../retrieval/words.ts';
import type { Episode } from './episode.ts';

/**
 * What is indexed for an episode. Recall asks with the words of a new task, so the old task comes first; what the person
 * said, the start of the answer and the files tell tasks apart that were worded alike.
 */
export function episodeText(episode: Episode): string {
  const parts = [
    episode.task,
    episode.correction ?? '',
    episode.answer.slice(0, ANSWER_LENGTH),
    ...episode.files.slice(0, MOST_FILES),
    ...episode.failures,
    ...(episode.facts ?? []),
  ];
  return splitWords(parts.join('\n').slice(0, LONGEST_TEXT)).join(' ');
}

const ANSWER_LENGTH = 4_000;
const MOST_FILES = 200;
const LONGEST_TEXT = 40_000;
