import type { Table } from '@lancedb/lancedb';
import { hashOf, languageOf, type Chunk, type Hit } from '../../../core/memory/index.ts';
import type { Arrow, LanceDb } from '../load.ts';
import { matchingRows, numberIn, textIn } from '../rows.ts';
import { quoted, type TableShape } from '../store.ts';

/** Raise the version also when the rules change by which files are cut or left out: the index is then built anew. */
export function chunkShape({ Field, Float64, Schema, Utf8 }: Arrow): TableShape {
  const text = (name: string): InstanceType<typeof Field> => new Field(name, new Utf8(), false);
  const number = (name: string): InstanceType<typeof Field> => new Field(name, new Float64(), false);
  return {
    name: 'chunks',
    version: 1,
    schema: new Schema([
      ...['id', 'path', 'symbol', 'text', 'derived', 'language', 'fileHash'].map(text),
      ...['start', 'end'].map(number),
    ]),
    text: 'derived',
    keys: ['id', 'path'],
    title: 'index of the workspace',
  };
}

/** One file as it is to stand in the table; no chunks takes it out. */
export interface FileChunks {
  readonly path: string;
  readonly hash: string;
  readonly chunks: readonly Chunk[];
}

/** What the table holds of each file: this, and not the manifest, says what is indexed. */
export async function indexedFiles(
  table: Table,
): Promise<Map<string, { readonly hash: string; readonly chunks: number }>> {
  const found = new Map<string, { hash: string; chunks: number }>();
  for (const row of (await table.query().select(['path', 'fileHash']).toArray()) as unknown[]) {
    const [path, hash] = [textIn(row, 'path'), textIn(row, 'fileHash')];
    const known = found.get(path);
    if (known === undefined) found.set(path, { hash, chunks: 1 });
    else found.set(path, { hash: known.hash === hash ? hash : '', chunks: known.chunks + 1 });
  }
  return found;
}

/**
 * Replaces the chunks of these files in one commit, so that a process that is killed leaves the old ones or the new.
 * Chunks that only moved within their file keep their id and are updated.
 */
export async function replaceFiles(
  table: Table,
  files: readonly FileChunks[],
  present: ReadonlySet<string>,
): Promise<void> {
  const rows = files.flatMap(rowsOf);
  const replaced = files.filter((file) => present.has(file.path)).map((file) => quoted(file.path));
  if (replaced.length === 0) {
    if (rows.length > 0) await table.add(rows);
  } else if (rows.length === 0) {
    await table.delete(`path IN (${replaced.join(', ')})`);
  } else {
    await table
      .mergeInsert('id')
      .whenMatchedUpdateAll()
      .whenNotMatchedInsertAll()
      .whenNotMatchedBySourceDelete({ where: `path IN (${replaced.join(', ')})` })
      .execute(rows);
  }
}

export async function removeFiles(table: Table, paths: readonly string[]): Promise<void> {
  for (let from = 0; from < paths.length; from += PATHS_AT_ONCE) {
    await table.delete(
      `path IN (${paths
        .slice(from, from + PATHS_AT_ONCE)
        .map(quoted)
        .join(', ')})`,
    );
  }
}

/** The best hits, best first; a text that stands in several files is one hit. */
export async function searchChunks(
  lancedb: LanceDb,
  table: Table,
  query: string,
  limit: number,
): Promise<Hit[]> {
  const columns = ['path', 'symbol', 'text', 'start', 'end', '_score'];
  const rows = await matchingRows(lancedb, table, query, Math.min(limit * SPARE, MOST_ROWS), columns);
  const seen = new Set<string>();
  const hits: Hit[] = [];
  for (const hit of rows.map(hitOf).sort(byRank)) {
    const content = hashOf(hit.text);
    if (hits.length === limit || seen.has(content)) continue;
    seen.add(content);
    hits.push(hit);
  }
  return hits;
}

/** Scores differ in the last digits from one index build to the next; among equals the order must not. */
function byRank(a: Hit, b: Hit): number {
  const difference = Math.round(b.score * 1e4) - Math.round(a.score * 1e4);
  return difference || (a.path === b.path ? a.startLine - b.startLine : a.path < b.path ? -1 : 1);
}

/** Copies of one text take places among the rows; so many are asked for more than are wanted. */
const SPARE = 3;
const MOST_ROWS = 1_000;
const PATHS_AT_ONCE = 500;

function rowsOf(file: FileChunks): Record<string, string | number>[] {
  return file.chunks.map((chunk) => ({
    id: chunk.id,
    path: chunk.path,
    symbol: chunk.symbol ?? '',
    text: chunk.text,
    derived: chunk.derived,
    language: languageOf(chunk.path) ?? '',
    fileHash: file.hash,
    start: chunk.startLine,
    end: chunk.endLine,
  }));
}

function hitOf(row: unknown): Hit {
  const symbol = textIn(row, 'symbol');
  return {
    path: textIn(row, 'path'),
    startLine: numberIn(row, 'start'),
    endLine: numberIn(row, 'end'),
    ...(symbol === '' ? {} : { symbol }),
    text: textIn(row, 'text'),
    score: numberIn(row, '_score'),
  };
}
