import type { Embedder, EmbedderConfig } from '../../core/memory/embedding/index.ts';
import { ollamaEmbedder } from './ollama.ts';
import { openaiEmbedder } from './openai.ts';

/** Nothing is asked or downloaded before its first text. */
export async function openEmbedder(config: EmbedderConfig): Promise<Embedder> {
  switch (config.provider) {
    case 'openai':
      return openaiEmbedder(config);
    case 'ollama':
      return ollamaEmbedder(config);
    case 'transformers': {
      const { transformersEmbedder } = await import('./transformers/index.ts');
      return transformersEmbedder(config);
    }
  }
}
