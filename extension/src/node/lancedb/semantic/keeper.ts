import { mkdir } from 'node:fs/promises';
import type { DatabaseSync } from 'node:sqlite';
import { dirname } from 'node:path';
import { tryLock } from '../write-lock.ts';

/**
 * Which of the processes that have a folder open keeps its index up to date. It is a lock that is held for as long as the
 * process lives, so when it goes, however it goes, another one takes over.
 */
export interface Keeper {
  /** Decided when it resolves. Where nothing can be written, nobody keeps anything. */
  isHere(): Promise<boolean>;
  /** Another process has it, and this one is there to take over. */
  readonly isWaiting: boolean;
  close(): void;
}

export function openKeeper(lockFile: string, onTakeOver: () => void): Keeper {
  let lock: DatabaseSync | undefined;
  let trying: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function attempt(): Promise<void> {
    try {
      await mkdir(dirname(lockFile), { recursive: true });
      lock = await tryLock(lockFile);
    } catch {
      return; // It cannot be written; whoever writes is told so.
    }
    if (!closed) return;
    lock?.close();
    lock = undefined;
  }

  function watch(): void {
    timer ??= setInterval(() => {
      if (lock !== undefined) return;
      trying = attempt();
      void trying.then(() => {
        if (lock !== undefined) onTakeOver();
      });
    }, TAKE_OVER_MS);
    timer.unref();
  }

  return {
    isHere: async () => {
      trying ??= attempt();
      await trying;
      if (!closed) watch();
      return lock !== undefined;
    },
    get isWaiting() {
      return trying !== undefined && lock === undefined;
    },
    close: () => {
      closed = true;
      clearInterval(timer);
      lock?.close();
      lock = undefined;
    },
  };
}

const TAKE_OVER_MS = 2_000;
