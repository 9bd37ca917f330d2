import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';

/** Where a row of the table stands in a file. */
export interface PlacedPiece {
  /** Of the `piece`. */
  readonly number: number;
  readonly startLine: number;
  readonly endLine: number;
}

export function hasVersion(database: DatabaseSync, path: string, hash: string): boolean {
  return database.prepare('SELECT 1 FROM version WHERE path = ? AND hash = ?').get(path, hash) !== undefined;
}

/** All that are kept, as `versionKey` writes them. */
export function versionKeys(database: DatabaseSync): Set<string> {
  const keys = new Set<string>();
  for (const found of database.prepare('SELECT path, hash FROM version').iterate()) {
    const { path, hash } = keyRow.parse(found);
    keys.add(versionKey(path, hash));
  }
  return keys;
}

export function versionKey(path: string, hash: string): string {
  return `${hash} ${path}`;
}

const keyRow = z.object({ path: z.string(), hash: z.string() });

export function putVersion(
  database: DatabaseSync,
  path: string,
  hash: string,
  pieces: readonly PlacedPiece[],
): void {
  const packed = JSON.stringify(
    pieces.flatMap(({ number, startLine, endLine }) => [number, startLine, endLine]),
  );
  database
    .prepare('INSERT OR REPLACE INTO version (path, hash, pieces, count) VALUES (?, ?, ?, ?)')
    .run(path, hash, packed, pieces.length);
}

/** What stands in a file now. A search asks for dozens of files, and making the statement takes longer than asking it. */
export function livePieces(database: DatabaseSync): (path: string) => PlacedPiece[] {
  const find = database.prepare('SELECT pieces FROM file JOIN version USING (path, hash) WHERE path = ?');
  return (path) => {
    const found = find.get(path);
    return found === undefined ? [] : unpacked(found);
  };
}

/** Numbers of all pieces that stand somewhere now. */
export function liveNumbers(database: DatabaseSync): Set<number> {
  const live = new Set<number>();
  for (const found of database.prepare('SELECT pieces FROM file JOIN version USING (path, hash)').iterate())
    for (const { number } of unpacked(found)) live.add(number);
  return live;
}

/** Versions of contents that no file has now. */
export function removeDeadVersions(database: DatabaseSync): void {
  database.exec(
    'DELETE FROM version WHERE NOT EXISTS (SELECT 1 FROM file WHERE file.path = version.path AND file.hash = version.hash)',
  );
}

/** Versions that name a piece that is not there any more, and what is known of the files that have them: they are read again. */
export function removeBrokenVersions(database: DatabaseSync): void {
  database.exec(`
    DELETE FROM version WHERE EXISTS (
      SELECT 1 FROM json_each(version.pieces) AS one
      WHERE one.key % 3 = 0 AND NOT EXISTS (SELECT 1 FROM piece WHERE piece.number = one.value)
    );
    DELETE FROM file WHERE skipped = 0 AND NOT EXISTS (
      SELECT 1 FROM version WHERE version.path = file.path AND version.hash = file.hash
    )`);
}

const packedRow = z.object({ pieces: z.string() });
const numbers = z.array(z.number());

function unpacked(found: unknown): PlacedPiece[] {
  const flat = numbers.parse(JSON.parse(packedRow.parse(found).pieces));
  const pieces: PlacedPiece[] = [];
  for (let at = 0; at + 2 < flat.length; at += 3)
    pieces.push({ number: flat[at] ?? 0, startLine: flat[at + 1] ?? 1, endLine: flat[at + 2] ?? 1 });
  return pieces;
}
