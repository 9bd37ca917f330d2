/**
 * `run` is a summary up to `last_seq`, which is the newest event but for a run that goes on, so that a list reads few events: all in it but `fence`,
 * the owner and `pinned` is derived, the events alone are the truth. `blob` has row numbers, unlike `event`: sorted by hash,
 * its rows would each take a page or more of their own. `blob.refs` holds the ids of blobs that the text names, so that what
 * is still in use is found without reading texts; it is NULL where a Strata of format 1 wrote the row. `run_trait` is derived too:
 * what a list is filtered by and not every run has, or several of. The indexes of `run` hold what no append to a run that goes on
 * changes, but for the status, which few of them do: `run_at_rest` has the others, by when they were last written.
 */
export const TABLES = `
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
    owner_started TEXT,
    parent TEXT,
    origin TEXT NOT NULL DEFAULT 'user',
    pinned INTEGER NOT NULL DEFAULT 0,
    undecided INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX IF NOT EXISTS run_by_parent ON run (parent, started_at, id);
  CREATE TABLE IF NOT EXISTS event (
    run TEXT NOT NULL,
    seq INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (run, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS blob (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    refs TEXT,
    text TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS upkeep (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS run_trait (
    run TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run, kind, value)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS run_by_agent ON run (agent, started_at, id) WHERE parent IS NULL;
  CREATE INDEX IF NOT EXISTS run_by_status ON run (status, started_at, id) WHERE parent IS NULL;
  CREATE INDEX IF NOT EXISTS run_at_work ON run (id) WHERE status = 'running';
  CREATE INDEX IF NOT EXISTS run_at_rest ON run (updated_at) WHERE status <> 'running';
  CREATE INDEX IF NOT EXISTS run_by_trait ON run_trait (kind, value, run);
`;
