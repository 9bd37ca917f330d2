import { EmbedderError, type EmbedderErrorKind } from '../../core/memory/embedding/index.ts';
import { kindOf, retryAfterMs } from '../../core/models/classify.ts';
import type { ModelErrorKind } from '../../core/models/model-error.ts';
import { scrubKey } from '../../core/models/scrub.ts';

const KINDS: Readonly<Record<ModelErrorKind, EmbedderErrorKind>> = {
  auth: 'auth',
  'rate-limit': 'rate-limit',
  overloaded: 'overloaded',
  timeout: 'overloaded',
  stall: 'overloaded',
  network: 'overloaded',
  'context-length': 'too-much',
  'content-policy': 'refused',
  'bad-request': 'refused',
  'bad-response': 'bad-answer',
  'no-route': 'refused',
  cancelled: 'overloaded',
};

/** Servers with a limit on the texts of one request say so in words: 422 by text-embeddings-inference, 400 by others. */
const TOO_MANY = /batch(?: ?size)?|too many inputs|array too long|maximum.*(?:inputs|items)|input length/i;

/** What a server said with a status other than 2xx. */
export function failureOf(response: Response, body: string, key: string | undefined): EmbedderError {
  const { status, headers } = response;
  if (status >= 300 && status < 400) {
    return new EmbedderError(
      'refused',
      `The embedder’s server redirects elsewhere (${String(status)}), which Strata does not follow with a key.`,
      { action: 'Set the address that it redirects to in “strata.memory.embedder”.' },
    );
  }
  const { message, codes } = said(body);
  const shown = shorten(scrubKey(message, key));
  const isBatch = [400, 413, 422].includes(status) && TOO_MANY.test(message);
  const kind = isBatch ? 'too-much' : KINDS[kindOf({ status, codes, message })];
  const wait = retryAfterMs(headers, Date.now());
  return new EmbedderError(kind, `${lead(kind)} (${String(status)})${shown === '' ? '' : `: ${shown}`}`, {
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

function lead(kind: EmbedderErrorKind): string {
  if (kind === 'auth') return 'The embedder’s server refused the key or the account';
  if (kind === 'rate-limit') return 'The embedder’s rate limit is reached';
  if (kind === 'too-much') return 'The request is too large for the embedder';
  return 'The embedder’s server answered with an error';
}

/** OpenAI's `{ error: { message } }`, Ollama's `{ error }`, FastAPI's `{ detail }`, and a list around any of them. */
function said(body: string): { readonly message: string; readonly codes: readonly string[] } {
  const answer = read(body);
  const first: unknown = Array.isArray(answer) ? answer[0] : answer;
  const error = memberOf(first, 'error');
  const codes = ['code', 'type', 'error_type']
    .flatMap((name) => [memberOf(error, name), memberOf(first, name)])
    .filter((code) => typeof code === 'string');
  const texts = [error, memberOf(error, 'message'), memberOf(first, 'message'), memberOf(first, 'detail')];
  const message = texts.find((text) => typeof text === 'string');
  if (message !== undefined) return { message, codes };
  const isPage = /<(?:!doctype|html)\b/i.test(body);
  return { message: isPage ? 'an HTML page; is this the address of an embedder?' : body, codes };
}

function read(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // Quoted as it is.
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (Reflect.get(value, name) as unknown) : undefined;
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

const LONGEST = 300;
