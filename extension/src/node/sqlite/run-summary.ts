import type { RunId, RunOrigin } from '../../protocol/run-event.ts';
import type { RunStatus } from '../../protocol/run-view.ts';
import { isAlive } from './owner.ts';
import type { Owner } from './owner.ts';

/** One line of a list of runs. Totals hold those of sub-runs: a sum over runs without a parent counts nothing twice. */
export interface RunSummary {
  readonly id: RunId;
  /** The run that this one is a part of. */
  readonly parent: RunId | undefined;
  readonly origin: RunOrigin['kind'];
  readonly agent: string;
  /** Who started it, or the run that it is a part of; undefined where nobody is named. */
  readonly user: string | undefined;
  /** At most its first 1,000 characters. */
  readonly task: string;
  /** `interrupted`: it has not ended, and the process that worked on it has. */
  readonly status: RunStatus | 'interrupted';
  /** Retention leaves it alone. */
  readonly pinned: boolean;
  /** It changed files, and nobody has applied or discarded that. */
  readonly undecided: boolean;
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
  /** Files that it changed, however often; with those that it took over from its sub-runs. */
  readonly files: number;
  /** Characters that the log grew by for it, without its sub-runs. */
  readonly bytes: number;
}

export type Row = Readonly<Record<string, unknown>>;

export function summaryOf(row: Row): RunSummary {
  return {
    id: String(row['id']),
    parent: typeof row['parent'] === 'string' ? row['parent'] : undefined,
    // Written by this class of programs alone, and shown at most.
    origin: String(row['origin']) as RunOrigin['kind'],
    agent: String(row['agent']),
    user: typeof row['user'] === 'string' ? row['user'] : undefined,
    task: String(row['task']),
    status: statusOf(row),
    pinned: row['pinned'] === 1,
    undecided: row['undecided'] === 1,
    startedAt: Number(row['started_at']),
    updatedAt: Number(row['updated_at']),
    steps: Number(row['steps']),
    calls: Number(row['calls']),
    tokens: Number(row['tokens']),
    usd: Number(row['usd']),
    unpriced: Number(row['unpriced']),
    priced: Number(row['priced']),
    estimated: Number(row['estimated']) > 0,
    files: Number(row['files'] ?? 0),
    bytes: Number(row['bytes']),
  };
}

export function statusOf(row: Row): RunSummary['status'] {
  const status = String(row['status']) as RunStatus;
  return status === 'running' && !liveOwner(row) ? 'interrupted' : status;
}

/** The process that works on the run, if it still lives. */
export function liveOwner(row: Row): Owner | undefined {
  const { owner_pid: pid, owner_started: started } = row;
  if (typeof pid !== 'number') return undefined;
  const owner = { pid, started: typeof started === 'string' ? started : '' };
  return isAlive(owner) ? owner : undefined;
}
