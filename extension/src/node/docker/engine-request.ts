import { request } from 'node:http';
import type { Connection } from './addresses.ts';

const maxAnswerBytes = 1024 * 1024;

class EngineRefusal extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, body: string) {
    super(`status ${statusCode}: ${body.trim().slice(0, 200)}`);
    this.statusCode = statusCode;
  }
}

/**
 * One GET to an engine. Beside dockerode, because discovery needs a limit on every call (dockerode's typings offer none for
 * ping and info) and should cost nothing where there is no engine.
 */
export function engineGet(
  connection: Exclude<Connection, { kind: 'remote' }>,
  path: string,
  signal: AbortSignal,
): Promise<string> {
  const target =
    connection.kind === 'socket'
      ? { socketPath: connection.socketPath }
      : { host: connection.host, port: connection.port };
  return new Promise((resolve, reject) => {
    const call = request(
      { ...target, path, method: 'GET', signal, agent: false, headers: { host: 'docker' } },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (text: string) => {
          body += text;
          if (body.length > maxAnswerBytes) call.destroy(new Error('the answer is too long'));
        });
        answer.on('error', reject);
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve(body);
          else reject(new EngineRefusal(answer.statusCode ?? 0, body));
        });
      },
    );
    call.on('error', reject);
    call.end();
  });
}
