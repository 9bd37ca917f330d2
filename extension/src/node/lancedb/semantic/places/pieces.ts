import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';

export interface KnownPiece {
  readonly number: number;
  readonly id: string;
  readonly content: string;
  readonly path: string;
}

const piece = z.object({ number: z.number(), id: z.string(), content: z.string(), path: z.string() });
const COLUMNS = 'number, id, content, path';

export function piecesById(database: DatabaseSync, ids: readonly string[]): Map<string, KnownPiece> {
  const found = database
    .prepare(`SELECT ${COLUMNS} FROM piece WHERE state > 0 AND id IN (SELECT value FROM json_each(?))`)
    .all(JSON.stringify(ids));
  return new Map(found.map((one) => piece.parse(one)).map((one) => [one.id, one]));
}

export function piecesByContent(database: DatabaseSync, contents: readonly string[]): KnownPiece[] {
  return database
    .prepare(`SELECT ${COLUMNS} FROM piece WHERE state > 0 AND content IN (SELECT value FROM json_each(?))`)
    .all(JSON.stringify(contents))
    .map((one) => piece.parse(one));
}

/** The journal: rows that are about to be added to the table. Returns the number of each. */
export function announce(
  database: DatabaseSync,
  pieces: readonly { readonly id: string; readonly content: string; readonly path: string }[],
): Map<string, number> {
  const insert = database.prepare('INSERT INTO piece (id, content, path, state) VALUES (?, ?, ?, 0)');
  return new Map(
    pieces.map(({ id, content, path }) => [id, Number(insert.run(id, content, path).lastInsertRowid)]),
  );
}

/** Ids of rows that were announced, and may or may not be in the table. */
export function announced(database: DatabaseSync): string[] {
  return idsWith(database, stateIs(0));
}

/** Ids of rows that are in the table and not in its text index. */
export function unindexed(database: DatabaseSync, most = Infinity): string[] {
  return idsWith(
    database,
    `${stateIs(1)}${most === Infinity ? '' : ` ORDER BY number LIMIT ${String(most)}`}`,
  );
}

export function hasMoreUnindexed(database: DatabaseSync, than: number): boolean {
  const found = database.prepare(`SELECT 1 FROM piece WHERE ${stateIs(1)} LIMIT 1 OFFSET ?`).get(than);
  return found !== undefined;
}

export function unindexedAmong(database: DatabaseSync, ids: readonly string[]): string[] {
  return database
    .prepare('SELECT id FROM piece WHERE state = 1 AND id IN (SELECT value FROM json_each(?))')
    .all(JSON.stringify(ids))
    .map((one) => onlyId.parse(one).id);
}

export function allPieces(database: DatabaseSync): { readonly number: number; readonly id: string }[] {
  return database
    .prepare('SELECT number, id FROM piece WHERE state > 0')
    .all()
    .map((one) => identified.parse(one));
}

const identified = z.object({ number: z.number(), id: z.string() });

export function allIds(database: DatabaseSync): string[] {
  return idsWith(database, 'state > 0');
}

export function setState(database: DatabaseSync, ids: readonly string[], state: 1 | 2): void {
  database
    .prepare('UPDATE piece SET state = ? WHERE id IN (SELECT value FROM json_each(?))')
    .run(state, JSON.stringify(ids));
}

export function removePieces(database: DatabaseSync, ids: readonly string[]): void {
  database.prepare('DELETE FROM piece WHERE id IN (SELECT value FROM json_each(?))').run(JSON.stringify(ids));
}

export function countPieces(database: DatabaseSync): { readonly all: number; readonly unindexed: number } {
  const all = database.prepare('SELECT count(*) AS count FROM piece WHERE state > 0').get();
  const open = database.prepare(`SELECT count(*) AS count FROM piece WHERE ${stateIs(1)}`).get();
  return { all: count.parse(all).count, unindexed: count.parse(open).count };
}

const count = z.object({ count: z.number() });

/** Distinct contents of these pieces. */
export function contentsOf(database: DatabaseSync, numbers: ReadonlySet<number>): Set<string> {
  const contents = new Set<string>();
  for (const found of database.prepare('SELECT number, content FROM piece').iterate()) {
    const { number, content } = numbered.parse(found);
    if (numbers.has(number)) contents.add(content);
  }
  return contents;
}

const numbered = z.object({ number: z.number(), content: z.string() });
/** SQLite uses an index of some rows only where its own condition stands in the query. */
function stateIs(state: 0 | 1): string {
  return `state < 2 AND state = ${String(state)}`;
}

const onlyId = z.object({ id: z.string() });

function idsWith(database: DatabaseSync, condition: string): string[] {
  return database
    .prepare(`SELECT id FROM piece WHERE ${condition}`)
    .all()
    .map((one) => onlyId.parse(one).id);
}
