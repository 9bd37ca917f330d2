import type { Connection, Session, Table } from '@lancedb/lancedb';
import { sharedMemoryForeign, sharedMemoryNewer, type SharedPlace } from '../../../core/memory/index.ts';
import type { Native } from '../load.ts';
import { compact, createIndexes, type TableShape } from '../store.ts';

/** A connection to tables that other machines use, too. Nothing is asked for yet. */
export async function connectShared(
  { lancedb }: Native,
  { uri, storageOptions }: SharedPlace,
  options: { readonly session?: Session; readonly readConsistencyInterval?: number } = {},
): Promise<Connection> {
  const { session, ...reading } = options;
  if (!uri.startsWith('db://'))
    return await lancedb.connect(
      uri,
      { ...reading, storageOptions: { ...LIMITS, ...storageOptions } },
      session,
    );
  const { api_key: apiKey, region, host_override: hostOverride } = storageOptions;
  return await lancedb.connect(uri, {
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(region === undefined ? {} : { region }),
    ...(hostOverride === undefined ? {} : { hostOverride }),
    clientConfig: { timeoutConfig: { connectTimeout: 5, readTimeout: 15 }, retryConfig: { retries: 2 } },
  });
}

/** Its own are ten retries and three minutes for each request. */
const LIMITS: Readonly<Record<string, string>> = {
  timeout: '20s',
  connect_timeout: '5s',
  client_max_retries: '2',
  client_retry_timeout: '10',
  download_retry_count: '1',
};

/** Whether the service looks after the tables itself. */
export function isManaged({ uri }: SharedPlace): boolean {
  return uri.startsWith('db://');
}

/**
 * Made by whichever machine comes first. The name says the version of the shape: a table of an older one stays as it is for
 * those who have the older Strata, and one of a newer one means that this Strata is to be updated.
 */
export async function openSharedTable(
  native: Native,
  connection: Connection,
  place: SharedPlace,
  shape: TableShape,
): Promise<Table> {
  const stem = `${place.prefix}${shape.name}-`;
  const names = await connection.tableNames({ startAfter: stem, limit: MOST_NAMES });
  const versions = names
    .filter((name) => name.startsWith(stem))
    .map((name) => Number(name.slice(stem.length)));
  if (versions.some((version) => version > shape.version)) throw sharedMemoryNewer(place.uri, shape.title);
  const name = `${stem}${String(shape.version)}`;
  const table = versions.includes(shape.version)
    ? await connection.openTable(name)
    : await connection.createEmptyTable(name, shape.schema, { mode: 'create', existOk: true });
  try {
    const columns = new Set((await table.schema()).fields.map((field) => field.name));
    if (shape.schema.fields.some((field) => !columns.has(field.name)))
      throw sharedMemoryForeign(place.uri, name);
    await indexAll(native, table, shape);
    return table;
  } catch (error) {
    table.close();
    throw error;
  }
}

/** Whoever made the table may have gone before it was indexed, and two may be at it at once. */
export async function indexAll(native: Native, table: Table, shape: TableShape): Promise<void> {
  for (let tries = TRIES; ; tries--) {
    const indexed = new Set((await table.listIndices()).flatMap(({ columns }) => columns));
    if ([shape.text, ...shape.keys].every((column) => indexed.has(column))) return;
    try {
      await createIndexes(native, table, shape, indexed);
      return;
    } catch (error) {
      if (tries <= 1 || !isConflict(error)) throw error;
      await table.checkoutLatest();
    }
  }
}

/** As `compact`, for readers on machines whose clocks differ. Services do so by themselves. */
export async function compactShared(table: Table, now: number, place: SharedPlace): Promise<void> {
  if (!isManaged(place)) await compact(table, now, HOUR_MS);
}

const HOUR_MS = 3_600_000;

/** Another machine has written the table meanwhile. */
export function isConflict(error: unknown): boolean {
  return /conflict|concurrent|preempted|too much contention/i.test(String(error));
}

const TRIES = 4;
const MOST_NAMES = 1_000;
