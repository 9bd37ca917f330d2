import { isStrataError, StrataError } from '../../../base/errors.ts';

export type EmbedderErrorKind =
  | 'auth'
  | 'rate-limit'
  | 'overloaded'
  | 'unreachable'
  | 'silent'
  | 'refused'
  | 'too-much'
  | 'bad-answer'
  | 'download';

/** Why texts could not be embedded. Its code is `embedder-<kind>`. The message never holds a key. */
export class EmbedderError extends StrataError {
  readonly kind: EmbedderErrorKind;
  /** Milliseconds that the server asked us to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: EmbedderErrorKind,
    message: string,
    details: { readonly action?: string; readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    const cause = 'cause' in details ? { cause: details.cause } : {};
    super(`embedder-${kind}`, message, details.action ?? ACTIONS[kind], { ...cause, passing: true });
    this.kind = kind;
    this.retryAfterMs = details.retryAfterMs;
  }
}

const ACTIONS: Readonly<Record<EmbedderErrorKind, string>> = {
  auth: 'Set a valid key with “Strata: Set API Key”, or choose another embedder.',
  'rate-limit': 'Nothing to do: it goes on by itself. Keyword search works meanwhile.',
  overloaded: 'Nothing to do: it is tried again by itself. Keyword search works meanwhile.',
  unreachable:
    'Start the server or correct its address in “strata.memory.embedder”. Keyword search works meanwhile.',
  silent: 'Check the server’s load, or choose a smaller model. Keyword search works meanwhile.',
  refused: 'Check the model name and the address in “strata.memory.embedder”.',
  'too-much': 'Choose a model with a larger context.',
  'bad-answer':
    'Check that “strata.memory.embedder” names an embedding model, or choose another one. Keyword search works meanwhile.',
  download:
    'Check the network, and choose the embedder again to try once more. Keyword search works meanwhile.',
};

/** By shape, since each bundle has its own copy of the class. */
export function isEmbedderError(error: unknown): error is EmbedderError {
  return isStrataError(error) && 'kind' in error && error.code === `embedder-${String(error.kind)}`;
}

export function badVectors(what: string): EmbedderError {
  return new EmbedderError('bad-answer', `The embedder answered with ${what}.`);
}

export function embedderSilent(ms: number): EmbedderError {
  return new EmbedderError(
    'silent',
    `The embedder gave no answer within ${String(Math.round(ms / 1000))} s.`,
  );
}

/** Where an embedder was chosen: in the editor, or in the environment of a terminal. */
export type EmbedderWhere = 'setting' | 'variable';

/** A mistake in the setting, as one sentence without its end. */
export function embedderSettingMistake(what: string, where: EmbedderWhere): StrataError {
  return where === 'setting'
    ? new StrataError(
        'embedder-setting',
        `The setting “strata.memory.embedder” ${what}.`,
        'Correct it, or run “Strata: Choose Embedder”. Until then search is by keyword.',
      )
    : new StrataError(
        'embedder-setting',
        `The environment variable STRATA_EMBEDDER ${what}.`,
        'Set it to provider/model, such as ollama/nomic-embed-text, or to the JSON of the setting “strata.memory.embedder”. Until then search is by keyword.',
      );
}

/** As the layer of models says it, which knows where keys are set. */
export function noKeyForEmbedder({ message, action }: StrataError): EmbedderError {
  return new EmbedderError('auth', message, { action });
}
