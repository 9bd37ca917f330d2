import type { Connection, Table } from '@lancedb/lancedb';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbort, isStrataError } from '../../../base/errors.ts';
import type { SharedPlace } from '../../../core/memory/index.ts';
import type { Native } from '../load.ts';
import { asStorageError, type Store, type TableShape, type WriteOptions } from '../store.ts';
import { withWriteLock } from '../write-lock.ts';
import { answeredWithin, sharedProblem } from './shared-errors.ts';
import { connectShared, isConflict, openSharedTable } from './shared-tables.ts';

/**
 * One table that several machines read and write. What stands in the local folder is the lock among the processes of this
 * machine, and what was begun and not finished. The table stays open: opening it takes a dozen requests, looking for a newer
 * version of it one.
 */
export function openSharedStore(
  native: Native,
  storageDir: string,
  shape: TableShape,
  place: SharedPlace,
): Store & { close(): void } {
  const directory = join(storageDir, shape.name);
  let opening: Promise<{ readonly connection: Connection; readonly table: Table }> | undefined;

  async function current(): Promise<Table> {
    const isNew = opening === undefined;
    opening ??= open();
    const { table } = await opening;
    if (!isNew) await table.checkoutLatest();
    return table;
  }

  async function open(): Promise<{ readonly connection: Connection; readonly table: Table }> {
    const connection = await connectShared(native, place);
    try {
      return { connection, table: await openSharedTable(native, connection, place, shape) };
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  function close(): void {
    opening?.then(
      ({ connection, table }) => {
        table.close();
        connection.close();
      },
      () => undefined, // It was never opened, so there is nothing to close.
    );
    opening = undefined;
  }

  /** What another machine has removed under our hands, or written at the same time, goes well the second time. */
  async function attempt<T>(tries: number, work: (table: Table) => Promise<T>): Promise<T> {
    try {
      return await work(await current());
    } catch (error) {
      const isOver = isStrataError(error) || isAbort(error);
      if (!isConflict(error)) close();
      const problem = sharedProblem(error, place);
      if (isOver || problem !== undefined || tries <= 1) throw problem ?? error;
      return await attempt(tries - 1, work);
    }
  }

  return {
    directory,
    read: async (work) => await answeredWithin(READ_MS, place, attempt(2, work)),
    write: async (options: WriteOptions, work) => {
      try {
        await mkdir(directory, { recursive: true });
        return await withWriteLock(`${directory}.lock`, options, () =>
          answeredWithin(
            WRITE_MS,
            place,
            attempt(WRITE_TRIES, (table) => work(table, [])),
          ),
        );
      } catch (error) {
        throw asStorageError(error, storageDir, options);
      }
    },
    close,
  };
}

/** Both are less than what the caller waits for this process, which is ended then. */
export const READ_MS = 15_000;
const WRITE_MS = 50_000;
const WRITE_TRIES = 4;
