import * as z from 'zod';

export const EMBEDDER_PROVIDERS = ['openai', 'ollama', 'transformers'] as const;
export type EmbedderProvider = (typeof EMBEDDER_PROVIDERS)[number];

/** An embedder with all that is needed to call it. It holds a key, so it is passed on and never written down. */
export const embedderConfig = z.object({
  provider: z.enum(EMBEDDER_PROVIDERS),
  model: z.string(),
  /** Without a slash at its end. For `transformers` the host of models. */
  baseUrl: z.string(),
  key: z.string().exactOptional(),
  /** Asked for where it is given: some models give shorter vectors on request. */
  dimensions: z.number().int().positive().exactOptional(),
  /** Of the vectors beside the keywords, which count 1. */
  weight: z.number().nonnegative().exactOptional(),
  /** Where a local model and its runtime are kept once they were downloaded. */
  downloads: z.object({ folder: z.string(), registry: z.string() }).exactOptional(),
});
export type EmbedderConfig = z.infer<typeof embedderConfig>;

/** What a text is: several models want to be told, see `embedding-models.ts`. */
export type TextRole = 'query' | 'document';

export interface EmbedOptions {
  readonly role: TextRole;
  readonly signal: AbortSignal;
  /** A model that has to be downloaded or loaded first, in bytes. */
  readonly onLoading?: (loading: Loading) => void;
}

export interface Loading {
  readonly done: number;
  readonly total: number;
}

/** Makes vectors of texts. It never retries and never waits for long: who calls it decides when to try again. */
export interface Embedder {
  /** `provider/model`, for people. */
  readonly id: string;
  /** What the vectors depend on: those of two embedders with the same identity may be compared. */
  readonly identity: string;
  readonly weight: number;
  /** Texts beyond it are cut, in characters. */
  readonly longestText: number;
  /** One vector of length 1 for each text, all of one dimension. Throws an `EmbedderError`, or the signal's reason. */
  embed(texts: readonly string[], options: EmbedOptions): Promise<readonly Float32Array[]>;
  dispose(): Promise<void>;
}
