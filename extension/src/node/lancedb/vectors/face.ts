import type { EmbedderConfig, Loading } from '../../../core/memory/embedding/index.ts';
import type { Ask } from '../ask.ts';
import type { MemoryLimits } from '../limits.ts';
import { tryEmbedderCall, useEmbedderCall } from './requests.ts';

export interface VectorsFace {
  useEmbedder(config: EmbedderConfig | undefined): Promise<void>;
  tryEmbedder(
    config: EmbedderConfig,
    options: { readonly signal: AbortSignal; readonly onLoading?: (loading: Loading) => void },
  ): Promise<{ readonly dimension: number; readonly ms: number }>;
  /** What a memory process is told when it has started: it knows nothing of the one before, and keys are on no disk. */
  readonly chosen: () => EmbedderConfig | undefined;
}

/** The embedder as the extension host has it. It is remembered here; a process is started for it only when it replaces another. */
export function vectorsFace(ask: Ask, limits: MemoryLimits, isRunning: () => boolean): VectorsFace {
  let chosen: EmbedderConfig | undefined;
  return {
    chosen: () => chosen,
    useEmbedder: async (config) => {
      chosen = config;
      // One that starts later is told at its start.
      if (!isRunning()) return;
      const body = config === undefined ? {} : { config };
      await ask(useEmbedderCall, body, { signal: undefined, limitMs: limits.read, tries: 2 });
    },
    tryEmbedder: (config, { signal, onLoading }) =>
      ask(
        tryEmbedderCall,
        { config },
        {
          signal,
          limitMs: TRY_SILENCE_MS,
          tries: 1,
          ...(onLoading === undefined ? {} : { onProgress: onLoading }),
        },
      ),
  };
}

/** A server may have to load its model first, and a download from a slow network may stand still for a while. */
const TRY_SILENCE_MS = 200_000;
