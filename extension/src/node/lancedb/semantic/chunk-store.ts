import type { Table } from '@lancedb/lancedb';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { isAbort, isStrataError, messageOf } from '../../../base/errors.ts';
import { memoryDamaged, type SharedPlace } from '../../../core/memory/index.ts';
import { replaceFile } from '../atomic-file.ts';
import type { Native } from '../load.ts';
import { answeredWithin, sharedProblem } from '../shared/shared-errors.ts';
import { READ_MS } from '../shared/shared-store.ts';
import { connectShared, openSharedTable } from '../shared/shared-tables.ts';
import {
  asStorageError,
  createTable,
  reasonOf,
  setAside,
  type TableShape,
  type WriteOptions,
} from '../store.ts';
import { withWriteLock } from '../write-lock.ts';
import type { Opened } from './opened.ts';
import { openForReading, openForWriting } from './places/open-places.ts';
import { reconcile, settle } from './reconcile.ts';

export interface ChunkStore {
  /** Where the table lies, when other machines use it, too. */
  readonly shared: SharedPlace | undefined;
  /** undefined when nothing was written yet. A store that cannot be read throws `memory-damaged`. */
  read<T>(work: (opened: Opened) => Promise<T>): Promise<T | undefined>;
  /** As the only writer of this machine, and not while LanceDB's upkeep goes on elsewhere: that need not wait. */
  write<T>(options: WriteOptions, work: (opened: Opened) => Promise<T>): Promise<T>;
  /** Another one when a process, this one or another, has written or begun it anew. */
  stamp(): Promise<string>;
  /** What had to be set aside since it was last asked; one sentence each. */
  notes(): string[];
  /** Forgets all of it on this machine. */
  clear(options: WriteOptions): Promise<void>;
  /** As it is open now, for what must not wait. */
  peek(): Opened | undefined;
  close(): void;
}

export function openChunkStore(
  native: Native,
  storageDir: string,
  shape: TableShape,
  shared: SharedPlace | undefined,
): ChunkStore {
  const directory = join(storageDir, shape.name);
  const marker = join(directory, 'damaged');
  let open: OpenStore | undefined;
  let opening: Promise<unknown> = Promise.resolve();
  /** The store that was found sound by this process. */
  let sound: string | undefined;
  let notes: string[] = [];

  /** One after another: two that come at once must not open it twice. */
  function current(head: Head, use: 'read' | 'write'): Promise<OpenStore> {
    const next = opening.then(async () => {
      if (open?.made !== head.made) {
        close();
        open = await openStoreAt(native, directory, shape, shared, head.made);
        return open;
      }
      // Before the table: what is written in between is seen as new the next time.
      const version = dataVersion(open.places);
      // Whoever else on this machine changes the table tells the places afterwards, and what we write ourselves we have.
      const isLatest = use === 'read' && shared === undefined && version === open.version;
      if (!isLatest) await open.table.checkoutLatest();
      open.version = version;
      return open;
    });
    opening = next.catch(() => undefined); // Whoever asked hears of it.
    return next;
  }

  async function read<T>(work: (opened: Opened) => Promise<T>): Promise<T | undefined> {
    const attempt = async (): Promise<{ readonly value: T } | undefined> => {
      const head = headOf(directory);
      if (head === undefined) return undefined;
      // An older one is built anew by the next write, and has nothing to say until then.
      if (head.version < shape.version) return undefined;
      if (head.version > shape.version) throw memoryDamaged(shape.title);
      return { value: await work(await current(head, 'read')) };
    };
    const within = async (): Promise<T | undefined> => {
      const found = shared === undefined ? attempt() : answeredWithin(READ_MS, shared, attempt());
      return (await found)?.value;
    };
    try {
      return await within();
    } catch (error) {
      if (isStrataError(error) || isAbort(error)) throw error;
      close();
      const problem = shared === undefined ? undefined : sharedProblem(error, shared);
      if (problem !== undefined) throw problem;
      await sleep(REBUILD_MS); // Another process may just be rebuilding it.
    }
    try {
      return await within();
    } catch (error) {
      if (isStrataError(error) || isAbort(error)) throw error;
      close();
      if (shared !== undefined)
        throw sharedProblem(error, shared) ?? asStorageError(error, shared.uri, READING);
      // The next write rebuilds it. Where even the marker cannot be written, that write finds out for itself.
      await writeFile(marker, messageOf(error)).catch(() => undefined);
      throw memoryDamaged(shape.title, error);
    }
  }

  async function write<T>(options: WriteOptions, work: (opened: Opened) => Promise<T>): Promise<T> {
    try {
      await mkdir(storageDir, { recursive: true });
      return await withWriteLock(`${directory}.lock`, options, async () => {
        const opened = await prepared();
        await settle(opened);
        return await work(opened);
      });
    } catch (error) {
      // What was left half done is put right before the next write.
      sound = undefined;
      const problem = shared === undefined ? undefined : sharedProblem(error, shared);
      if (problem !== undefined && !isStrataError(error)) close();
      throw problem ?? asStorageError(error, storageDir, options);
    }
  }

  /** Under the write lock: a store that is there, readable, of this version and at one with its places. */
  async function prepared(): Promise<OpenStore> {
    const head = headOf(directory);
    const known = head?.version === shape.version && head.made === sound && !existsSync(marker);
    // What was sound a moment ago may have been taken away since: then it is looked at as a whole.
    const opened = known ? await current(head, 'write').catch(() => undefined) : undefined;
    if (opened?.writable === false) throw readOnlyPlaces(directory);
    if (opened !== undefined) return opened;
    close();
    if (head !== undefined || existsSync(directory)) {
      const reason = head?.version === shape.version ? await damage(head) : reasonOf(head?.version, shape);
      if (reason === undefined && head !== undefined) {
        sound = head.made;
        return await current(head, 'write');
      }
      close();
      // An older shape is no loss: all of it is in the workspace.
      if (head !== undefined && head.version < shape.version) await rm(directory, { recursive: true });
      else {
        const aside = await setAside(directory);
        notes.push(
          `The stored ${shape.title} ${reason ?? ''}; the old data was moved to ${aside} and a new store was begun.`,
        );
      }
    }
    return await begin();
  }

  async function damage(head: Head): Promise<string | undefined> {
    if (existsSync(marker)) return 'could not be read any more';
    try {
      const opened = await current(head, 'write');
      if (!opened.writable) throw readOnlyPlaces(directory);
      opened.places.prepare('SELECT count(*) FROM piece').get();
      // A table that is shared has rows of others.
      await reconcile(opened, shared === undefined ? 'all ours' : 'shared');
      await opened.table
        .query()
        .fullTextSearch(new native.lancedb.MatchQuery('a', shape.text))
        .limit(1)
        .toArray();
      return undefined;
    } catch (error) {
      if (shared !== undefined || isUnwritable(error)) throw error;
      return `is damaged (${(messageOf(error).split('\n')[0] ?? '').slice(0, 200)})`;
    }
  }

  async function begin(): Promise<OpenStore> {
    await mkdir(directory, { recursive: true });
    if (shared === undefined) {
      const connection = await native.lancedb.connect(directory);
      try {
        await createTable(native, connection, shape);
      } finally {
        connection.close();
      }
    }
    const head: Head = { version: shape.version, made: randomUUID() };
    // Written last: a store without it was not finished, and is begun anew.
    await replaceFile(join(directory, HEAD_FILE), JSON.stringify(head));
    sound = head.made;
    return await current(head, 'write');
  }

  function close(): void {
    open?.close();
    open = undefined;
  }

  return {
    shared,
    read,
    write,
    peek: () => open,
    stamp: async () => {
      const head = headOf(directory);
      if (head === undefined || head.made !== open?.made) return head?.made ?? '';
      return `${head.made} ${dataVersion(open.places)}`;
    },
    notes: () => notes.splice(0),
    clear: async (options) => {
      try {
        await mkdir(storageDir, { recursive: true });
        await withWriteLock(`${directory}.lock`, options, async () => {
          close();
          notes = [];
          // A search at this very moment may put a file of SQLite into it, until it finds the folder gone.
          await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
        });
      } catch (error) {
        throw asStorageError(error, storageDir, options);
      }
    },
    close,
  };
}

