import type { Connection } from '@lancedb/lancedb';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hashOf, type SharedPlace } from '../../../core/memory/index.ts';
import type { Place } from '../handler.ts';
import type { Native } from '../load.ts';
import { connectShared } from '../shared/shared-tables.ts';
import { withWriteLock } from '../write-lock.ts';
import { openVectorTable, type VectorTable } from './vector-table.ts';

/** The tables of vectors of one workspace folder: one for each embedder and dimension. */
export interface VectorTables {
  /** The one that stands there already, with the most vectors where there are several. */
  find(identity: string): Promise<VectorTable | undefined>;
  open(identity: string, dimension: number): Promise<VectorTable>;
  /** Closes it, so that it is opened anew when it is next asked for. */
  forget(table: VectorTable): void;
  /** Drops all but one. */
  keepOnly(table: VectorTable): Promise<void>;
  /** Runs `work` as the only writer of these tables on this machine. */
  writing<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  close(): void;
}

export interface VectorPlace {
  readonly folder: string;
  /** Beside the local data, also where the tables lie elsewhere. */
  readonly lockFile: string;
  readonly lockWaitMs: number;
  /** Where the tables lie, when that is not in the folder: others write to them from other machines. */
  readonly shared?: SharedPlace | undefined;
}

export function vectorsAt({ storageDir, lockWaitMs, shared }: Place): VectorPlace {
  return { ...localVectors(storageDir, lockWaitMs), shared };
}

export function localVectors(storageDir: string, lockWaitMs: number): VectorPlace {
  const folder = join(storageDir, 'vectors');
  return { folder, lockFile: `${folder}.lock`, lockWaitMs };
}

/** Raise it when what is embedded of a content changes, or the columns do. */
const VERSION = 1;
const MOST_NAMES = 1_000;

export function openVectorTables(native: Native, place: VectorPlace): VectorTables {
  let connecting: Promise<Connection> | undefined;
  const opened = new Map<string, Promise<VectorTable>>();

  function connection(): Promise<Connection> {
    connecting ??= connect().catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    return connecting;
  }

  async function connect(): Promise<Connection> {
    // 0: each query looks whether another process has written.
    const options = { readConsistencyInterval: 0 };
    await mkdir(dirname(place.folder), { recursive: true });
    if (place.shared !== undefined) return await connectShared(native, place.shared, options);
    await mkdir(place.folder, { recursive: true });
    return await native.lancedb.connect(place.folder, options);
  }

  const prefixOf = (identity: string): string =>
    `${place.shared?.prefix ?? ''}vectors-${hashOf(`${String(VERSION)}\0${identity}`).slice(0, 12)}-`;

  async function namesLike(prefix: string): Promise<string[]> {
    const names = await (await connection()).tableNames({ startAfter: prefix, limit: MOST_NAMES });
    return names.filter((name) => name.startsWith(prefix));
  }

  function openNamed(name: string, dimension: number): Promise<VectorTable> {
    const known = opened.get(name);
    if (known !== undefined) return known;
    const opening = connection().then((open) =>
      openVectorTable(native, open, { name, dimension, shared: place.shared }),
    );
    opened.set(name, opening);
    opening.catch(() => opened.delete(name));
    return opening;
  }

  function forget(name: string): void {
    const known = opened.get(name);
    opened.delete(name);
    known?.then(
      (table) => table.close(),
      () => undefined, // It was never opened, so there is nothing to close.
    );
  }

  return {
    async find(identity) {
      const prefix = prefixOf(identity);
      let best: VectorTable | undefined;
      for (const name of await namesLike(prefix)) {
        const dimension = Number(name.slice(prefix.length));
        if (!Number.isInteger(dimension) || dimension < 1) continue;
        const table = await openNamed(name, dimension);
        if (best === undefined || table.contents.size > best.contents.size) best = table;
      }
      return best;
    },
    open: (identity, dimension) => openNamed(`${prefixOf(identity)}${String(dimension)}`, dimension),
    forget: ({ name }) => forget(name),
    async keepOnly(kept) {
      // On a bucket of a team they may be another's.
      if (place.shared !== undefined) return;
      for (const name of await namesLike('vectors-')) {
        if (name === kept.name) continue;
        forget(name);
        await (await connection()).dropTable(name);
      }
    },
    writing: (signal, work) =>
      withWriteLock(place.lockFile, { waitMs: place.lockWaitMs, what: 'writing to', signal }, work),
    close: () => {
      for (const name of [...opened.keys()]) forget(name);
      void connecting?.then(
        (open) => open.close(),
        () => undefined, // It was never opened, so there is nothing to close.
      );
      connecting = undefined;
    },
  };
}
