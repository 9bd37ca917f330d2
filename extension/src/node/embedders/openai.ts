import * as z from 'zod';
import { EmbedderError, type Embedder, type EmbedderConfig } from '../../core/memory/embedding/index.ts';
import { postJson } from './post-json.ts';
import { embedderOf } from './served-embedder.ts';

/**
 * Anything that speaks OpenAI's `/embeddings`. Of its SDK one request would be used, and 400 KB of it loaded; what makes it
 * worth its weight elsewhere, the shapes of messages and streams, does not occur here.
 */
export function openaiEmbedder(config: EmbedderConfig): Embedder {
  const official = new URL(config.baseUrl).hostname === 'api.openai.com';
  const voyage = /(?:^|\.)voyageai\.com$/.test(new URL(config.baseUrl).hostname);
  const azure = AZURE.test(new URL(config.baseUrl).hostname);
  return embedderOf(config, async (texts, { role, signal }) => {
    const { value } = await postJson({
      url: `${config.baseUrl}/embeddings`,
      key: azure ? undefined : config.key,
      ...(azure && config.key !== undefined ? { headers: { 'api-key': config.key } } : {}),
      signal,
      limitMs: LIMIT_MS,
      body: {
        model: config.model,
        input: texts,
        ...(config.dimensions === undefined
          ? {}
          : { [voyage ? 'output_dimension' : 'dimensions']: config.dimensions }),
        // A quarter of the size. Servers that are not OpenAI's may refuse the word or not heed it; either form is read.
        ...(official ? { encoding_format: 'base64' } : {}),
        ...(voyage ? { input_type: role } : {}),
      },
    });
    return inOrder(read(value), texts.length);
  });
}

/** A full batch on a local server without a GPU takes most of a minute. */
const LIMIT_MS = 120_000;
const AZURE = /(?:^|\.)(?:openai|services\.ai|cognitiveservices)\.azure\.com$/;

// `null` is how a server that writes JSON by Python's or JavaScript's rules spells NaN; it is refused as one later.
const vector = z.union([z.array(z.number().nullable()), z.string()]);
const answer = z.object({
  data: z.array(z.object({ embedding: vector, index: z.number().int().optional() })),
});

function read(value: unknown): z.infer<typeof answer>['data'] {
  const parsed = answer.safeParse(value);
  if (parsed.success) return parsed.data.data;
  throw new EmbedderError('bad-answer', 'The embedder’s answer does not have the form of OpenAI’s.');
}

/** By `index`, where all have one: servers that split a batch over workers answer out of order. */
function inOrder(
  data: z.infer<typeof answer>['data'],
  count: number,
): readonly (readonly number[] | Float32Array)[] {
  const indexes = new Set(data.map(({ index }) => index));
  const usable = data.length === count && indexes.size === count && !indexes.has(undefined);
  const sorted = usable ? [...data].sort((a, b) => (a.index ?? 0) - (b.index ?? 0)) : data;
  return sorted.map(({ embedding }) =>
    typeof embedding === 'string' ? floatsOf(embedding) : embedding.map((number) => number ?? NaN),
  );
}

/** Little-endian floats in base64. Copied, since a Buffer may begin at an address that floats cannot. */
function floatsOf(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % 4 !== 0)
    throw new EmbedderError('bad-answer', 'The embedder answered with a vector that is cut off.');
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
}
