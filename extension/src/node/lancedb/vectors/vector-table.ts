import type { Connection, Table } from '@lancedb/lancedb';
import type { SharedPlace } from '../../../core/memory/index.ts';
import type { Native } from '../load.ts';
import { numberIn, textIn } from '../rows.ts';
import { sharedProblem } from '../shared/shared-errors.ts';
import { compactShared, isManaged } from '../shared/shared-tables.ts';
import { compact, quoted } from '../store.ts';
import { indexPlan } from './index-plan.ts';

export interface EmbeddedContent {
  readonly content: string;
  readonly vector: Float32Array;
}

export interface NearContent {
  readonly content: string;
  /** Cosine, -1 to 1. */
  readonly similarity: number;
}

/** One table of vectors of one embedder and dimension. Who writes holds the lock of `VectorTables`. */
export interface VectorTable {
  readonly name: string;
  readonly dimension: number;
  /** What has a vector in it, as this process knows. */
  readonly contents: ReadonlySet<string>;
  add(rows: readonly EmbeddedContent[]): Promise<void>;
  remove(contents: readonly string[]): Promise<void>;
  nearest(vector: Float32Array, limit: number): Promise<readonly NearContent[]>;
  /** Compacts, makes or mends the index, and drops old versions. */
  tidy(now: number): Promise<void>;
  close(): void;
}

export async function openVectorTable(
  native: Native,
  connection: Connection,
  how: { readonly name: string; readonly dimension: number; readonly shared: SharedPlace | undefined },
): Promise<VectorTable> {
  const { name, dimension, shared } = how;
  let table = await openOrMake(native, connection, name, dimension);
  const contents = await readContents(table).catch(async (error: unknown) => {
    // A server that does not answer says nothing about the table, and that is not ours alone.
    if (shared !== undefined) throw sharedProblem(error, shared) ?? error;
    // Vectors can be made again, so a damaged table is begun anew rather than set aside.
    table.close();
    await connection.dropTable(name);
    table = await openOrMake(native, connection, name, dimension);
    return new Set<string>();
  });

  // Others may write to it, so its size is asked for now and then, beside the queries.
  let rows = contents.size;
  let counted = performance.now();
  function recount(): void {
    if (performance.now() - counted < RECOUNT_MS) return;
    counted = performance.now();
    table.countRows().then(
      (now) => (rows = now),
      () => undefined, // The query itself fails then, and tells.
    );
  }

  return {
    name,
    dimension,
    contents,
    async add(rows) {
      const fresh = rows.filter(({ content }) => !contents.has(content));
      if (fresh.length === 0) return;
      const data = fresh.map(({ content, vector }) => ({ content, vector }));
      if (shared !== undefined) await table.mergeInsert('content').whenNotMatchedInsertAll().execute(data);
      else await table.add(data);
      for (const { content } of fresh) contents.add(content);
    },
    async remove(gone) {
      // They may be of what another machine has.
      if (shared !== undefined) return;
      const held = gone.filter((content) => contents.has(content));
      for (let from = 0; from < held.length; from += AT_ONCE) {
        const some = held.slice(from, from + AT_ONCE);
        await table.delete(`content IN (${some.map(quoted).join(', ')})`);
        for (const content of some) contents.delete(content);
      }
    },
    async nearest(vector, limit) {
      if (limit <= 0 || vector.length !== dimension) return [];
      recount();
      const query = table
        .query()
        .nearestTo(vector)
        .distanceType('cosine')
        .nprobes(indexPlan(Math.max(rows, contents.size)).probes)
        .select(['content', '_distance'])
        .limit(limit);
      const found = (await query.toArray()) as unknown[];
      return found.map((row) => ({
        content: textIn(row, 'content'),
        similarity: 1 - numberIn(row, '_distance'),
      }));
    },
    async tidy(now) {
      if (shared !== undefined && isManaged(shared)) return;
      await index(native, table);
      if (shared === undefined) await compact(table, now);
      else await compactShared(table, now, shared);
    },
    close: () => table.close(),
  };
}

const AT_ONCE = 500;
const RECOUNT_MS = 10_000;
const MOST_NAMES = 1_000;
const INDEX = 'vector_idx';

async function openOrMake(
  native: Native,
  connection: Connection,
  name: string,
  dimension: number,
): Promise<Table> {
  const names = await connection.tableNames({ startAfter: name.slice(0, -1), limit: MOST_NAMES });
  if (names.includes(name)) return await connection.openTable(name);
  return await connection.createEmptyTable(name, schemaOf(native, dimension), { existOk: true });
}

async function readContents(table: Table): Promise<Set<string>> {
  const found = await table.query().select(['content']).toArrow();
  const column = found.getChild('content');
  const contents = new Set<string>();
  for (const content of column ?? []) if (typeof content === 'string') contents.add(content);
  return contents;
}

function schemaOf(native: Native, dimension: number): InstanceType<Native['arrow']['Schema']> {
  const { Field, Schema, Utf8 } = native.arrow;
  return new Schema([
    new Field('content', new Utf8(), false),
    new Field('vector', listOf(native, dimension), false),
  ]);
}

function listOf(
  { arrow: { Field, FixedSizeList, Float32 } }: Native,
  dimension: number,
): InstanceType<Native['arrow']['FixedSizeList']> {
  return new FixedSizeList(dimension, new Field('item', new Float32(), true));
}

/** A scan is exact and needs no care; an index comes where a scan takes too long, and again when the table has outgrown it. */
async function index({ lancedb }: Native, table: Table): Promise<void> {
  const rows = await table.countRows();
  const plan = indexPlan(rows);
  if (plan.partitions === undefined) return;
  const known = await table.indexStats(INDEX);
  if (known !== undefined && known.numIndexedRows * 2 > rows) return;
  await table.createIndex('vector', {
    config: lancedb.Index.ivfFlat({
      distanceType: 'cosine',
      numPartitions: plan.partitions,
      // K-means looks at so many vectors of each partition and no more; twenty rounds change little after ten.
      sampleRate: 64,
      maxIterations: 10,
    }),
    replace: true,
  });
}
