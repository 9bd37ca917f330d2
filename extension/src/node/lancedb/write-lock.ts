import { rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryBusy, memoryStorageFull, memoryStorageUnwritable } from '../../core/memory/index.ts';

/**
 * Runs `work` as the only writer. Two processes that write a LanceDB table at once make silent duplicates
 * (lancedb#3377), so each table has a lock: an exclusive SQLite transaction on a file beside it. The operating system
 * lets go of it when the owner dies, however it dies, so there is no stale lock to judge.
 */
export async function withWriteLock<T>(
  file: string,
  options: { readonly waitMs: number; readonly what: string; readonly signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  const until = performance.now() + options.waitMs;
  for (;;) {
    options.signal.throwIfAborted();
    const lock = await tryLock(file);
    if (lock !== undefined) {
      try {
        return await work();
      } finally {
        lock.close(); // Rolls the empty transaction back.
      }
    }
    if (performance.now() >= until) throw memoryBusy(options.what);
    await sleep(POLL_MS, undefined, { signal: options.signal });
  }
}

const POLL_MS = 50;

/** The lock if nobody has it; closing it gives it back. */
export async function tryLock(file: string): Promise<DatabaseSync | undefined> {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database?.close();
    const code = sqliteCode(error);
    if (code === BUSY || code === LOCKED) return undefined;
    if (code === NOT_A_DATABASE || code === CORRUPT) {
      await rm(file, { force: true });
      return undefined;
    }
    if (code === FULL) throw memoryStorageFull(file, error);
    throw memoryStorageUnwritable(file, error);
  }
}

// Primary result codes, https://www.sqlite.org/rescode.html
const [BUSY, LOCKED, CORRUPT, FULL, NOT_A_DATABASE] = [5, 6, 11, 13, 26];

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined;
}
