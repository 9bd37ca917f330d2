import { availableParallelism } from 'node:os';
import * as lancedb from '@lancedb/lancedb';

/** A part of a file. Lines count from 1, both ends included. */
export interface Window {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
}

/** What people get from LanceDB without anything of ours: full text over windows of 40 lines, in this process. */
export interface RawIndex {
  /** Best first; with the text of each, as `Memory` gives it. */
  search(query: string, limit: number): Promise<readonly Window[]>;
  close(): void;
}

export async function openRawIndex(
  place: string,
  files: Iterable<{ readonly path: string; readonly text: string }>,
): Promise<RawIndex> {
  // On two cores LanceDB's own number of threads lets the building of a full-text index wait for itself for ever.
  process.env['LANCE_CPU_THREADS'] ??= String(Math.max(availableParallelism(), 4));
  const connection = await lancedb.connect(place);
  const windows: Window[] = [];
  let table: lancedb.Table | undefined;
  let rows: { at: number; text: string }[] = [];
  const write = async (): Promise<void> => {
    if (table === undefined) table = await connection.createTable('windows', rows);
    else await table.add(rows);
    rows = [];
  };
  for (const file of files)
    for (const { text, ...window } of windowsOf(file.path, file.text)) {
      rows.push({ at: windows.push(window) - 1, text });
      if (rows.length >= ROWS_AT_ONCE) await write();
    }
  if (rows.length > 0) await write();
  const found = table;
  if (found === undefined) throw new Error('There is nothing to index.');
  await found.createIndex('text', { config: lancedb.Index.fts() });
  return {
    async search(query, limit) {
      const words = query.replace(/[^\p{L}\p{N}\s]/gu, ' ');
      const search = found.query().fullTextSearch(new lancedb.MatchQuery(words, 'text'));
      const hits = (await search.select(['at', 'text', '_score']).limit(limit).toArray()) as unknown[];
      return hits.flatMap((row) => {
        const at: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, 'at') : undefined;
        return windows[Number(at)] ?? [];
      });
    },
    close: () => connection.close(),
  };
}

const WINDOW = 40;
const ROWS_AT_ONCE = 5_000;

function windowsOf(path: string, text: string): (Window & { readonly text: string })[] {
  const lines = text.split('\n');
  return Array.from({ length: Math.ceil(lines.length / WINDOW) }, (_, at) => ({
    path,
    startLine: at * WINDOW + 1,
    endLine: Math.min((at + 1) * WINDOW, lines.length),
    text: lines.slice(at * WINDOW, (at + 1) * WINDOW).join('\n') || ' ',
  }));
}
