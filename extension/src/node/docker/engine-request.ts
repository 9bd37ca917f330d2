import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { openRequest, type Connection } from './connection.ts';
import { untilAnswered } from './until-answered.ts';

const maxAnswerBytes = 16 * 1024 * 1024;

export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With its query. */
  readonly path: string;
  /** JSON, or an archive as it is. */
  readonly body?: object;
  readonly signal: AbortSignal;
}

class EngineRefusal extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, body: string) {
    super(reasonIn(body) ?? `status ${statusCode}`);
    this.statusCode = statusCode;
  }
}

/**
 * One question to an engine whose answer is a text. dockerode is no help here: it listens to no errors of an answer that
 * has begun, so an engine that dies just then, or an abort, would end this whole process.
 */
export async function engineRequest(connection: Connection, options: EngineRequest): Promise<string> {
  const answer = await begin(connection, options);
  const text = await textOf(answer);
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return text;
  throw new EngineRefusal(status, text);
}

/**
 * One question whose answer goes on, such as the engine's events. The signal and the limit hold until the answer begins;
 * whoever reads on ends it with `destroy`, and listens to its errors.
 */
export async function engineStream(
  connection: Connection,
  options: EngineRequest & { readonly limitMs: number },
): Promise<IncomingMessage> {
  const answer = await untilAnswered(options, (signal) => begin(connection, { ...options, signal }));
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return answer;
  throw new EngineRefusal(status, await textOf(answer));
}

/**
 * One question that turns its connection into a stream both ways, as attaching to a container does. It is asked without a body,
 * not even an empty one in pieces: Podman feeds whatever comes after the head into the container's input.
 */
export function engineSocket(
  connection: Connection,
  options: { readonly path: string; readonly signal: AbortSignal; readonly limitMs: number },
): Promise<Duplex> {
  return untilAnswered(options, (signal) => {
    const headers = { connection: 'Upgrade', upgrade: 'tcp', 'content-length': 0 };
    const call = openRequest(connection, { method: 'POST', path: options.path, headers, signal });
    return new Promise<Duplex>((resolve, reject) => {
      call.on('upgrade', (_answer, socket, head) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      call.on('response', (answer) => {
        textOf(answer).then((text) => reject(new EngineRefusal(answer.statusCode ?? 0, text)), reject);
      });
      call.on('error', reject);
      call.end();
    });
  });
}

function begin(connection: Connection, options: EngineRequest): Promise<IncomingMessage> {
  const { method, path, body, signal } = options;
  const content = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const type = Buffer.isBuffer(body) ? 'application/x-tar' : 'application/json';
  const headers = content ? { 'content-type': type, 'content-length': content.length } : {};
  return new Promise((resolve, reject) => {
    const call = openRequest(connection, { method, path, headers, signal });
    call.on('response', resolve);
    call.on('error', reject);
    call.end(content);
  });
}

function textOf(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    answer.setEncoding('utf8');
    answer.on('data', (piece: string) => {
      text += piece;
      if (text.length > maxAnswerBytes) answer.destroy(new Error('the answer is too long'));
    });
    answer.on('error', reject);
    answer.on('end', () => resolve(text));
  });
}

/** By hand: this file also runs in the reaper, which is kept small. */
function reasonIn(body: string): string | undefined {
  try {
    const said: unknown = JSON.parse(body);
    if (typeof said !== 'object' || said === null || !('message' in said)) return undefined;
    return typeof said.message === 'string' ? said.message.trim() : undefined;
  } catch {
    // Something between us and the engine answered, or its TLS did: a line of text, or a page.
    return body.length < 200 && !body.includes('<') && body.trim() !== '' ? body.trim() : undefined;
  }
}

/** The HTTP status with which the engine refused. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}
