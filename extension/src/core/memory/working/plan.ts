import { SHARES } from './budget.ts';
import type { Entry } from './entries.ts';

export interface Weighed {
  readonly entries: readonly Entry[];
  readonly budget: number;
  /** Tokens of what always stays. */
  readonly fixed: number;
  /** Tokens of the whole context now. */
  readonly tokens: number;
  /** Turns that must stay, however large. */
  readonly keep: number;
  /** From an entry's estimate to what the model in use counts. */
  readonly factor: number;
}

/** How many of the oldest entries should go; 0 while the context fits, or when condensing would not help. */
export function entriesToCondense(weighed: Weighed): number {
  const { budget, tokens, entries, factor } = weighed;
  if (tokens <= budget * SHARES.full) return 0;
  const count = entriesThatMayGo(weighed);
  const freed = entries.slice(0, count).reduce((sum, entry) => sum + entry.tokens * factor, 0);
  return freed >= budget * SHARES.worthwhile || tokens > budget ? count : 0;
}

/** Like `entriesToCondense`, but whether or not the context is full. */
export function entriesThatMayGo({ entries, budget, fixed, keep, factor }: Weighed): number {
  let kept = entries.reduce((sum, entry) => sum + entry.tokens * factor, 0);
  let turns = entries.filter(({ kind }) => kind === 'turn').length;
  let count = 0;
  for (const entry of entries) {
    if (entry.kind === 'turn' && turns <= keep) break;
    const all = fixed + budget * SHARES.summary + kept;
    if (all <= budget * SHARES.after) break;
    const left = kept - entry.tokens * factor;
    if (left < budget * SHARES.newest && all <= budget * SHARES.full) break;
    kept = left;
    if (entry.kind === 'turn') turns -= 1;
    count += 1;
  }
  // A person's word right behind the summary belongs into it: what stays begins with a turn.
  while (count > 0 && count < entries.length && entries[count]?.kind === 'word') count += 1;
  return count;
}
