import type { Table } from '@lancedb/lancedb';
import { fullTextQuery } from '../../core/memory/index.ts';
import type { LanceDb } from './load.ts';

/** At most so many rows whose text has words of the query, with their `_score`; those of equal score in any order. */
export async function matchingRows(
  lancedb: LanceDb,
  table: Table,
  query: string,
  most: number,
  columns?: string[],
): Promise<unknown[]> {
  const words = fullTextQuery(query);
  if (words === undefined || most === 0) return [];
  const search = table.query().fullTextSearch(new lancedb.MatchQuery(words, 'derived')).limit(most);
  return (await (columns === undefined ? search : search.select(columns)).toArray()) as unknown[];
}

export function textIn(row: unknown, column: string): string {
  const value: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, column) : undefined;
  if (typeof value !== 'string') throw new Error(`Column "${column}" holds no text.`);
  return value;
}

export function numberIn(row: unknown, column: string): number {
  const value: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, column) : undefined;
  if (typeof value !== 'number') throw new Error(`Column "${column}" holds no number.`);
  return value;
}
