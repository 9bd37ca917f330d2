export { createModels, sleep, type ModelsOptions } from './create-models.ts';
export type { StreamLimits } from './limits.ts';
export { probeOllama, probeOllamaEmbedders } from './ollama.ts';
export { createPrices, openProvider } from './open-provider.ts';
