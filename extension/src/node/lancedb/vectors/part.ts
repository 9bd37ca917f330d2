import { openEmbedder } from '../../embedders/index.ts';
import { handler, type Handler, type PartContext } from '../handler.ts';
import type { ContentSource } from '../legs.ts';
import { tryEmbedderCall, useEmbedderCall } from './requests.ts';
import { openVectorTables, vectorsAt } from './vector-tables.ts';
import { openVectors, type Vectors } from './vectors.ts';

export interface VectorsPart {
  readonly handlers: readonly Handler[];
  readonly leg: Vectors;
}

/** The vectors of a folder, inside of the memory process. */
export function vectorsPart({ native, place, changed }: PartContext, source: ContentSource): VectorsPart {
  const tables = openVectorTables(native, vectorsAt(place));
  const leg = openVectors({ tables, source, changed, now: Date.now, random: Math.random });
  return {
    leg,
    handlers: [
      handler(useEmbedderCall, async ({ config }) => {
        leg.use(config === undefined ? undefined : await openEmbedder(config));
        return null;
      }),
      handler(tryEmbedderCall, async ({ config }, { signal, onProgress }) => {
        const embedder = await openEmbedder(config);
        try {
          const began = performance.now();
          const asked = { role: 'document', signal, onLoading: onProgress } as const;
          const [vector] = await embedder.embed(['function add(a, b)'], asked);
          return { dimension: vector?.length ?? 0, ms: Math.round(performance.now() - began) };
        } finally {
          await embedder.dispose();
        }
      }),
    ],
  };
}
