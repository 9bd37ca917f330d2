import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import type { Engine } from '../engine.ts';
import { openRequest } from '../connection.ts';
import { untilAnswered } from '../until-answered.ts';

const maxRefusalCharacters = 16 * 1024;

export interface StreamedRequest {
  /** With its query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** An archive. It is destroyed at the end, whatever that is. */
  readonly body?: Readable;
  readonly signal: AbortSignal;
  /** Until the answer begins, and so for the whole of the body. */
  readonly limitMs: number;
}

/**
 * Posts an archive, or nothing, to an engine that then reports its progress. Both directions may break at any time: an
 * archive that cannot be read on, an engine that dies. Either ends the request with that error and nothing else.
 */
export async function streamedRequest(engine: Engine, options: StreamedRequest): Promise<IncomingMessage> {
  const { body, signal, limitMs } = options;
  try {
    const answer = await untilAnswered({ signal, limitMs }, (limit) => begin(engine, options, limit));
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    throw Object.assign(new Error(await refusalOf(answer)), { statusCode: status });
  } finally {
    body?.destroy();
  }
}

function begin(engine: Engine, options: StreamedRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { path, query, headers, body } = options;
  const call = openRequest(engine.connection, {
    method: 'POST',
    path: `${path}?${new URLSearchParams(query).toString()}`,
    headers: { ...headers, ...(body ? { 'content-type': 'application/x-tar' } : { 'content-length': 0 }) },
    signal,
  });
  return new Promise((resolve, reject) => {
    call.once('response', resolve);
    call.on('error', reject); // Also after the answer has begun: that it ended too early is seen there.
    if (!body) call.end();
    // An engine that refuses at once closes while the archive is still on its way; what it said is the better reason.
    else pipeline(body, call).catch((error: unknown) => setTimeout(() => reject(toError(error)), 50));
  });
}

const refusal = z.object({ message: z.string() });

async function refusalOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  answer.setEncoding('utf8');
  for await (const piece of answer) {
    text += String(piece);
    if (text.length > maxRefusalCharacters) break;
  }
  try {
    return refusal.parse(JSON.parse(text)).message.trim();
  } catch {
    return `status ${answer.statusCode ?? 0}`; // Something between us and the engine answered.
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
