import type { Memory } from '../../../core/memory/index.ts';
import type { Ask } from '../ask.ts';
import { askedLimit, askedText, type MemoryLimits } from '../limits.ts';
import { countChunksCall, indexCall, searchCall } from './requests.ts';

/** The index as the extension host has it. */
export function semanticFace(
  ask: Ask,
  limits: MemoryLimits,
): Pick<Memory, 'index' | 'search'> & {
  count(): Promise<{ readonly chunks: number; readonly files: number }>;
} {
  const read = { limitMs: limits.read, tries: 2 };
  return {
    index: ({ signal, onProgress }) =>
      ask(
        indexCall,
        {},
        {
          signal,
          limitMs: limits.indexSilence + limits.lockWait,
          tries: 1,
          ...(onProgress === undefined ? {} : { onProgress }),
        },
      ),
    search: (query, { limit, signal }) =>
      ask(searchCall, { query: askedText(query), limit: askedLimit(limit) }, { signal, ...read }),
    count: () => ask(countChunksCall, {}, { signal: undefined, ...read }),
  };
}
