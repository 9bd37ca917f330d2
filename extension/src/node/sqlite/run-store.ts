import type { DatabaseSync } from 'node:sqlite';
import type { Disposable } from '../../base/disposable.ts';
import { assert } from '../../base/assert.ts';
import { Emitter } from '../../base/event.ts';
import type { Event } from '../../base/event.ts';
import { isStrataError } from '../../base/errors.ts';
import { RUN_EVENT_VERSION } from '../../protocol/run-event.ts';
import type { BlobId, RunEvent, RunEventBody, RunId } from '../../protocol/run-event.ts';
import { runEventSchema } from '../../protocol/run-event-schema.ts';
import type { RunStatus } from '../../protocol/run-view.ts';
import { sha256 } from '../../core/orchestration/hash.ts';
import type { RunLeases, RunLog } from '../../core/orchestration/ports.ts';
import { blobDamaged, leaseLost, runDamaged, runOwned, runUnknown, storageError } from './errors.ts';
import { openDatabase } from './open-database.ts';
import { isAlive, thisProcess } from './owner.ts';
import type { Owner } from './owner.ts';
import { summaryChange } from './summary.ts';

/** One line of a list of runs. */
export interface RunSummary {
  readonly id: RunId;
  readonly agent: string;
  readonly task: string;
  /** `interrupted`: it has not ended, and the process that worked on it has. */
  readonly status: RunStatus | 'interrupted';
  readonly startedAt: number;
  readonly updatedAt: number;
  readonly steps: number;
  /** Model calls. */
  readonly calls: number;
  readonly tokens: number;
  readonly usd: number;
  readonly unpriced: number;
  readonly priced: number;
  /** Some of `usd` was estimated. */
  readonly estimated: boolean;
}

/** The run log of one workspace folder, in a SQLite file that several processes may have open. */
export interface RunStore extends RunLog, RunLeases, Disposable {
  /** Where a damaged log was moved to when this one was opened. */
  readonly movedAside: string | undefined;
  /** Newest first. */
  list(options?: { readonly limit?: number }): readonly RunSummary[];
  has(run: RunId): boolean;
  statusOf(run: RunId): RunSummary['status'] | undefined;
  /** Events that this process appended, after their commit. */
  readonly onDidAppend: Event<readonly RunEvent[]>;
  /** Runs that other processes appended to, looked for at this interval. */
  watch(intervalMs: number, onChange: (runs: readonly RunId[]) => void): Disposable;
}

export function openRunStore(path: string, now: () => number): RunStore {
  const { database, movedAside } = openDatabase(path, now);
  const appended = new Emitter<readonly RunEvent[]>();
  const statements = prepare(database);
  const self = thisProcess();
  /** Blobs wait for the event that refers to them, and are committed together with it. */
  const pending = new Map<BlobId, string>();

  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw isStrataError(error) ? error : storageError(path, error);
    }
  };

  const inTransaction = <T>(work: () => T): T => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };

  const insert = (run: RunId, firstSeq: number, bodies: readonly RunEventBody[]): RunEvent[] => {
    for (const [id, text] of pending) statements.insertBlob.run(id, text);
    return bodies.map((body, index) => {
      const event: RunEvent = { v: RUN_EVENT_VERSION, run, seq: firstSeq + index, at: now(), ...body };
      statements.insertEvent.run(run, event.seq, JSON.stringify(event));
      const change = summaryChange(event);
      statements.updateRun.run(
        event.seq,
        event.at,
        change.status ?? null,
        change.steps,
        change.calls,
        change.tokens,
        change.usd,
        change.unpriced,
        change.priced,
        change.estimated,
        run,
      );
      return event;
    });
  };

  return {
    movedAside,
    onDidAppend: appended.event,

    begin: (run, started, rest = []) => {
      const events = guarded(() =>
        inTransaction(() => {
          statements.insertRun.run(run, started.agent, started.task, now(), now(), self.pid, self.started);
          return insert(run, 1, [started, ...rest]);
        }),
      );
      const [event] = events;
      assert(event, 'one event in, one event out');
      pending.clear();
      appended.fire(events);
      return { lease: { run, fence: 1 }, event, events };
    },

    append: (lease, bodies) => {
      const events = guarded(() =>
        inTransaction(() => {
          const row = statements.fence.get(lease.run);
          if (!row || row['fence'] !== lease.fence) throw leaseLost(lease.run);
          return insert(lease.run, Number(row['last_seq']) + 1, bodies);
        }),
      );
      pending.clear();
      appended.fire(events);
      return events;
    },

    acquire: (run) =>
      guarded(() =>
        inTransaction(() => {
          const row = statements.owner.get(run);
          if (!row) throw runUnknown(run);
          const owner = ownerOf(row);
          if (owner && isAlive(owner)) throw runOwned(run, owner.pid);
          const fence = Number(row['fence']) + 1;
          statements.take.run(fence, self.pid, self.started, run);
          return { run, fence };
        }),
      ),

    release: (lease) => guarded(() => void statements.release.run(lease.run, lease.fence)),

    read: (run, afterSeq = 0) =>
      guarded(() => statements.events.all(run, afterSeq)).map((row, index) =>
        readEvent(run, afterSeq + index + 1, String(row['body'])),
      ),

    putBlob: (text) => {
      const id = sha256(text);
      pending.set(id, text);
      return id;
    },

    getBlob: (id: BlobId) => {
      const waiting = pending.get(id);
      if (waiting !== undefined) return waiting;
      const row = guarded(() => statements.blob.get(id));
      if (!row) throw blobDamaged(id, 'missing');
      const text = String(row['text']);
      if (sha256(text) !== id) throw blobDamaged(id, 'altered');
      return text;
    },

    list: ({ limit = 1000 } = {}) => guarded(() => statements.list.all(limit).map(summaryOf)),

    statusOf: (run) =>
      guarded(() => {
        const row = statements.status.get(run);
        return row && statusOf(row);
      }),

    has: (run) => guarded(() => statements.owner.get(run) !== undefined),

    watch: (intervalMs, onChange) => {
      let version = dataVersion(database);
      let since = now();
      const timer = setInterval(() => {
        const current = dataVersion(database);
        if (current === version) return;
        version = current;
        const runs = statements.changedSince.all(since).map((row) => String(row['id']));
        since = now() - intervalMs;
        if (runs.length > 0) onChange(runs);
      }, intervalMs);
      timer.unref();
      return { dispose: () => clearInterval(timer) };
    },

    dispose: () => {
      appended.dispose();
      database.close();
    },
  };
}

