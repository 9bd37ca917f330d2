import type { Table } from '@lancedb/lancedb';
import { fullTextQuery, type Chunk } from '../../../core/memory/index.ts';
import type { Arrow, LanceDb } from '../load.ts';
import { numberIn, textIn } from '../rows.ts';
import { quoted, type TableShape } from '../store.ts';
import { PLACES_VERSION } from './places/schema.ts';

/** Rows are added once and never changed; where they stand is in the places. */
export function chunkShape({ Field, Schema, Utf8 }: Arrow): TableShape {
  const columns = ['id', 'content', 'path', 'symbol', 'kind', 'language', 'text', 'derived'];
  return {
    name: 'chunks',
    version: PLACES_VERSION,
    schema: new Schema(columns.map((name) => new Field(name, new Utf8(), false))),
    text: 'derived',
    keys: ['id', 'path'],
    title: 'index of the workspace',
  };
}

/** A row without what only the text index reads; its kind and its language follow from its path. */
export interface ChunkRow {
  readonly id: string;
  readonly content: string;
  readonly path: string;
  readonly symbol?: string;
  readonly text: string;
}

export async function addChunks(table: Table, chunks: readonly Chunk[]): Promise<void> {
  for (const rows of batchesOf(chunks)) await table.add(rows);
}

/** The same where another machine may have added them meanwhile. */
export async function mergeChunks(table: Table, chunks: readonly Chunk[]): Promise<void> {
  for (const rows of batchesOf(chunks)) await table.mergeInsert('id').whenNotMatchedInsertAll().execute(rows);
}

function batchesOf(chunks: readonly Chunk[]): Record<string, string>[][] {
  const batches: Record<string, string>[][] = [];
  for (let from = 0; from < chunks.length; from += ROWS_AT_ONCE) {
    const part = chunks.slice(from, from + ROWS_AT_ONCE);
    batches.push(
      part.map(({ id, content, path, symbol, kind, language, text, derived }) => ({
        ...{ id, content, path, kind, text, derived },
        ...{ symbol: symbol ?? '', language: language ?? '' },
      })),
    );
  }
  return batches;
}

/** A row that a search found, and what the places do not know of it. */
export interface FoundRow {
  readonly id: string;
  readonly symbol?: string;
  readonly text: string;
  readonly score: number;
}

/**
 * What the text index finds, best first. Rows that are not in it yet are left out. The rows come with the scores: asked for
 * by their ids afterwards, 50 of 130,000 took four times as long as finding them. Each further column costs as well.
 */
export async function matchingRows(
  lancedb: LanceDb,
  table: Table,
  query: string,
  where: string | undefined,
  limit: number,
): Promise<FoundRow[]> {
  const words = fullTextQuery(query);
  if (words === undefined || limit === 0) return [];
  const search = table
    .query()
    .fullTextSearch(new lancedb.MatchQuery(words, 'derived'))
    .fastSearch()
    .select(['id', 'symbol', 'text', '_score'])
    .limit(limit);
  const rows = (await (where === undefined ? search : search.where(where)).toArray()) as unknown[];
  return rows.map((row) => {
    const symbol = textIn(row, 'symbol');
    return {
      id: textIn(row, 'id'),
      ...(symbol === '' ? {} : { symbol }),
      text: textIn(row, 'text'),
      score: numberIn(row, '_score'),
    };
  });
}

export async function rowsOf(table: Table, ids: readonly string[]): Promise<ChunkRow[]> {
  return await selected(table, ids, ROW_COLUMNS, chunkRowIn);
}

const ROW_COLUMNS = ['id', 'content', 'path', 'symbol', 'text'];

function chunkRowIn(row: unknown): ChunkRow {
  const symbol = textIn(row, 'symbol');
  return {
    id: textIn(row, 'id'),
    content: textIn(row, 'content'),
    path: textIn(row, 'path'),
    ...(symbol === '' ? {} : { symbol }),
    text: textIn(row, 'text'),
  };
}

/** With what the text index reads of them. */
export async function rowsToIndex(
  table: Table,
  ids: readonly string[],
): Promise<(ChunkRow & { readonly derived: string })[]> {
  return await selected(table, ids, [...ROW_COLUMNS, 'derived'], (row) => ({
    ...chunkRowIn(row),
    derived: textIn(row, 'derived'),
  }));
}

/** Those of the ids that the table has; one that it has twice is named twice. */
export async function idsAmong(table: Table, ids: readonly string[]): Promise<string[]> {
  return await selected(table, ids, ['id'], (row) => textIn(row, 'id'));
}

export async function allIdsIn(table: Table): Promise<string[]> {
  const rows = (await table.query().select(['id']).toArray()) as unknown[];
  return rows.map((row) => textIn(row, 'id'));
}

export async function deleteChunks(table: Table, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += ROWS_AT_ONCE)
    await table.delete(`id IN (${listed(ids.slice(from, from + ROWS_AT_ONCE))})`);
}

async function selected<T>(
  table: Table,
  ids: readonly string[],
  columns: string[],
  read: (row: unknown) => T,
): Promise<T[]> {
  const found: T[] = [];
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
    const where = `id IN (${listed(ids.slice(from, from + IDS_AT_ONCE))})`;
    const rows = (await table.query().where(where).select(columns).toArray()) as unknown[];
    for (const row of rows) found.push(read(row));
  }
  return found;
}

function listed(ids: readonly string[]): string {
  return ids.map(quoted).join(', ');
}

/** Some 5 MB: one commit writes so many rows. */
const ROWS_AT_ONCE = 2_000;
const IDS_AT_ONCE = 500;
