import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';

export interface CorpusFacts {
  readonly rows: number;
  /** Words of all rows together, repeated ones as often as they stand there. */
  readonly words: number;
}

/** Rows that came to the table, by the words in them. Rows that are removed are not taken off: it is a statistic. */
export function countWords(
  database: DatabaseSync,
  counted: CorpusFacts & { readonly rowsWith: ReadonlyMap<string, number> },
): void {
  const put = database.prepare(
    'INSERT INTO word (word, rows) VALUES (?, ?) ON CONFLICT (word) DO UPDATE SET rows = rows + excluded.rows',
  );
  for (const [word, rows] of counted.rowsWith) put.run(word, rows);
  const before = corpusFacts(database);
  putMeta(database, 'rows', before.rows + counted.rows);
  putMeta(database, 'words', before.words + counted.words);
}

export function corpusFacts(database: DatabaseSync): CorpusFacts {
  return { rows: numberAt(database, 'rows') ?? 0, words: numberAt(database, 'words') ?? 0 };
}

export function rowsWith(database: DatabaseSync, word: string): number {
  const found = database.prepare('SELECT rows FROM word WHERE word = ?').get(word);
  return found === undefined ? 0 : z.object({ rows: z.number() }).parse(found).rows;
}

export function putMeta(database: DatabaseSync, key: string, value: number): void {
  database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, value);
}

export function numberAt(database: DatabaseSync, key: string): number | undefined {
  const found = database.prepare('SELECT value FROM meta WHERE key = ?').get(key);
  return found === undefined ? undefined : z.object({ value: z.number() }).parse(found).value;
}
