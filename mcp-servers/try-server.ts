import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

export interface TryOptions {
  readonly limitMs: number;
  /** Default: those of this process. */
  readonly uid?: number;
  readonly gid?: number;
  /** Besides that of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether a word on the standard error is a failure, too. */
  readonly silent?: boolean;
}

/** Until a server's second thread reads its input, which is a part of what is tried. */
const settledMs = 1000;

/**
 * Starts a server, lists its tools, lists them once more when it has been there for a while, and ends its input. Returns why
 * that failed.
 */
export async function tryServer(
  [program = '', ...args]: readonly string[],
  { limitMs, environment, silent = false, ...user }: TryOptions,
): Promise<string | undefined> {
  const server = spawn(program, args, {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
    ...user,
  });
  let said = '';
  let errors = '';
  let onAnswer = (): void => undefined;
  server.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
    onAnswer();
  });
  server.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
  server.stdin.on('error', () => undefined); // It has ended, as its exit tells.
  const ended = new Promise<string>((resolve) => {
    server.once('error', (error) => resolve(error.message));
    server.once('close', (code, signal) => resolve(`the server ended with ${signal ?? code}.`));
  });
  const say = (message: object) => server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const list = (id: number): Promise<undefined> => {
    const answered = new Promise<undefined>((resolve) => {
      onAnswer = () => {
        if (said.includes(`"id":${id}`)) resolve(undefined);
      };
    });
    say({ id, method: 'tools/list' });
    return answered;
  };
  let answered = false;
  const isDone = () => answered;
  const speak = async (): Promise<void> => {
    say({
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'build', version: '1' },
      },
    });
    say({ method: 'notifications/initialized' });
    await list(2);
    await delay(settledMs);
    await list(3);
    answered = true;
    server.stdin.end();
  };
  void speak();
  const end = await ended;
  if (isDone() && server.exitCode === 0 && !(silent && errors !== '')) return undefined;
  return `${end} ${errors.trim().split('\n')[0]}`.trim();
}
