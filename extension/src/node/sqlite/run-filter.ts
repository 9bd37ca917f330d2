import type { DatabaseSync } from 'node:sqlite';
import type { Owner } from './owner.ts';
import type { RunSummary } from './run-summary.ts';
import { liveOwner } from './run-summary.ts';

/** Which runs a list is to hold: those that fit all of it. */
export interface RunFilter {
  /** In the task, the name of the agent, the id or the path of a file that was changed; ASCII letters of either case. */
  readonly text?: string;
  readonly agent?: string;
  /** One of these. */
  readonly status?: readonly RunSummary['status'][];
  /** `provider/model`; it was called by the run or one below it. */
  readonly model?: string;
  /** Who started it. */
  readonly user?: string;
  /** Something failed in it or in one below it, even if it went on and succeeded. */
  readonly errors?: true;
  /** Milliseconds since 1970. */
  readonly from?: number;
  /** Not with it. */
  readonly until?: number;
}

export interface Condition {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** The run that a trait is of, or the one over it: ids of sub-runs are those of their parents with more behind a hyphen. */
const ROOT = `substr(run, 1, 1 + instr(substr(run || '-', 3), '-'))`;

/** As a condition on `run`. `atWork` gives the processes that live and work on runs. */
export function conditionOf(filter: RunFilter, atWork: () => readonly Owner[]): Condition {
  const { text, agent, status, model, user, errors, from, until } = filter;
  const pattern = text === undefined || text === '' ? undefined : `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  const parts: readonly (Condition | undefined)[] = [
    { sql: 'parent IS NULL', values: [] },
    pattern === undefined
      ? undefined
      : {
          sql: `(task LIKE ? ESCAPE '\\' OR agent LIKE ? ESCAPE '\\' OR id LIKE ? ESCAPE '\\' OR
            id IN (SELECT ${ROOT} FROM run_trait WHERE kind = 'file' AND value LIKE ? ESCAPE '\\'))`,
          values: [pattern, pattern, pattern, pattern],
        },
    agent === undefined ? undefined : { sql: 'agent = ?', values: [agent] },
    status && anyOf(status.map((one) => statusCondition(one, atWork))),
    model === undefined
      ? undefined
      : {
          sql: `id IN (SELECT ${ROOT} FROM run_trait WHERE kind = 'model' AND value = ?)`,
          values: [model],
        },
    user === undefined
      ? undefined
      : { sql: `id IN (SELECT run FROM run_trait WHERE kind = 'user' AND value = ?)`, values: [user] },
    errors && { sql: `id IN (SELECT ${ROOT} FROM run_trait WHERE kind = 'error')`, values: [] },
    from === undefined ? undefined : { sql: 'started_at >= ?', values: [from] },
    until === undefined ? undefined : { sql: 'started_at < ?', values: [until] },
  ];
  const used = parts.filter((part) => part !== undefined);
  return { sql: used.map(({ sql }) => sql).join(' AND '), values: used.flatMap(({ values }) => values) };
}

/** In the file a run whose process died is still running. */
function statusCondition(status: RunSummary['status'], atWork: () => readonly Owner[]): Condition {
  if (status !== 'running' && status !== 'interrupted') return { sql: 'status = ?', values: [status] };
  const live = anyOf(
    atWork().map(({ pid, started }) => ({
      sql: `(owner_pid = ? AND coalesce(owner_started, '') = ?)`,
      values: [pid, started],
    })),
  );
  const not = status === 'running' ? '' : 'NOT ';
  // Without an owner both comparisons are NULL, which is neither.
  return { sql: `(status = 'running' AND ${not}coalesce(${live.sql}, 0))`, values: live.values };
}

function anyOf(conditions: readonly Condition[]): Condition {
  if (conditions.length === 0) return { sql: '0', values: [] };
  return {
    sql: `(${conditions.map(({ sql }) => sql).join(' OR ')})`,
    values: conditions.flatMap(({ values }) => values),
  };
}

/** Of the runs that have not ended; few, whatever the log holds. */
export function ownersAtWork(database: DatabaseSync): readonly Owner[] {
  return database
    .prepare(
      `SELECT DISTINCT owner_pid, owner_started FROM run
        WHERE parent IS NULL AND status = 'running' AND owner_pid IS NOT NULL`,
    )
    .all()
    .flatMap((row) => liveOwner(row) ?? []);
}
