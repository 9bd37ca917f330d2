import { messageOf } from '../../base/errors.ts';
import { EmbedderError, embedderSilent } from '../../core/memory/embedding/index.ts';
import { failureOf } from './server-failure.ts';

export interface JsonPost {
  readonly url: string;
  readonly body: object;
  readonly key: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** For the whole answer. */
  readonly limitMs: number;
}

/** One request for vectors. Throws an `EmbedderError`, or the signal's reason; no text of a failure holds the key. */
export async function postJson({
  url,
  body,
  key,
  headers,
  signal,
  limitMs,
}: JsonPost): Promise<{ readonly value: unknown; readonly headers: Headers }> {
  signal.throwIfAborted();
  const limit = AbortSignal.timeout(limitMs);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...headers,
      },
      body: JSON.stringify(body),
      // Another server would be handed the key and the texts.
      redirect: 'manual',
      signal: AbortSignal.any([signal, limit]),
    });
    const text = await textOf(response);
    if (!response.ok) throw failureOf(response, text, key);
    return { value: parsed(text), headers: response.headers };
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) throw embedderSilent(limitMs);
    if (error instanceof EmbedderError) throw error;
    throw new EmbedderError(
      'unreachable',
      `The embedder at ${new URL(url).host} cannot be reached (${causesOf(error)}).`,
    );
  }
}

/** 64 texts of 8,192 numbers in decimal come to some 10 MB; anything far beyond that is no answer. */
const MOST_BYTES = 64 * 1024 * 1024;

async function textOf(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  const parts: ReadableStream<Uint8Array> = response.body;
  for await (const part of parts) {
    bytes += part.byteLength;
    if (bytes > MOST_BYTES)
      throw new EmbedderError('bad-answer', 'The embedder’s answer is larger than 64 MB.');
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What it is in place of JSON says little: most often the page of a proxy or of another program.
    throw new EmbedderError('bad-answer', 'The embedder answered with something that is no JSON.');
  }
}

/** undici says "fetch failed" and puts what happened into the cause. */
function causesOf(error: unknown): string {
  const parts = new Set<string>();
  for (let at: unknown = error; at instanceof Error && parts.size < 4; at = at.cause) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : '';
    const told =
      at.message === '' || at.message.includes(code) ? at.message || code : `${at.message} ${code}`;
    if (told !== 'fetch failed' && told !== '') parts.add(told.slice(0, 200));
  }
  return parts.size === 0 ? messageOf(error) : [...parts].join(': ');
}
