import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HttpReply } from '../../core/observability/otlp-export/index.ts';

const zipped = promisify(gzip);

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly gzip: boolean;
}

/** Ten times what a collector takes for a large request. */
const LIMIT_MS = 30_000;
/** Of an answer; the rest is of no use. */
const MOST_BYTES = 64 * 1024;

/** Sends one request. A redirect is not followed, because the headers hold a key that was meant for this address. */
export async function post(
  { url, headers, contentType, body, gzip: zip }: Post,
  signal: AbortSignal,
): Promise<HttpReply> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': contentType,
      ...(zip ? { 'content-encoding': 'gzip' } : {}),
    },
    body: Uint8Array.from(zip ? await zipped(body) : body),
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]),
  });
  return {
    status: answer.status,
    contentType: answer.headers.get('content-type') ?? '',
    retryAfter: answer.headers.get('retry-after') ?? undefined,
    body: await beginningOf(answer),
  };
}

async function beginningOf(answer: Response): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    pieces.push(piece);
    size += piece.length;
    if (size >= MOST_BYTES) break;
  }
  return Buffer.concat(pieces);
}
