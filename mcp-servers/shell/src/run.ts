import { spawn, type ChildProcess } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import { OutputCapture, type Capture } from './capture.ts';

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

export interface RunArguments {
  readonly command: string;
  readonly directory: string;
  readonly seconds: number;
}

export interface RunOptions extends RunArguments {
  readonly signal: AbortSignal;
  /** Output for people while it runs; no more than the first 256 KiB of it. */
  readonly onOutput: (text: string) => void;
}

const streamedLimit = 256 * 1024;
/** How long output may still come in after the command itself has ended. */
const drainMs = 250;

const running = new Set<ChildProcess>();

export function killAll(): void {
  for (const child of running) killGroup(child);
}

export async function runCommand(options: RunOptions): Promise<Outcome> {
  options.signal.throwIfAborted();
  const child = spawn('/bin/sh', ['-c', options.command], {
    cwd: options.directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // A process group of its own, so that everything it started can be killed at once.
  });
  running.add(child);
  const stdout = new OutputCapture();
  const stderr = new OutputCapture();
  const stream = streamer(options.onOutput);
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  child.stdout.on('data', (chunk: Buffer) => {
    stdout.push(chunk);
    stream(decoders.stdout.write(chunk));
  });
  child.stderr.on('data', (chunk: Buffer) => {
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

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: all of it is gone already, which is what was wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Passes text on in pieces of at most ten a second. */
function streamer(onOutput: (text: string) => void): (text: string) => void {
  let pending = '';
  let sent = 0;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    timer = undefined;
    if (pending === '') return;
    onOutput(pending);
    pending = '';
  };
  return (text) => {
    const piece = text.slice(0, streamedLimit - sent);
    if (piece === '') return;
    sent += piece.length;
    pending += piece;
    timer ??= setTimeout(flush, 100).unref();
  };
}
