import type { DatabaseSync } from 'node:sqlite';
import { joined, pack, rowBytes, unpack, without } from '../../core/observability/metrics/index.ts';
import type { Fact, FactKind, FactTables, Table } from '../../core/observability/metrics/index.ts';
import type { RunId } from '../../protocol/run-event.ts';

/** Raised with every change of the tables, and of what facts are read from a log: the file is then made anew. */
export const METRICS_FORMAT = 2;

/**
 * `chunk` holds facts in columns, `run` how far each run has been read. The number of a run that was removed stays in `gone` until the
 * chunks are written without it.
 */
export const METRICS_TABLES = `
  CREATE TABLE IF NOT EXISTS run (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    seq INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS gone (n INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE IF NOT EXISTS label (n INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE IF NOT EXISTS chunk (
    n INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    rows INTEGER NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT`;

/** What was read of a run: the facts of its events behind `from`, up to `seq`. */
export interface ReadRun {
  readonly id: RunId;
  readonly from: number;
  readonly seq: number;
  readonly facts: readonly Fact[];
}

/** A chunk with fewer rows is filled up; so much is written again with each few new facts. */
const CHUNK_ROWS = 4096;
const KINDS: readonly FactKind[] = ['run', 'model', 'tool'];

/** To be called in a transaction. Leaves out the runs that another process has read in the meantime. */
export function addFacts(database: DatabaseSync, runs: readonly ReadRun[]): void {
  const cursor = database.prepare('SELECT n, seq FROM run WHERE id = ?');
  const begin = database.prepare('INSERT INTO run (id, seq) VALUES (?, ?)');
  const advance = database.prepare('UPDATE run SET seq = ? WHERE n = ?');
  const numbers = new Map<RunId, number>();
  const facts: Fact[] = [];
  for (const run of runs) {
    const known = cursor.get(run.id);
    if (Number(known?.['seq'] ?? 0) !== run.from) continue;
    const n = known ? Number(known['n']) : Number(begin.run(run.id, run.seq).lastInsertRowid);
    if (known) advance.run(run.seq, n);
    numbers.set(run.id, n);
    // One by one: a run may have more facts than a call may have arguments.
    for (const fact of run.facts) facts.push(fact);
  }
  const label = labeller(database);
  for (const kind of KINDS) {
    const own = facts.filter((fact) => fact.kind === kind);
    if (own.length > 0)
      append(database, kind, pack(kind, own, { run: ({ run }) => numbers.get(run) ?? 0, label }));
  }
}

function append(database: DatabaseSync, kind: FactKind, added: Uint8Array): void {
  const last = database
    .prepare('SELECT n, rows, data FROM chunk WHERE kind = ? ORDER BY n DESC LIMIT 1')
    .get(kind);
  const isOpen = last !== undefined && Number(last['rows']) < CHUNK_ROWS;
  const data = isOpen ? joined(kind, [bytesOf(kind, last['data']), added]) : added;
  const rows = unpack(kind, data).count;
  if (isOpen)
    database.prepare('UPDATE chunk SET rows = ?, data = ? WHERE n = ?').run(rows, data, last['n'] ?? null);
  else database.prepare('INSERT INTO chunk (kind, rows, data) VALUES (?, ?, ?)').run(kind, rows, data);
}

function labeller(database: DatabaseSync): (text: string | undefined) => number {
  const known = new Map<string, number>();
  const select = database.prepare('SELECT n FROM label WHERE text = ?');
  const insert = database.prepare('INSERT INTO label (text) VALUES (?)');
  return (text) => {
    if (text === undefined) return 0;
    const number = known.get(text) ?? Number(select.get(text)?.['n'] ?? insert.run(text).lastInsertRowid);
    known.set(text, number);
    return number;
  };
}

/** To be called in a transaction. */
export function forgetRuns(database: DatabaseSync, runs: readonly RunId[]): void {
  const mark = database.prepare('INSERT OR IGNORE INTO gone SELECT n FROM run WHERE id = ?');
  const remove = database.prepare('DELETE FROM run WHERE id = ?');
  for (const run of runs) {
    mark.run(run);
    remove.run(run);
  }
  const gone = Number(database.prepare('SELECT count(*) AS n FROM gone').get()?.['n']);
  const left = Number(database.prepare('SELECT count(*) AS n FROM run').get()?.['n']);
  if (gone > 1000 && gone > left / 4) dropGone(database);
}

function dropGone(database: DatabaseSync): void {
  const gone = goneIn(database);
  const update = database.prepare('UPDATE chunk SET rows = ?, data = ? WHERE n = ?');
  const remove = database.prepare('DELETE FROM chunk WHERE n = ?');
  for (const { n, kind, data } of database.prepare('SELECT n, kind, data FROM chunk').all()) {
    const of = kindOf(kind);
    const kept = without(of, bytesOf(of, data), gone);
    const rows = unpack(of, kept).count;
    if (rows === 0) remove.run(n ?? null);
    else update.run(rows, kept, n ?? null);
  }
  database.exec('DELETE FROM gone');
}

/** All that is kept. */
export function loadTables(database: DatabaseSync): FactTables {
  const tables: Table[] = [];
  for (const { kind, data } of database.prepare('SELECT kind, data FROM chunk ORDER BY n').iterate())
    tables.push(unpack(kindOf(kind), bytesOf(kindOf(kind), data)));
  const labels: (string | undefined)[] = [undefined];
  for (const { n, text } of database.prepare('SELECT n, text FROM label').iterate())
    labels[Number(n)] = String(text);
  const gone = goneIn(database);
  return { tables, runCount: gone.length, gone, labels };
}

/** By number of the run. */
function goneIn(database: DatabaseSync): Uint8Array {
  const last = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'run'").get()?.['seq'];
  const gone = new Uint8Array(Number(last ?? 0) + 1);
  for (const { n } of database.prepare('SELECT n FROM gone').iterate()) gone[Number(n)] = 1;
  return gone;
}

export function runIdOf(database: DatabaseSync): (n: number) => RunId {
  const select = database.prepare('SELECT id FROM run WHERE n = ?');
  return (n) => String(select.get(n)?.['id'] ?? '');
}

/** What was put there by another program than ours is damage, after which the file is made anew. */
function kindOf(value: unknown): FactKind {
  const kind = KINDS.find((one) => one === value);
  if (!kind) throw damaged(`no kind of facts: ${String(value)}`);
  return kind;
}

function bytesOf(kind: FactKind, value: unknown): Uint8Array {
  if (value instanceof Uint8Array && value.byteLength % rowBytes(kind) === 0) return value;
  throw damaged('a chunk that is no whole number of rows');
}

function damaged(what: string): Error {
  return Object.assign(new Error(what), { errcode: 11 });
}
