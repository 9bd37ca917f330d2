import type { IndexState } from '../../../core/memory/index.ts';
import { percentWords } from '../view/words.ts';

/** The index of one folder, as the status bar tells of it. */
export interface FolderIndex {
  readonly folder: string;
  readonly name: string;
  readonly state: IndexState;
}

export function statusText(busy: readonly FolderIndex[]): string {
  const paused = busy.every(({ state }) => state.phase === 'paused');
  const sum = { done: 0, total: 0 };
  for (const { state } of busy) {
    sum.done += state.progress?.done ?? 0;
    sum.total += state.progress?.total ?? 0;
  }
  const name = busy.length === 1 ? (busy[0]?.name ?? '') : `${busy.length} folders`;
  const part = sum.total > 0 ? ` ${percentWords(sum)}` : '';
  return paused ? `Indexing ${name} paused${part && ` at${part}`}` : `Indexing ${name}${part}`;
}

/** `site: 1,204 of 3,000 files`. */
export function progressText({ name, state: { progress } }: FolderIndex): string {
  if (!progress) return `${name}: looking at the files`;
  return `${name}: ${progress.done.toLocaleString('en')} of ${progress.total.toLocaleString('en')} files`;
}
