import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isStrataError } from '../../base/errors.ts';
import { isBusy, isDamage, storageError } from './errors.ts';
import type { MovedAside } from './moved-aside.ts';
import { salvage } from './salvage.ts';
import { prepareSchema } from './schema.ts';

export interface OpenedDatabase {
  readonly database: DatabaseSync;
  readonly movedAside: MovedAside | undefined;
}

/** Opens or makes the database. A damaged one is kept under another name, and a new one is begun. */
export function openDatabase(path: string, now: () => number): OpenedDatabase {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw storageError(
      path,
      Object.assign(new Error('cannot make the folder', { cause: error }), { errcode: 14 }),
    );
  }
  try {
    return { database: openChecked(path), movedAside: undefined };
  } catch (error) {
    if (isStrataError(error)) throw error;
    if (!isDamage(error)) throw storageError(path, error);
  }
  const aside = `${path}.damaged-${now()}`;
  rmSync(suspicion(path), { force: true });
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  const database = openChecked(path);
  try {
    return { database, movedAside: { path: aside, ...salvage(aside, database) } };
  } catch (error) {
    database.close();
    throw storageError(path, error);
  }
}

/** How long to wait for others who open the same file at this very moment. */
const BUSY_MS = 5000;
const RETRY_MS = 5;
/** The log beside the file is cut back to this once it is written over from its start. */
const WAL_BYTES = 16 * 1024 ** 2;

/**
 * SQLite does not wait by itself where waiting could be a deadlock: the switch to WAL, and the recovery after a crash, are
 * refused at once when another process is about the same. It is done within milliseconds, so it is tried again.
 */
function openChecked(path: string): DatabaseSync {
  for (const end = Date.now() + BUSY_MS; ;) {
    try {
      return openOnce(path);
    } catch (error) {
      if (!isBusy(error) || Date.now() > end) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}

function openOnce(path: string): DatabaseSync {
  // What is left beside the file by a process that was killed, or by one that has it open.
  const unclean = sizeOf(`${path}-wal`) > 0 && sizeOf(path) <= CHECKED_BYTES;
  const suspected = existsSync(suspicion(path));
  const database = new DatabaseSync(path);
  try {
    // NORMAL is safe against a killed process; a power cut may lose the newest commits, never the file.
    // The first of all in a new file: room can be given back in small portions only where it was said before the first table.
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = ${WAL_BYTES};`);
    prepareSchema(database, path);
    database.prepare('SELECT count(*) FROM run').get();
    if (unclean || suspected) checkPages(database);
    rmSync(suspicion(path), { force: true });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Looking through a file takes 2 to 4 ms per MB; a larger one is looked through only after an error. */
const CHECKED_BYTES = 16 * 1024 ** 2;

function checkPages(database: DatabaseSync): void {
  const found = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (found !== 'ok') throw Object.assign(new Error(String(found)), { errcode: 11 });
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** A page could not be read: the next one to open the log looks through all of it. */
export function suspectDamage(path: string): void {
  writeFileSync(suspicion(path), '');
}

function suspicion(path: string): string {
  return `${path}-suspect`;
}