/** Throws `run-damaged` for an event that is not the one expected here: one that is missing would change all that follows. */
function readEvent(run: RunId, seq: number, body: string): RunEvent {
  let event: RunEvent;
  try {
    event = runEventSchema.parse(JSON.parse(body));
  } catch (error) {
    throw runDamaged(run, seq, error);
  }
  if (event.seq !== seq) throw runDamaged(run, seq, undefined);
  return event;
}

/** Changes when another connection has committed, and only then: https://www.sqlite.org/pragma.html#pragma_data_version */
function dataVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA data_version').get()?.['data_version']);
}

type Row = Record<string, unknown>;

function ownerOf(row: Row): Owner | undefined {
  const { owner_pid: pid, owner_started: started } = row;
  return typeof pid === 'number' ? { pid, started: typeof started === 'string' ? started : '' } : undefined;
}

function statusOf(row: Row): RunSummary['status'] {
  const status = String(row['status']) as RunStatus;
  const owner = ownerOf(row);
  return status === 'running' && !(owner && isAlive(owner)) ? 'interrupted' : status;
}

function summaryOf(row: Row): RunSummary {
  return {
    id: String(row['id']),
    agent: String(row['agent']),
    task: String(row['task']),
    status: statusOf(row),
    startedAt: Number(row['started_at']),
    updatedAt: Number(row['updated_at']),
    steps: Number(row['steps']),
    calls: Number(row['calls']),
    tokens: Number(row['tokens']),
    usd: Number(row['usd']),
    unpriced: Number(row['unpriced']),
    priced: Number(row['priced']),
    estimated: Number(row['estimated']) > 0,
  };
}

function prepare(database: DatabaseSync) {
  return {
    insertRun: database.prepare(`INSERT INTO run
      (id, agent, task, status, started_at, updated_at, last_seq, steps, calls, tokens, usd, unpriced, priced, estimated, fence, owner_pid, owner_started)
      VALUES (?, ?, ?, 'running', ?, ?, 0, 0, 0, 0, 0, 0, 0, 0, 1, ?, ?)`),
    insertEvent: database.prepare('INSERT INTO event (run, seq, body) VALUES (?, ?, ?)'),
    updateRun: database.prepare(`UPDATE run SET last_seq = ?, updated_at = ?, status = coalesce(?, status),
      steps = steps + ?, calls = calls + ?, tokens = tokens + ?, usd = usd + ?, unpriced = unpriced + ?, priced = priced + ?, estimated = estimated + ? WHERE id = ?`),
    fence: database.prepare('SELECT fence, last_seq FROM run WHERE id = ?'),
    owner: database.prepare('SELECT fence, owner_pid, owner_started FROM run WHERE id = ?'),
    status: database.prepare('SELECT status, owner_pid, owner_started FROM run WHERE id = ?'),
    take: database.prepare('UPDATE run SET fence = ?, owner_pid = ?, owner_started = ? WHERE id = ?'),
    release: database.prepare(
      'UPDATE run SET owner_pid = NULL, owner_started = NULL WHERE id = ? AND fence = ?',
    ),
    events: database.prepare('SELECT body FROM event WHERE run = ? AND seq > ? ORDER BY seq'),
    insertBlob: database.prepare('INSERT INTO blob (id, text) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    blob: database.prepare('SELECT text FROM blob WHERE id = ?'),
    list: database.prepare('SELECT * FROM run ORDER BY started_at DESC, id DESC LIMIT ?'),
    changedSince: database.prepare('SELECT id FROM run WHERE updated_at >= ?'),
  };
}
