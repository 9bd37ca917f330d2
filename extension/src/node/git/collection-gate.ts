import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { storageError } from './errors.ts';

/**
 * Whoever writes objects leaves a mark for that time, and whoever collects garbage a lock. Each makes its own file first and
 * then looks for the other's, so at least one of the two gives way. Otherwise an old object that nobody needed
 * could be collected in the very moment in which a new snapshot counts on it.
 */
const LOCK = 'collecting';
const MARK = '.writing';
const POLL_MS = 50;
/** No git call of ours takes that long, so what is older was left by a process whose id is somebody else's by now. */
const STALE_MS = 60 * 60_000;

export async function whileWriting<T>(
  stateDir: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const mark = join(stateDir, `${randomUUID()}${MARK}`);
  try {
    for (;;) {
      // A folder that is gone is the repository's trouble, which the work itself runs into.
      await writeFile(mark, String(process.pid)).catch((error: unknown) => {
        const known = storageError(stateDir, error);
        if (known !== error) throw known;
      });
      if (!(await isHeld(join(stateDir, LOCK)))) break;
      await rm(mark, { force: true });
      await delay(POLL_MS, undefined, { ...(signal ? { signal } : {}) });
    }
    return await work();
  } finally {
    await rm(mark, { force: true }).catch(() => undefined);
  }
}

/** False, and nothing was done, while anybody writes or collects. */
export async function whileNobodyWrites(stateDir: string, work: () => Promise<void>): Promise<boolean> {
  const lock = join(stateDir, LOCK);
  if (!(await isHeld(lock))) await rm(lock, { force: true });
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw storageError(stateDir, error);
  }
  try {
    for (const name of (await readdir(stateDir)).filter((entry) => entry.endsWith(MARK))) {
      if (await isHeld(join(stateDir, name))) return false;
      await rm(join(stateDir, name), { force: true });
    }
    await work();
    return true;
  } finally {
    await rm(lock, { force: true });
  }
}

async function isHeld(file: string): Promise<boolean> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    if (Date.now() - mtimeMs > STALE_MS) return false;
    // Empty while it is being written.
    if (text === '') return true;
    process.kill(Number(text), 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