/** Another one after each transaction of another connection. */
export function dataVersion(places: DatabaseSync): string {
  return String(places.prepare('PRAGMA data_version').get()?.['data_version']);
}

interface OpenStore extends Opened {
  readonly made: string;
  readonly writable: boolean;
  version: string;
  close(): void;
}

async function openStoreAt(
  native: Native,
  directory: string,
  shape: TableShape,
  shared: SharedPlace | undefined,
  made: string,
): Promise<OpenStore> {
  const { lancedb } = native;
  // Its own limits are gigabytes.
  const session = new lancedb.Session(INDEX_CACHE_BYTES, METADATA_CACHE_BYTES);
  const connection =
    shared === undefined
      ? await lancedb.connect(directory, {}, session)
      : await connectShared(native, shared, { session });
  let table: Table | undefined;
  try {
    table =
      shared === undefined
        ? await connection.openTable(shape.name)
        : await openSharedTable(native, connection, shared, shape);
    const { places, writable } = openPlaces(join(directory, 'places.db'));
    const opened = table;
    return {
      made,
      table,
      places,
      writable,
      // Another process may have written since the table was opened.
      version: '',
      close: () => {
        places.close();
        opened.close();
        connection.close();
      },
    };
  } catch (error) {
    table?.close();
    connection.close();
    throw error;
  }
}

function openPlaces(file: string): { readonly places: DatabaseSync; readonly writable: boolean } {
  try {
    return { places: openForWriting(file), writable: true };
  } catch (error) {
    const places = isUnwritable(error) ? openForReading(file) : undefined;
    if (places === undefined) throw error;
    return { places, writable: false };
  }
}

// SQLITE_READONLY and SQLITE_CANTOPEN, https://www.sqlite.org/rescode.html
const UNWRITABLE = [8, 14];

function isUnwritable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('errcode' in error && typeof error.errcode === 'number')
    return UNWRITABLE.includes(error.errcode & 0xff);
  return 'code' in error && ['EROFS', 'EACCES', 'EPERM'].includes(String(error.code));
}

function readOnlyPlaces(directory: string): Error {
  return Object.assign(new Error(`EROFS: read-only file system, ${directory}`), { code: 'EROFS' });
}

interface Head {
  readonly version: number;
  /** Another one whenever it was begun anew: a process that has the old one open notices. */
  readonly made: string;
}

const headFile = z.object({ version: z.number().int(), made: z.string().default('') });

/** undefined when there is no store, or the file says nothing. */
/** At once: on the way through the pool of threads a search would wait for whatever else is there. */
function headOf(directory: string): Head | undefined {
  try {
    return headFile.parse(JSON.parse(readFileSync(join(directory, HEAD_FILE), 'utf8')));
  } catch {
    return undefined; // Missing or unreadable comes to the same: the next write begins anew.
  }
}

const HEAD_FILE = 'schema.json';
const REBUILD_MS = 200;
const READING: WriteOptions = { waitMs: 0, what: 'read the index', signal: new AbortController().signal };
/** The text index of 100,000 chunks and its like. */
const INDEX_CACHE_BYTES = 96n * 1024n * 1024n;
const METADATA_CACHE_BYTES = 32n * 1024n * 1024n;
