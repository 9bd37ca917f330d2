import type { DatabaseSync } from 'node:sqlite';
import type { Lease } from '../../core/orchestration/ports.ts';
import type { RunId } from '../../protocol/run-event.ts';
import type { Owner } from './owner.ts';
import { liveOwner, statusOf, summaryOf } from './run-summary.ts';
import type { RunSummary } from './run-summary.ts';

export interface RunList {
  /** 1,000 unless told otherwise. */
  readonly limit?: number;
  /** List the sub-runs of this run. */
  readonly parent?: RunId;
}

/** The rows of the runs: who works on them, and what a list says of them. */
export interface Runs {
  list(options: RunList): RunSummary[];
  find(run: RunId): RunSummary | undefined;
  status(run: RunId): RunSummary['status'] | undefined;
  endingWith(text: string): RunId[];
  /** Undefined when there is no such run. */
  owner(run: RunId): { readonly fence: number; readonly live: Owner | undefined } | undefined;
  take(run: RunId, fence: number, owner: Owner): void;
  release(lease: Lease): void;
  /** Whether there is such a run. */
  pin(run: RunId, pinned: boolean): boolean;
}

export function openRuns(database: DatabaseSync): Runs {
  const top = database.prepare(
    'SELECT * FROM run WHERE parent IS NULL ORDER BY started_at DESC, id DESC LIMIT ?',
  );
  const below = database.prepare(
    'SELECT * FROM run WHERE parent = ? ORDER BY started_at DESC, id DESC LIMIT ?',
  );
  const one = database.prepare('SELECT * FROM run WHERE id = ?');
  const ending = database.prepare('SELECT id FROM run WHERE substr(id, -length(?1)) = ?1 ORDER BY id');
  const owner = database.prepare('SELECT fence, owner_pid, owner_started FROM run WHERE id = ?');
  const status = database.prepare('SELECT status, owner_pid, owner_started FROM run WHERE id = ?');
  const take = database.prepare('UPDATE run SET fence = ?, owner_pid = ?, owner_started = ? WHERE id = ?');
  const release = database.prepare(
    'UPDATE run SET owner_pid = NULL, owner_started = NULL WHERE id = ? AND fence = ?',
  );
  const pin = database.prepare('UPDATE run SET pinned = ? WHERE id = ?');

  return {
    list: ({ limit = 1000, parent }) =>
      (parent === undefined ? top.all(limit) : below.all(parent, limit)).map(summaryOf),
    find: (run) => {
      const row = one.get(run);
      return row && summaryOf(row);
    },
    status: (run) => {
      const row = status.get(run);
      return row && statusOf(row);
    },
    endingWith: (text) => ending.all(text).map(({ id }) => String(id)),
    owner: (run) => {
      const row = owner.get(run);
      return row && { fence: Number(row['fence']), live: liveOwner(row) };
    },
    take: (run, fence, { pid, started }) => void take.run(fence, pid, started, run),
    release: (lease) => void release.run(lease.run, lease.fence),
    pin: (run, pinned) => pin.run(Number(pinned), run).changes > 0,
  };
}
