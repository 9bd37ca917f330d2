import type { DatabaseSync } from 'node:sqlite';
import type { Lease } from '../../core/orchestration/ports.ts';
import type { RunId } from '../../protocol/run-event.ts';
import type { Owner } from './owner.ts';
import { conditionOf, ownersAtWork } from './run-filter.ts';
import type { RunFilter } from './run-filter.ts';
import { openGroups } from './run-groups.ts';
import type { RunGroups } from './run-groups.ts';
import { liveOwner, statusOf } from './run-summary.ts';
import type { RunSummary } from './run-summary.ts';
import { summaryReader } from './run-tail.ts';

export interface RunList {
  /** 1,000 unless told otherwise. */
  readonly limit?: number;
  /** List the sub-runs of this run. */
  readonly parent?: RunId;
  /** Of the runs that are no part of another one, those that fit. */
  readonly filter?: RunFilter;
}

/** The rows of the runs: who works on them, and what a list says of them. */
export interface Runs {
  list(options: RunList): RunSummary[];
  readonly groups: RunGroups;
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
  const summaryOf = summaryReader(database);
  const all = `SELECT *,
    (SELECT count(*) FROM run_trait AS trait WHERE trait.run = run.id AND kind = 'file') AS files,
    (SELECT value FROM run_trait AS trait WHERE trait.run = run.id AND kind = 'user') AS user FROM run`;
  const newest = 'ORDER BY started_at DESC, id DESC LIMIT ?';
  const below = database.prepare(`${all} WHERE parent = ? ${newest}`);
  const listed = (filter: RunFilter, limit: number): RunSummary[] => {
    const { sql, values } = conditionOf(filter, () => ownersAtWork(database));
    return database
      .prepare(`${all} WHERE ${sql} ${newest}`)
      .all(...values, limit)
      .map(summaryOf);
  };
  const one = database.prepare(`${all} WHERE id = ?`);
  const ending = database.prepare('SELECT id FROM run WHERE substr(id, -length(?1)) = ?1 ORDER BY id');
  const owner = database.prepare('SELECT fence, owner_pid, owner_started FROM run WHERE id = ?');
  const status = database.prepare('SELECT status, owner_pid, owner_started FROM run WHERE id = ?');
  const take = database.prepare('UPDATE run SET fence = ?, owner_pid = ?, owner_started = ? WHERE id = ?');
  const release = database.prepare(
    'UPDATE run SET owner_pid = NULL, owner_started = NULL WHERE id = ? AND fence = ?',
  );
  const pin = database.prepare('UPDATE run SET pinned = ? WHERE id = ?');

  return {
    list: ({ limit = 1000, parent, filter = {} }) =>
      parent === undefined ? listed(filter, limit) : below.all(parent, limit).map(summaryOf),
    groups: openGroups(database),
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
