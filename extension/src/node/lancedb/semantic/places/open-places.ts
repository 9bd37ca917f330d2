import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { DatabaseSync } from 'node:sqlite';
import { createPlaces } from './schema.ts';

/** Throws what SQLite says of a file that is none of its own. */
export function openForWriting(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    // Without a sync for each save: what the last moments before a power cut wrote is found again by reading the files.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8192');
    createPlaces(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** On a disk that cannot be written too, where SQLite can make no shared memory beside the file. */
export function openForReading(file: string): DatabaseSync | undefined {
  if (!existsSync(file)) return undefined;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: BUSY_MS, readOnly: true });
    database.prepare('SELECT count(*) FROM meta').get();
    return database;
  } catch {
    database?.close(); // Tried once more, as a file that nobody changes.
  }
  const frozen = pathToFileURL(file);
  frozen.searchParams.set('immutable', '1');
  return new DatabaseSync(frozen, { readOnly: true });
}

const BUSY_MS = 5_000;
