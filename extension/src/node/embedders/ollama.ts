import * as z from 'zod';
import { EmbedderError, type Embedder, type EmbedderConfig } from '../../core/memory/embedding/index.ts';
import { postJson } from './post-json.ts';
import { embedderOf } from './served-embedder.ts';

/** Ollama's own interface rather than its OpenAI-compatible one, which cuts long texts without the choice. */
export function ollamaEmbedder(config: EmbedderConfig): Embedder {
  return embedderOf(config, async (texts, { signal }) => {
    const { value } = await postJson({
      url: `${config.baseUrl}/api/embed`,
      key: config.key,
      signal,
      limitMs: LIMIT_MS,
      body: {
        model: config.model,
        input: texts,
        // A tokenizer may make more of a text than was estimated; its beginning says most.
        truncate: true,
        ...(config.dimensions === undefined ? {} : { dimensions: config.dimensions }),
      },
    }).catch((error: unknown) => {
      throw withPull(error, config.model);
    });
    const parsed = answer.safeParse(value);
    if (parsed.success) return parsed.data.embeddings.map((vector) => vector.map((number) => number ?? NaN));
    throw new EmbedderError('bad-answer', 'The embedder’s answer does not have the form of Ollama’s.');
  });
}

/** The first request may have to load the model from a slow disk. */
const LIMIT_MS = 180_000;

const answer = z.object({ embeddings: z.array(z.array(z.number().nullable())) });

/** What is missing most often is the model itself. */
function withPull(error: unknown, model: string): unknown {
  if (!(error instanceof EmbedderError) || error.kind !== 'refused' || !/not found/i.test(error.message))
    return error;
  return new EmbedderError('refused', error.message, {
    action: `Run \`ollama pull ${model}\`, or correct the model in “strata.memory.embedder”.`,
  });
}
