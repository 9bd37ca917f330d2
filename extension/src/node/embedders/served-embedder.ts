import {
  checkVectors,
  cutText,
  embeddingModel,
  CHARACTERS_A_TOKEN,
  type Embedder,
  type EmbedderConfig,
  type EmbedOptions,
} from '../../core/memory/embedding/index.ts';

/** Asks a model for vectors of texts that are ready to be sent, in their order, unchecked. */
export type AskForVectors = (
  texts: readonly string[],
  options: EmbedOptions,
) => Promise<readonly (readonly number[] | Float32Array)[]>;

/** What all embedders have in common: the words that a model wants before a text, its length, and the checks of its answers. */
export function embedderOf(
  config: EmbedderConfig,
  ask: AskForVectors,
  dispose: () => Promise<void> = () => Promise.resolve(),
): Embedder {
  const model = embeddingModel(config.model);
  const longestText = Math.min(model.context * CHARACTERS_A_TOKEN, LONGEST_TEXT);
  let dimension: number | undefined;
  return {
    id: `${config.provider}/${config.model}`,
    identity: JSON.stringify([
      config.provider,
      config.model,
      config.baseUrl,
      config.dimensions ?? null,
      model.prefix,
    ]),
    weight: config.weight ?? model.weight,
    longestText,
    async embed(texts, options) {
      if (texts.length === 0) return [];
      const prefix = model.prefix[options.role];
      const ready = texts.map(
        (text) => prefix + (cutText(text, longestText - prefix.length).trim() || EMPTY),
      );
      const expected = { count: texts.length, dimension: config.dimensions ?? dimension };
      const vectors = checkVectors(await ask(ready, options), expected);
      dimension ??= vectors[0]?.length;
      return vectors;
    },
    dispose,
  };
}

/** A chunk of code is far shorter; more of a document than this says little about any one part of it. */
const LONGEST_TEXT = 12_000;
/** Servers refuse an empty text. */
const EMPTY = '.';
