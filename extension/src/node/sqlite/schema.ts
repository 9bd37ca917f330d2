import type { DatabaseSync } from 'node:sqlite';
import { logTooNew } from './errors.ts';
import { migrateFormat1 } from './format-1.ts';
import { TABLES } from './tables.ts';
import { fillTraits } from './traits.ts';

/** Raised with every change of the tables, together with a step that brings older files up to it. */
const FORMAT = 5;

/** Makes the tables, or brings those of an older Strata up to date, whole or not at all. Throws `log-too-new`. */
export function prepareSchema(database: DatabaseSync, path: string): void {
  if (formatOf(database, path) === FORMAT) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have done it while this one waited for its turn.
    const format = formatOf(database, path);
    if (format === 1) migrateFormat1(database);
    // Makes what is not there yet. In format 2 that was all that lists are filtered by. The rows of runs in format 3 were always whole:
    // an older Strata would number new events by one that is behind. Format 4 had no index of what has changed last.
    database.exec(TABLES);
    if (format === 1 || format === 2) fillTraits(database);
    database.exec(`PRAGMA user_version = ${FORMAT}; COMMIT;`);
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function formatOf(database: DatabaseSync, path: string): number {
  const format = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (format > FORMAT) throw logTooNew(path, format);
  return format;
}
