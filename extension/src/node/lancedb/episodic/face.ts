import type { Memory } from '../../../core/memory/index.ts';
import type { Ask } from '../ask.ts';
import { askedLimit, askedText, type MemoryLimits } from '../limits.ts';
import { countEpisodesCall, recallCall, rememberCall } from './requests.ts';

/** Earlier runs as the extension host has them. */
export function episodicFace(
  ask: Ask,
  limits: MemoryLimits,
): Pick<Memory, 'recall' | 'remember'> & { count(): Promise<number> } {
  const read = { limitMs: limits.read, tries: 2 };
  return {
    recall: (query, { limit, signal }) =>
      ask(recallCall, { query: askedText(query), limit: askedLimit(limit) }, { signal, ...read }),
    remember: async (episode) => {
      await ask(
        rememberCall,
        { episode },
        { signal: undefined, limitMs: limits.write + limits.lockWait, tries: 1 },
      );
    },
    count: () => ask(countEpisodesCall, {}, { signal: undefined, ...read }),
  };
}
