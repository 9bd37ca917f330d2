import type { DatabaseSync } from 'node:sqlite';

/** Raised with the shape, with the rules by which files are cut, and with those by which they are left out: all is then built anew. */
export const PLACES_VERSION = 2;

/**
 * What the workspace looks like now. A `version` is what one content of one file comes to, whether it is there now or was
 * once: a branch that comes back is found here. A `piece` is a row of the LanceDB table: 0 while it is being added, 1 until
 * the text index has it, 2 from then on. `word` says in how many rows a word stands, which is what a row that is in no index
 * yet is scored by.
 */
export function createPlaces(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value ANY) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS file (
      path TEXT PRIMARY KEY, stamp TEXT NOT NULL, hash TEXT NOT NULL, mtime REAL NOT NULL, skipped INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS version (
      path TEXT NOT NULL, hash TEXT NOT NULL, pieces TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (path, hash)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS piece (
      number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, content TEXT NOT NULL, path TEXT NOT NULL, state INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS piece_content ON piece (content);
    CREATE INDEX IF NOT EXISTS piece_state ON piece (state) WHERE state < 2;
    CREATE TABLE IF NOT EXISTS word (word TEXT PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID;
  `);
}
