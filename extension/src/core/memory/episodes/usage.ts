import type { Episode } from './episode.ts';

/** What later runs made of something that they were told. */
export interface Usage {
  readonly times: number;
  readonly lastAt: number;
}

/**
 * How often each run and note was recalled by another run, and when last. A run whose person was not content speaks for
 * nothing that it was told.
 */
export function usageOf(
  episodes: readonly Pick<Episode, 'run' | 'at' | 'recalled' | 'verdict' | 'changes'>[],
): ReadonlyMap<string, Usage> {
  const usage = new Map<string, Usage>();
  for (const { run, at, recalled = [], verdict, changes } of episodes) {
    if (verdict === 'down' || changes === 'discarded') continue;
    for (const id of new Set(recalled)) {
      if (id === run) continue;
      const known = usage.get(id);
      usage.set(id, { times: (known?.times ?? 0) + 1, lastAt: Math.max(known?.lastAt ?? 0, at) });
    }
  }
  return usage;
}
