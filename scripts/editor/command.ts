import { spawn } from 'node:child_process';

export interface CommandResult {
  readonly code: number;
  /** The last 4,000 characters of what it printed. */
  readonly tail: string;
}

/** Runs a program to its end; a program that cannot be started or is stopped by the limit has code 1. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env: NodeJS.ProcessEnv;
    readonly limitMs: number;
    readonly shell?: boolean;
  },
): Promise<CommandResult> {
  return await new Promise((resolve) => {
    const child = spawn(command, args, {
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.limitMs,
      killSignal: 'SIGKILL',
      shell: options.shell ?? false,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    let tail = '';
    const keep = (piece: Buffer): void => {
      tail = (tail + piece.toString()).slice(-4_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => {
      resolve({ code: 1, tail: `${tail}${error.message}` });
    });
    child.once('close', (code, signal) => {
      if (signal !== null) tail += `\nended by ${signal}`;
      resolve({ code: code ?? 1, tail: tail.trim() });
    });
  });
}
