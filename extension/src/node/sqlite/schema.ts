import type { DatabaseSync } from 'node:sqlite';
import { logTooNew } from './errors.ts';

/** Raised with every change of the tables, together with a step that brings older files up to it. */
const FORMAT = 1;

/**
 * `run` is a summary that every event keeps up to date, so that a list of many runs reads no events. Totals and status
 * are derived: the events alone are the truth.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS run (
    id TEXT PRIMARY KEY,
    agent TEXT NOT NULL,
    task TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    steps INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    usd REAL NOT NULL,
    unpriced INTEGER NOT NULL,
    priced INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    owner_pid INTEGER,
    owner_started TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS run_by_start ON run (started_at);
  CREATE TABLE IF NOT EXISTS event (
    run TEXT NOT NULL,
    seq INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (run, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS blob (
    id TEXT PRIMARY KEY,
    text TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

export function prepareSchema(database: DatabaseSync, path: string): void {
  const row = database.prepare('PRAGMA user_version').get();
  const version = Number(row?.['user_version'] ?? 0);
  if (version > FORMAT) throw logTooNew(path, version);
  if (version === FORMAT) return;
  database.exec(`BEGIN IMMEDIATE; ${TABLES} PRAGMA user_version = ${FORMAT}; COMMIT;`);
}
