import type { RunId } from '../../protocol/run-event.ts';
import type { RunStatus } from '../../protocol/run-view.ts';

/** How much of the past is kept. 0 means without a limit. */
export interface RetentionPolicy {
  readonly days: number;
  /** Runs that have ended; sub-runs do not count. */
  readonly runs: number;
  readonly bytes: number;
}

export const DEFAULT_RETENTION: RetentionPolicy = { days: 90, runs: 1000, bytes: 2 * 1024 ** 3 };

/** A run that a person started, together with its sub-runs. */
export interface RetainedRun {
  readonly id: RunId;
  readonly status: RunStatus | 'interrupted';
  /** Of it and its sub-runs. */
  readonly updatedAt: number;
  readonly pinned: boolean;
  /** Its changes wait for a person. */
  readonly undecided: boolean;
  /** Of it and its sub-runs. */
  readonly bytes: number;
}

const DAY_MS = 86_400_000;

/** A run that somebody may want to go on with, or whose changes nobody has decided on, is kept so many times as long. */
const OPEN_FACTOR = 2;

/**
 * The runs that may go, the oldest first. Pinned and running ones never do, and count for nothing. An open one (paused,
 * interrupted, changes undecided) goes by age alone, at twice the age. All others go by age, and the oldest of them by number
 * and by size; the newest one stays, however large it is.
 */
export function runsToRemove(
  runs: readonly RetainedRun[],
  policy: RetentionPolicy,
  now: number,
): readonly RunId[] {
  const removed: RetainedRun[] = [];
  let kept = 0;
  let bytes = 0;
  for (const run of [...runs].sort(newestFirst)) {
    if (run.pinned || run.status === 'running') continue;
    const open = isOpen(run);
    const daysKept = policy.days * (open ? OPEN_FACTOR : 1);
    const old = policy.days > 0 && now - run.updatedAt > daysKept * DAY_MS;
    const tooMany = !open && policy.runs > 0 && kept >= policy.runs;
    const tooLarge = !open && policy.bytes > 0 && kept > 0 && bytes + run.bytes > policy.bytes;
    if (old || tooMany || tooLarge) {
      removed.push(run);
      continue;
    }
    if (open) continue;
    kept += 1;
    bytes += run.bytes;
  }
  return removed.reverse().map(({ id }) => id);
}

function isOpen({ status, undecided }: RetainedRun): boolean {
  return undecided || status === 'paused' || status === 'interrupted';
}

function newestFirst(a: RetainedRun, b: RetainedRun): number {
  return b.updatedAt - a.updatedAt || (a.id < b.id ? 1 : -1);
}
