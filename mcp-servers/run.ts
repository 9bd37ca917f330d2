import type { ChildProcess } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import { OutputCapture, type Capture } from './capture.ts';
import { streamer } from './streamer.ts';

interface Finished {
  readonly stdout: Capture;
  readonly stderr: Capture;
}

export type Outcome =
  | (Finished & {
      readonly kind: 'exited';
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
    })
  | (Finished & { readonly kind: 'timed-out'; readonly seconds: number })
  | (Finished & { readonly kind: 'cancelled' })
  | { readonly kind: 'not-started'; readonly reason: string };

export interface RunOptions {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly directory: string;
  /** Default: that of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly signal: AbortSignal;
  /** Text for its standard input, which is empty otherwise. */
  readonly input?: string;
  /** Output for people while it runs; no more than the first 256 KiB of it. */
  readonly onOutput: (text: string) => void;
}

/** How long output may still come in after the command itself has ended. */
const drainMs = 250;

/** Runs programs, each to its end, its limit or its cancellation, with everything that it starts. */
export class ProgramRunner {
  readonly #running = new Set<ChildProcess>();

  async run(options: RunOptions): Promise<Outcome> {
    return runProgram(options, this.#running);
  }

  killAll(): void {
    for (const child of this.#running) killGroup(child);
  }
}

async function runProgram(options: RunOptions, running: Set<ChildProcess>): Promise<Outcome> {
  options.signal.throwIfAborted();
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn(options.program, options.arguments, {
    cwd: options.directory,
    env: options.environment ?? process.env,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: true, // A process group of its own, so that everything it started can be killed at once.
  });
  running.add(child);
  if (child.stdin) {
    child.stdin.on('error', () => undefined); // It ended without reading all of it, as its exit code tells.
    child.stdin.end(options.input);
  }
  const stdout = new OutputCapture();
  const stderr = new OutputCapture();
  const stream = streamer(options.onOutput);
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout.push(chunk);
    stream(decoders.stdout.write(chunk));
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr.push(chunk);
    stream(decoders.stderr.write(chunk));
  });

  let cut: 'timed-out' | 'cancelled' | undefined;
  const cutOff = (why: 'timed-out' | 'cancelled') => {
    cut ??= why;
    killGroup(child);
  };
  const timer = setTimeout(() => cutOff('timed-out'), options.seconds * 1000);
  const onAbort = () => cutOff('cancelled');
  options.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const end = await ended(child);
    if (end.kind === 'not-started') return end;
    const finished = { stdout: stdout.end(), stderr: stderr.end() };
    if (cut === 'timed-out') return { kind: cut, seconds: options.seconds, ...finished };
    if (cut === 'cancelled') return { kind: cut, ...finished };
    return { ...end, ...finished };
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', onAbort);
    running.delete(child);
  }
}

type End =
  | { readonly kind: 'exited'; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly kind: 'not-started'; readonly reason: string };

/** Resolves when the command has ended and its output is in, also when a process it left behind holds the pipes. */
function ended(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ kind: 'not-started', reason: error.message }));
    child.once('exit', (code, signal) => {
      killGroup(child);
      const end: End = { kind: 'exited', code, signal };
      const late = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve(end);
      }, drainMs);
      child.once('close', () => {
        clearTimeout(late);
        resolve(end);
      });
    });
  });
}

/** Ends a child that leads a process group, with all of the group. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: all of it is gone already, which is what was wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
