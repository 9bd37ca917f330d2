export { createModels, type ModelsOptions } from './create-models.ts';
export { STREAM_LIMITS, type StreamLimits } from './limits.ts';
export { probeOllama } from './ollama.ts';
export { createPrices, openProvider } from './open-provider.ts';
