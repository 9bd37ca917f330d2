import { isStrataError } from '../../../base/errors.ts';
import type { IndexState, Memory } from '../../../core/memory/index.ts';
import type { Ask, AskOptions } from '../ask.ts';
import { askedLimit, askedText, type MemoryLimits } from '../limits.ts';
import { clearCall, indexCall, pauseCall, searchCall, stateCall, updateCall } from './requests.ts';

interface SemanticFace extends Pick<
  Memory,
  'index' | 'update' | 'pause' | 'resume' | 'search' | 'state' | 'clear'
> {
  /** The state, where there is one: throws when memory is not available. */
  known(): Promise<IndexState>;
}

/** The index as the extension host has it. */
export function semanticFace(ask: Ask, limits: MemoryLimits): SemanticFace {
  const read = { limitMs: limits.read, tries: 2 };
  const write = { limitMs: limits.write + limits.lockWait, tries: 1 };
  const indexing = (options: Parameters<Memory['index']>[0]): AskOptions => ({
    signal: options.signal,
    limitMs: limits.indexSilence + limits.lockWait,
    tries: 1,
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
  const pause = async (paused: boolean): Promise<void> => {
    await ask(pauseCall, { paused }, { signal: undefined, ...read });
  };
  const known = (): Promise<IndexState> => ask(stateCall, {}, { signal: undefined, ...read });
  return {
    known,
    index: (options) => ask(indexCall, {}, indexing(options)),
    update: (paths, options) => ask(updateCall, { paths }, indexing(options)),
    pause: () => pause(true),
    resume: () => pause(false),
    search: (query, { limit, filter, expansions, signal }) =>
      ask(
        searchCall,
        {
          query: askedText(query),
          limit: askedLimit(limit),
          ...(filter === undefined ? {} : { filter }),
          ...(expansions === undefined ? {} : { expansions: expansions.map(askedText) }),
        },
        { signal, ...read },
      ),
    state: async () => {
      try {
        return await known();
      } catch (error) {
        if (!isStrataError(error) || error.code === 'memory-closed') throw error;
        return unavailable({ message: error.message, action: error.action });
      }
    },
    clear: async () => {
      await ask(clearCall, {}, { signal: undefined, ...write });
    },
  };
}

function unavailable(problem: NonNullable<IndexState['problem']>): IndexState {
  return { phase: 'unavailable', files: 0, chunks: 0, kept: 'elsewhere', bytes: 0, problem };
}
