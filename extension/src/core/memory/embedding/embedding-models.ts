import type { TextRole } from './embedder.ts';

/** Every name of an embedding model that Strata knows by itself stands in this file, and only here. */
export interface EmbeddingModel {
  /** Put before a text; models that were trained with such words measure clearly worse without them. */
  readonly prefix: Readonly<Record<TextRole, string>>;
  /** Of the vectors in score fusion, where the keywords count 1. */
  readonly weight: number;
  /** Tokens of one text. */
  readonly context: number;
  /** How a local model's vectors of tokens become one of the text; servers do it by themselves. */
  readonly pooling: 'mean' | 'cls' | 'last_token';
}

/**
 * The measured case is a weak sentence encoder: at weight 0.3 it helped the keywords a little, at equal weight it made them clearly
 * worse. So what is trained for code, or is among the largest, counts as much as the keywords; a good general model less, since
 * it was trained on prose; a small or unknown one hardly more than the measured one.
 */
const STRONG = 1;
const GENERAL = 0.6;
const MODEST = 0.35;

const NO_PREFIX = { query: '', document: '' };
const onlyQuery = (query: string): EmbeddingModel['prefix'] => ({ query, document: '' });

const FOR_PASSAGES = onlyQuery('Represent this sentence for searching relevant passages: ');
const FOR_CODE = onlyQuery('Represent this query for searching relevant code: ');
const QWEN = onlyQuery('Instruct: Given a question about a code base, retrieve code that answers it\nQuery:');
const GEMMA = { query: 'task: search result | query: ', document: 'title: none | text: ' };

/** The first pattern that fits the bare model name counts. Sources: the model cards. */
const MODELS: readonly (readonly [RegExp, Omit<EmbeddingModel, 'pooling'> & Partial<EmbeddingModel>])[] = [
  [/^text-embedding-3-large/, { prefix: NO_PREFIX, weight: STRONG, context: 8_191 }],
  [/^text-embedding-(?:3-small|ada-002)/, { prefix: NO_PREFIX, weight: GENERAL, context: 8_191 }],
  [/^gemini-embedding/, { prefix: NO_PREFIX, weight: STRONG, context: 2_048 }],
  [/^voyage-(?:code|3|4)/, { prefix: NO_PREFIX, weight: STRONG, context: 16_000 }],
  [/^codestral-embed/, { prefix: NO_PREFIX, weight: STRONG, context: 8_192 }],
  [/^(?:nomic-embed-code|coderankembed)/, { prefix: FOR_CODE, weight: STRONG, context: 2_048 }],
  [
    /^nomic-embed-text/,
    { prefix: { query: 'search_query: ', document: 'search_document: ' }, weight: GENERAL, context: 2_048 },
  ],
  [/^qwen3-embedding/, { prefix: QWEN, weight: STRONG, context: 8_192, pooling: 'last_token' }],
  [/^embeddinggemma/, { prefix: GEMMA, weight: GENERAL, context: 2_048 }],
  [/^jina-embeddings-v2-base-code/, { prefix: NO_PREFIX, weight: STRONG, context: 8_192 }],
  [/^bge-m3/, { prefix: NO_PREFIX, weight: GENERAL, context: 8_192, pooling: 'cls' }],
  [/^bge-\w+-en/, { prefix: FOR_PASSAGES, weight: GENERAL, context: 512, pooling: 'cls' }],
  [/^mxbai-embed/, { prefix: FOR_PASSAGES, weight: GENERAL, context: 512, pooling: 'cls' }],
  [
    /^snowflake-arctic-embed.*(?:2\.0|2$|embed2)/,
    { prefix: onlyQuery('query: '), weight: GENERAL, context: 8_192, pooling: 'cls' },
  ],
  [/^snowflake-arctic-embed/, { prefix: FOR_PASSAGES, weight: GENERAL, context: 512, pooling: 'cls' }],
  [
    /^(?:multilingual-)?e5-(?!.*instruct)/,
    { prefix: { query: 'query: ', document: 'passage: ' }, weight: GENERAL, context: 512 },
  ],
  [/^gte-/, { prefix: NO_PREFIX, weight: GENERAL, context: 512 }],
  // Trained on 128 tokens and cut at 256.
  [/^(?:all-|paraphrase-|multi-qa-)?minilm/, { prefix: NO_PREFIX, weight: MODEST, context: 256 }],
];

const UNKNOWN = { prefix: NO_PREFIX, weight: MODEST, context: 512 };

/** What is known of a model, by its name without owner, tag and file suffix. */
export function embeddingModel(name: string): EmbeddingModel {
  const bare = (name.toLowerCase().split('/').at(-1) ?? '').replace(/:.*$/, '');
  return { pooling: 'mean', ...(MODELS.find(([pattern]) => pattern.test(bare))?.[1] ?? UNKNOWN) };
}

/** Code has about three characters a token, prose four; the smaller number keeps a text within the model's context. */
export const CHARACTERS_A_TOKEN = 3;
