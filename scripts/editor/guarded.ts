import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { node24 } from './runtime.ts';

const stopLimitMs = 15_000;

/** A program that runs as a process group under a guard: it ends with `stop()`, and also when this process dies. */
export interface Guarded {
  readonly process: ChildProcess;
  /** The last lines it printed, for an error message. */
  tail(): string;
  stop(): Promise<void>;
}

export interface GuardedOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Called with each piece of output. */
  readonly onOutput?: (text: string) => void;
  /** Folders that are removed when the group has ended. */
  readonly remove?: readonly string[];
}

export function runGuarded({ command, args, env, onOutput, remove = [] }: GuardedOptions): Guarded {
  const guard = path.join(import.meta.dirname, 'guard.mjs');
  // Detached, so that Ctrl-C in the terminal reaches only us, and the guard outlives us by the moment that it needs.
  const child = spawn(node24(), [guard, JSON.stringify({ command, args, remove })], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  let kept = '';
  const keep = (piece: Buffer): void => {
    const text = piece.toString();
    kept = (kept + text).slice(-4_000);
    onOutput?.(text);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  // A guard that died before us closes its end: the exit is what is reported, not this write.
  child.stdin.on('error', () => undefined);
  const exited = once(child, 'exit');
  exited.catch(() => undefined);

  return {
    process: child,
    tail: () => kept.trim(),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const hardStop = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
      child.stdin.end();
      await exited.finally(() => clearTimeout(hardStop));
    },
  };
}
