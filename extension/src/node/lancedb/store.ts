import type { Connection, Table } from '@lancedb/lancedb';
import type { Schema } from 'apache-arrow';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { messageOf } from '../../base/errors.ts';
import {
  memoryDamaged,
  memoryFailed,
  memoryStorageFull,
  memoryStorageUnwritable,
} from '../../core/memory/index.ts';
import { replaceFile } from './atomic-file.ts';
import { READERS_MS } from './limits.ts';
import type { Native } from './load.ts';
import { withWriteLock } from './write-lock.ts';

/** What a table is: its name, the version of its shape, its columns, and which of them are indexed. */
export interface TableShape {
  readonly name: string;
  readonly version: number;
  readonly schema: Schema;
  /** The column with the full text. */
  readonly text: string;
  /** Columns with a BTREE index; without one an upsert takes three to four times as long. */
  readonly keys: readonly string[];
  /** For people: "the stored … cannot be read". */
  readonly title: string;
}

/**
 * One table in a folder of its own, with its schema version and its write lock. The table is opened anew for each call
 * (a few ms): that is what shows the writes of another process, and survives its being rebuilt by one.
 */
export interface Store {
  readonly directory: string;
  /** undefined when nothing was written yet. A store that cannot be read throws `memory-damaged`. */
  read<T>(work: (table: Table) => Promise<T>): Promise<T | undefined>;
  write<T>(options: WriteOptions, work: (table: Table, notes: readonly string[]) => Promise<T>): Promise<T>;
}

export interface WriteOptions {
  readonly waitMs: number;
  readonly what: string;
  readonly signal: AbortSignal;
}

export function openStore(native: Native, storageDir: string, shape: TableShape): Store {
  const directory = join(storageDir, shape.name);
  const marker = join(directory, 'damaged');

  async function read<T>(work: (table: Table) => Promise<T>): Promise<T | undefined> {
    const found = await versionOf(directory);
    if (found === undefined) return undefined;
    if (found !== shape.version) throw memoryDamaged(shape.title);
    try {
      return await withTable(native, directory, shape, work);
    } catch {
      await sleep(REBUILD_MS); // Another process may just be rebuilding it.
    }
    try {
      return await withTable(native, directory, shape, work);
    } catch (error) {
      // The next write rebuilds it. Where even the marker cannot be written, that write finds out for itself.
      await writeFile(marker, messageOf(error)).catch(() => undefined);
      throw memoryDamaged(shape.title, error);
    }
  }

  async function write<T>(
    options: WriteOptions,
    work: (table: Table, notes: readonly string[]) => Promise<T>,
  ): Promise<T> {
    try {
      await mkdir(storageDir, { recursive: true });
      return await withWriteLock(`${directory}.lock`, options, async () => {
        const notes = await prepare(native, directory, shape, marker);
        return await withTable(native, directory, shape, (table) => work(table, notes));
      });
    } catch (error) {
      throw asStorageError(error, storageDir, options);
    }
  }

  return { directory, read, write };
}

/** Compacts, brings the indexes up to date and drops old versions; LanceDB never does so by itself. */
export async function compact(table: Table, now: number, keepMs = READERS_MS): Promise<void> {
  await table.optimize({ cleanupOlderThan: new Date(now - keepMs) });
}

/** A value as an SQL string literal. */
export function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

async function withTable<T>(
  native: Native,
  directory: string,
  shape: TableShape,
  work: (table: Table) => Promise<T>,
): Promise<T> {
  const connection = await native.lancedb.connect(directory);
  try {
    const table = await connection.openTable(shape.name);
    try {
      return await work(table);
    } finally {
      table.close();
    }
  } finally {
    connection.close();
  }
}

