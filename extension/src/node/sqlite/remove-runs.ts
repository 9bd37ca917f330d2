import type { DatabaseSync } from 'node:sqlite';
import type { RetainedRun } from '../../core/orchestration/retention.ts';
import type { RunId } from '../../protocol/run-event.ts';
import { runOwned } from './errors.ts';
import type { Runs } from './runs.ts';
import { summaryReader } from './run-tail.ts';
import type { InTransaction } from './transactions.ts';

export interface RunRemoval {
  /** Every run that is no part of another one, with what its sub-runs add to it. */
  candidates(): readonly RetainedRun[];
  /**
   * Takes out a run and all below it, and returns their ids. What only they had in common with their blobs is found by the next
   * sweep. Throws `run-owned` when somebody works on one of them.
   */
  remove(run: RunId): readonly RunId[];
}

export function openRemoval(
  database: DatabaseSync,
  inTransaction: InTransaction,
  runs: Runs,
  family: (run: RunId) => readonly RunId[],
): RunRemoval {
  const summaryOf = summaryReader(database);
  const all = database.prepare('SELECT * FROM run');
  const removeEvents = database.prepare('DELETE FROM event WHERE run = ?');
  const removeTraits = database.prepare('DELETE FROM run_trait WHERE run = ?');
  const removeRun = database.prepare('DELETE FROM run WHERE id = ?');
  const leaveGarbage = database.prepare(
    `INSERT INTO upkeep (name, value) VALUES ('garbage', 1) ON CONFLICT DO NOTHING`,
  );

  return {
    candidates: () => {
      const rows = all.all().map(summaryOf);
      const byId = new Map(rows.map((row) => [row.id, row]));
      const rootOf = (row: (typeof rows)[number]): RunId => {
        const above = row.parent === undefined ? undefined : byId.get(row.parent);
        return above ? rootOf(above) : row.id;
      };
      return [...Map.groupBy(rows, rootOf)].flatMap(([id, parts]) => {
        const root = byId.get(id);
        if (!root) return [];
        return [
          {
            ...root,
            status: parts.some(({ status }) => status === 'running') ? 'running' : root.status,
            pinned: parts.some(({ pinned }) => pinned),
            updatedAt: Math.max(...parts.map(({ updatedAt }) => updatedAt)),
            bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
          },
        ];
      });
    },

    remove: (run) =>
      inTransaction(() => {
        const parts = family(run);
        for (const part of parts) {
          const live = runs.owner(part)?.live;
          if (live) throw runOwned(part, live.pid);
        }
        for (const part of [...parts].reverse()) {
          removeEvents.run(part);
          removeTraits.run(part);
          removeRun.run(part);
        }
        if (parts.length > 0) leaveGarbage.run();
        return parts;
      }),
  };
}
