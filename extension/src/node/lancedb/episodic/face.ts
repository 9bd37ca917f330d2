import type { Memory } from '../../../core/memory/index.ts';
import type { Ask } from '../ask.ts';
import { askedLimit, askedText, type MemoryLimits } from '../limits.ts';
import {
  countEpisodesCall,
  forgetCall,
  listEpisodesCall,
  recallCall,
  rememberCall,
  seenEpisodesCall,
} from './requests.ts';

type Face = Pick<Memory, 'recall' | 'remember' | 'episodes' | 'forget' | 'seenEpisodes'>;

/** Earlier runs as the extension host has them. */
export function episodicFace(ask: Ask, limits: MemoryLimits): Face & { count(): Promise<number> } {
  const read = { limitMs: limits.read, tries: 2 };
  const write = { signal: undefined, limitMs: limits.write + limits.lockWait, tries: 1 };
  return {
    recall: (query, { limit, signal }) =>
      ask(recallCall, { query: askedText(query), limit: askedLimit(limit) }, { signal, ...read }),
    remember: async (...episodes) => {
      await ask(rememberCall, { episodes }, write);
    },
    episodes: ({ limit, before, query, run, signal }) =>
      ask(
        listEpisodesCall,
        {
          limit: askedLimit(limit),
          ...(before === undefined ? {} : { before }),
          ...(run === undefined ? {} : { run }),
          ...(query === undefined ? {} : { query: askedText(query) }),
        },
        { signal, ...read },
      ),
    seenEpisodes: async (signal) => {
      const seen = await ask(seenEpisodesCall, {}, { signal, ...read });
      return new Map(seen.map(({ run, seenAt }) => [run, seenAt]));
    },
    forget: ({ runs }) => ask(forgetCall, { runs: [...runs] }, write),
    count: () => ask(countEpisodesCall, {}, { signal: undefined, ...read }),
  };
}
