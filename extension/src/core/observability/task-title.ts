import { plainLine } from '../orchestration/walk/plain-text.ts';

const MOST_CHARACTERS = 60;

/** A run's task as the name of the run in a sentence. An editor shows links in its messages, and a task of others must not be one. */
export function taskTitle(task: string): string {
  return plainLine(task, MOST_CHARACTERS).replaceAll('](', '] (');
}
