import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDamage } from './errors.ts';

/** What may be lost without harm, in a file of its own beside the log. */
export interface SideDatabase {
  /** Undefined when it cannot be done now: the disk is full, somebody else is at it, the file was damaged. Never throws. */
  use<T>(work: (database: DatabaseSync) => T): T | undefined;
  dispose(): void;
}

const WAL_BYTES = 4 * 1024 ** 2;

export interface SideOptions {
  readonly format: number;
  readonly tables: string;
  /** How long others who write are waited for. */
  readonly busyMs: number;
  /** Of a new file; rows of hundreds of kilobytes are read several times as fast from large ones. */
  readonly pageBytes?: number;
}

/** A file of another format, or one that is damaged, is made anew. It is opened at its first use. */
export function openSideDatabase(
  path: string,
  { format, tables, busyMs, pageBytes = 4096 }: SideOptions,
): SideDatabase {
  let database: DatabaseSync | undefined;
  let disposed = false;

  const open = (): DatabaseSync => {
    mkdirSync(dirname(path), { recursive: true });
    const opened = new DatabaseSync(path);
    try {
      opened.exec(`PRAGMA busy_timeout = ${busyMs}; PRAGMA page_size = ${pageBytes}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
        PRAGMA journal_size_limit = ${WAL_BYTES};`);
      const known = Number(opened.prepare('PRAGMA user_version').get()?.['user_version']);
      if (known !== 0 && known !== format) throw Object.assign(new Error('another format'), { errcode: 26 });
      opened.exec(`BEGIN IMMEDIATE; ${tables}; PRAGMA user_version = ${format}; COMMIT`);
      return opened;
    } catch (error) {
      opened.close();
      throw error;
    }
  };
  const startAnew = (): void => {
    database?.close();
    database = undefined;
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  };
  const attempt = <T>(work: (opened: DatabaseSync) => T): T => {
    database ??= open();
    return work(database);
  };

  return {
    use: (work) => {
      if (disposed) return undefined;
      try {
        return attempt(work);
      } catch (error) {
        if (database?.isTransaction) database.exec('ROLLBACK');
        if (!isDamage(error)) return undefined;
      }
      try {
        startAnew();
        return attempt(work);
      } catch {
        // Whoever asks goes on without it: a cache is empty, a limit counts in this process.
        return undefined;
      }
    },
    dispose: () => {
      disposed = true;
      database?.close();
      database = undefined;
    },
  };
}
