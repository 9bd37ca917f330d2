import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';

/** A file as it was when it was read last. */
export interface KnownFile {
  readonly path: string;
  /** `size mtime ctime`; empty when the file was so young that it could change again without a trace. */
  readonly stamp: string;
  readonly hash: string;
  /** Milliseconds since the epoch. */
  readonly mtime: number;
  /** Left out for what it is: too large, binary, generated, unreadable. */
  readonly skipped: boolean;
  /** How many its content comes to. */
  readonly chunks: number;
}

const row = z
  .object({
    path: z.string(),
    stamp: z.string(),
    hash: z.string(),
    mtime: z.number(),
    skipped: z.number(),
    chunks: z.number(),
  })
  .transform((file): KnownFile => ({ ...file, skipped: file.skipped === 1 }));

const KNOWN =
  'SELECT path, stamp, hash, mtime, skipped, coalesce(count, 0) AS chunks FROM file LEFT JOIN version USING (path, hash)';

export function allFiles(database: DatabaseSync): Map<string, KnownFile> {
  const files = database.prepare(KNOWN).all();
  return new Map(files.map((file) => row.parse(file)).map((file) => [file.path, file]));
}

export function fileAt(database: DatabaseSync, path: string): KnownFile | undefined {
  const found = database.prepare(`${KNOWN} WHERE path = ?`).get(path);
  return found === undefined ? undefined : row.parse(found);
}

/** The paths of a file, or of all files below a folder. */
export function pathsAt(database: DatabaseSync, path: string): string[] {
  // The character after the slash: a range that the primary key can look up, whatever the name holds.
  return database
    .prepare("SELECT path FROM file WHERE path = ? OR (path >= ? || '/' AND path < ? || '0')")
    .all(path, path, path)
    .map(pathOf);
}

export function putFile(database: DatabaseSync, file: Omit<KnownFile, 'chunks'>): void {
  database
    .prepare(
      `INSERT INTO file (path, stamp, hash, mtime, skipped) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (path) DO UPDATE SET stamp = excluded.stamp, hash = excluded.hash, mtime = excluded.mtime, skipped = excluded.skipped`,
    )
    .run(file.path, file.stamp, file.hash, file.mtime, file.skipped ? 1 : 0);
}

export function removeFile(database: DatabaseSync, path: string): void {
  database.prepare('DELETE FROM file WHERE path = ?').run(path);
}

/** Of live files. Those with no chunks count as none. */
export function liveCounts(database: DatabaseSync): { readonly files: number; readonly chunks: number } {
  const found = database
    .prepare(
      `SELECT count(*) AS files, coalesce(sum(count), 0) AS chunks
       FROM file JOIN version USING (path, hash) WHERE count > 0`,
    )
    .get();
  return counts.parse(found);
}

const counts = z.object({ files: z.number(), chunks: z.number() });

export function changedSince(database: DatabaseSync, since: number): string[] {
  return database.prepare('SELECT path FROM file WHERE mtime >= ?').all(since).map(pathOf);
}

const onlyPath = z.object({ path: z.string() });

function pathOf(found: unknown): string {
  return onlyPath.parse(found).path;
}
