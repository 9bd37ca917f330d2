import type { Episode, IndexState } from '../../../core/memory/index.ts';
import { formatBytes } from '../../../protocol/format.ts';

/** What rows, tooltips and the status bar say, so that they say the same. */

/** `1 file`, `1,204 files`. */
export function countWords(count: number, one: string): string {
  return `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;
}

/** Part of the whole index that is done: `43 %`. */
export function percentWords({ done, total }: { readonly done: number; readonly total: number }): string {
  return `${total === 0 ? 0 : Math.min(100, Math.floor((done / total) * 100))} %`;
}

export function indexDescription({ phase, files, chunks, bytes, progress, kept }: IndexState): string {
  const size = [countWords(files, 'file'), countWords(chunks, 'chunk')];
  const elsewhere = kept === 'elsewhere' ? ['kept by another window'] : [];
  switch (phase) {
    case 'none':
      return 'not indexed yet';
    case 'unavailable':
      return 'not available';
    case 'indexing':
      return [progress ? `indexing, ${percentWords(progress)}` : 'indexing', ...size].join(' · ');
    case 'paused':
      return [progress ? `paused at ${percentWords(progress)}` : 'paused', ...size].join(' · ');
    case 'ready':
      return [...size, formatBytes(bytes), ...elsewhere].join(' · ');
  }
}

/** It is called semantic only when there is an embedder. */
export function searchLabel({ embedder }: IndexState): string {
  return embedder ? 'Semantic search' : 'Keyword search';
}

export function searchDescription({ embedder }: IndexState): string {
  if (!embedder) return 'no embedder';
  if (embedder.problem) return `${embedder.id} · ${embedder.problem.message}`;
  const { id, embedded, total, loading } = embedder;
  if (loading) return `${id} · downloading, ${percentWords(loading)}`;
  return embedded >= total ? id : `${id} · ${percentWords({ done: embedded, total })} embedded`;
}

export function verdictWords({ verdict, changes, correction }: Episode): readonly string[] {
  return [
    ...(verdict === undefined ? [] : [verdict === 'up' ? 'rated helpful' : 'rated not helpful']),
    ...(correction === undefined ? [] : ['corrected']),
    ...(changes === undefined ? [] : [changes]),
  ];
}

/** `just now`, `5 min ago`, `3 h ago`, `2 d ago`, then the date. A clock that was set back is no reason to say nonsense. */
export function ageWords(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  const days = Math.floor(minutes / (24 * 60));
  return days < 30 ? `${days} d ago` : new Date(at).toISOString().slice(0, 10);
}