/** Under the write lock: makes sure that the table is there, readable and of this version. Returns what had to be set aside. */
async function prepare(
  native: Native,
  directory: string,
  shape: TableShape,
  marker: string,
): Promise<string[]> {
  const found = await versionOf(directory);
  const notes: string[] = [];
  if (found !== undefined || (await exists(directory))) {
    const reason =
      found === shape.version ? await damageOf(native, directory, shape, marker) : reasonOf(found, shape);
    if (reason === undefined) return notes;
    const aside = await setAside(directory);
    notes.push(
      `The stored ${shape.title} ${reason}; the old data was moved to ${aside} and a new store was begun.`,
    );
  }
  await mkdir(directory, { recursive: true });
  const connection = await native.lancedb.connect(directory);
  try {
    await createTable(native, connection, shape);
  } finally {
    connection.close();
  }
  // Written last: a store without it was not finished, and is begun anew.
  await replaceFile(join(directory, SCHEMA_FILE), JSON.stringify({ version: shape.version }));
  return notes;
}

export async function createTable(native: Native, connection: Connection, shape: TableShape): Promise<void> {
  const table = await connection.createEmptyTable(shape.name, shape.schema, { mode: 'overwrite' });
  await createIndexes(native, table, shape);
  table.close();
}

/** Of a table that has none but for those of some columns: a new one, or one whose rows were all replaced. */
export async function createIndexes(
  native: Native,
  table: Table,
  shape: TableShape,
  has: ReadonlySet<string> = new Set(),
): Promise<void> {
  const { Index } = native.lancedb;
  const text = {
    baseTokenizer: 'simple',
    language: 'English',
    stem: true,
    removeStopWords: true,
    asciiFolding: true,
  } as const;
  if (!has.has(shape.text)) {
    await table.createIndex(shape.text, {
      config: Index.fts({ ...text, lowercase: true, maxTokenLength: 40, withPosition: false }),
    });
  }
  for (const key of shape.keys.filter((one) => !has.has(one)))
    await table.createIndex(key, { config: Index.btree() });
}

async function damageOf(
  native: Native,
  directory: string,
  shape: TableShape,
  marker: string,
): Promise<string | undefined> {
  if (await exists(marker)) return 'could not be read any more';
  try {
    await withTable(native, directory, shape, async (table) => {
      await table
        .query()
        .select([...shape.keys])
        .toArray();
      await table.query().fullTextSearch(new native.lancedb.MatchQuery('a', shape.text)).limit(1).toArray();
    });
    return undefined;
  } catch (error) {
    return `is damaged (${(messageOf(error).split('\n')[0] ?? '').slice(0, 200)})`;
  }
}

export function reasonOf(found: number | undefined, shape: Pick<TableShape, 'version'>): string {
  if (found === undefined) return 'was left unfinished or is damaged';
  return found > shape.version
    ? 'was written by a newer version of Strata'
    : 'was written by an older version of Strata';
}

/** Keeps one copy: a store that breaks again and again must not fill the disk. */
export async function setAside(directory: string): Promise<string> {
  const parent = join(directory, '..');
  const prefix = `${directory.slice(parent.length + 1)}.aside-`;
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix)) await rm(join(parent, name), { recursive: true, force: true });
  }
  const aside = `${directory}.aside-${String(Date.now())}`;
  await rename(directory, aside);
  return aside;
}

const REBUILD_MS = 200;
const SCHEMA_FILE = 'schema.json';
const schemaFile = z.object({ version: z.number().int() });

/** undefined when there is no store, or its schema file says nothing. */
async function versionOf(directory: string): Promise<number | undefined> {
  try {
    return schemaFile.parse(JSON.parse(await readFile(join(directory, SCHEMA_FILE), 'utf8'))).version;
  } catch {
    return undefined; // Missing or unreadable comes to the same: the next write begins anew.
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

export function asStorageError(error: unknown, directory: string, options: WriteOptions): unknown {
  if (!(error instanceof Error) || 'action' in error || options.signal.aborted) return error;
  const text = `${'code' in error ? String(error.code) : ''} ${error.message}`;
  if (/ENOSPC|EDQUOT|no space left|disk is full|os error 28\b|quota exceeded/i.test(text))
    return memoryStorageFull(directory, error);
  if (
    /EACCES|EPERM|EROFS|ENOTDIR|ENOENT|EEXIST|read-?only|unable to open database|permission denied|os error (?:1|13|30)\b/i.test(
      text,
    )
  ) {
    return memoryStorageUnwritable(directory, error);
  }
  return memoryFailed(options.what, error);
}
