import { isEmbedderError, type Embedder } from '../../../core/memory/embedding/index.ts';

/** Vectors of what was asked last: a person who types asks the same more than once, and so does a retry. */
export interface QueryVectors {
  /** undefined when the embedder failed, or was too slow for this search; it then serves the next one. */
  of(query: string, signal: AbortSignal): Promise<Float32Array | undefined>;
}

export interface QueryVectorOptions {
  /** What a search waits for vectors; after that it goes on with its keywords. */
  readonly waitMs: number;
  /** Ends when the embedder is replaced or memory is closed. */
  readonly lifetime: AbortSignal;
  /** undefined: it has answered. 'slow': not within the time that a search waits. */
  readonly onOutcome: (outcome: Error | 'slow' | undefined) => void;
}

export function queryVectors(embedder: Embedder, options: QueryVectorOptions): QueryVectors {
  const cache = new Map<string, Promise<Float32Array | undefined>>();

  function ask(query: string): Promise<Float32Array | undefined> {
    const known = cache.get(query);
    if (known !== undefined) {
      // The newest stands last.
      cache.delete(query);
      cache.set(query, known);
      return known;
    }
    // Not with the search's own signal: when that is given up, the answer still serves the next one.
    const asked = embedder
      .embed([query], { role: 'query', signal: options.lifetime })
      .then(([vector]) => {
        options.onOutcome(undefined);
        return vector;
      })
      .catch((error: unknown) => {
        cache.delete(query);
        if (isEmbedderError(error)) options.onOutcome(error);
        // Given up, or a mistake of ours: either way the search has its keywords.
        return undefined;
      });
    cache.set(query, asked);
    for (const oldest of cache.keys()) {
      if (cache.size <= KEPT) break;
      cache.delete(oldest);
    }
    return asked;
  }

  return {
    async of(query, signal) {
      let timer: NodeJS.Timeout | undefined;
      const { promise: gone, reject } = Promise.withResolvers<never>();
      const abort = (): void => reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      const late = new Promise<'late'>((resolve) => {
        timer = setTimeout(() => resolve('late'), options.waitMs);
      });
      try {
        signal.throwIfAborted();
        const found = await Promise.race([ask(query), late, gone]);
        if (found !== 'late') return found;
        options.onOutcome('slow');
        return undefined;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
      }
    },
  };
}

const KEPT = 32;
