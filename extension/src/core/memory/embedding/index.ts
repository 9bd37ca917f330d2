export { BATCH_LIMITS, cutText, nextBatch, type BatchLimits } from './batches.ts';
export { checkVectors } from './check-vectors.ts';
export {
  EMBEDDER_PROVIDERS,
  embedderConfig,
  type Embedder,
  type EmbedderConfig,
  type EmbedderProvider,
  type EmbedOptions,
  type Loading,
  type TextRole,
} from './embedder.ts';
export { CHARACTERS_A_TOKEN, embeddingModel, type EmbeddingModel } from './embedding-models.ts';
export { EmbedderError, embedderSilent, isEmbedderError, type EmbedderErrorKind } from './errors.ts';
export { pauseAfter } from './retry.ts';
export {
  EMBEDDER_CHOICES,
  embedderFrom,
  embedderOfEnvironment,
  readEmbedderSetting,
  type EmbedderChoice,
  type EmbedderSetting,
  type EmbedderSurroundings,
} from './settings.ts';
