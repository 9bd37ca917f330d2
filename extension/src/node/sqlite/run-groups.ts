import type { DatabaseSync } from 'node:sqlite';
import type { Condition, RunFilter } from './run-filter.ts';
import { conditionOf, ownersAtWork } from './run-filter.ts';
import type { RunSummary } from './run-summary.ts';
import type { Trait } from './traits.ts';

export interface RunGroup<Key> {
  readonly key: Key;
  readonly count: number;
}

/** What runs have in common. Only keys and counts are read, of whatever a log holds; the runs of a group are a list. */
export interface RunGroups {
  /** The agent whose run is the newest first. */
  byAgent(filter: RunFilter): readonly RunGroup<string>[];
  byStatus(filter: RunFilter): readonly RunGroup<RunSummary['status']>[];
  /** Days of the user's calendar, by the moment at which they begin; the newest first, so many of them. */
  byDay(filter: RunFilter, limit: number): readonly RunGroup<number>[];
  /** Models that were called, as `provider/model`, the most used first. */
  models(limit: number): readonly string[];
  /** Who started runs, the most of them first. */
  users(limit: number): readonly string[];
}

const STATUSES = ['running', 'paused', 'interrupted', 'failed', 'stopped', 'succeeded'] as const;

export function openGroups(database: DatabaseSync): RunGroups {
  const fitting = (filter: RunFilter): Condition => conditionOf(filter, () => ownersAtWork(database));
  const count = (filter: RunFilter): number => {
    const { sql, values } = fitting(filter);
    return Number(database.prepare(`SELECT count(*) AS n FROM run WHERE ${sql}`).get(...values)?.['n']);
  };
  const values = (kind: Trait['kind'], limit: number): string[] =>
    database
      .prepare(
        `SELECT value FROM run_trait WHERE kind = ? GROUP BY value ORDER BY count(*) DESC, value LIMIT ?`,
      )
      .all(kind, limit)
      .map((row) => String(row['value']));
  return {
    byAgent: (filter) => {
      const { sql, values } = fitting(filter);
      return database
        .prepare(
          `SELECT agent, count(*) AS n FROM run WHERE ${sql} GROUP BY agent ORDER BY max(started_at) DESC, agent`,
        )
        .all(...values)
        .map((row) => ({ key: String(row['agent']), count: Number(row['n']) }));
    },
    byStatus: (filter) =>
      STATUSES.filter((status) => filter.status?.includes(status) ?? true)
        .map((key) => ({ key, count: count({ ...filter, status: [key] }) }))
        .filter((group) => group.count > 0),
    byDay: (filter, limit) => {
      const { sql, values } = fitting(filter);
      const newest = database.prepare(
        `SELECT started_at FROM run WHERE ${sql} AND started_at < ? ORDER BY started_at DESC, id DESC LIMIT 1`,
      );
      const groups: RunGroup<number>[] = [];
      let until = Number.MAX_SAFE_INTEGER;
      while (groups.length < limit) {
        const row = newest.get(...values, until);
        if (!row) break;
        const { from, to } = dayOf(Number(row['started_at']));
        const own = {
          from: Math.max(from, filter.from ?? from),
          until: Math.min(to, until, filter.until ?? to),
        };
        groups.push({ key: from, count: count({ ...filter, ...own }) });
        until = from;
      }
      return groups;
    },
    models: (limit) => values('model', limit),
    users: (limit) => values('user', limit),
  };
}

/** A day has 23 or 25 hours where the clocks are changed in it. */
export function dayOf(time: number): { readonly from: number; readonly to: number } {
  const from = new Date(time);
  from.setHours(0, 0, 0, 0);
  const to = new Date(from);
  to.setDate(to.getDate() + 1);
  return { from: from.getTime(), to: to.getTime() };
}
