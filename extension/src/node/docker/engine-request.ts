import { request } from 'node:http';
import * as z from 'zod';
import type { Connection } from './addresses.ts';

const maxAnswerBytes = 16 * 1024 * 1024;

export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With its query. */
  readonly path: string;
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
 * One question to an engine whose answer is a text. dockerode is left for what streams: it listens to no errors of an
 * answer that has begun, so an engine that dies just then, or an abort, would end this whole process.
 */
export function engineRequest(
  connection: Exclude<Connection, { kind: 'remote' }>,
  options: EngineRequest,
): Promise<string> {
  const { method, path, body, signal } = options;
  const target =
    connection.kind === 'socket'
      ? { socketPath: connection.socketPath }
      : { host: connection.host, port: connection.port };
  const content = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    host: 'docker',
    ...(content === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }),
  };
  return new Promise((resolve, reject) => {
    const call = request({ ...target, path, method, signal, agent: false, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece: string) => {
        text += piece;
        if (text.length > maxAnswerBytes) call.destroy(new Error('the answer is too long'));
      });
      answer.on('error', reject);
      answer.on('end', () => {
        const status = answer.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(text);
        else reject(new EngineRefusal(status, text));
      });
    });
    call.on('error', reject);
    call.end(content);
  });
}

const refusal = z.object({ message: z.string() });

function reasonIn(body: string): string | undefined {
  try {
    return refusal.safeParse(JSON.parse(body)).data?.message.trim();
  } catch {
    return undefined; // Something between us and the engine answered.
  }
}
