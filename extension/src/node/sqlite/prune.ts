import type { DatabaseSync } from 'node:sqlite';
import { isStrataError } from '../../base/errors.ts';
import { runsToRemove } from '../../core/orchestration/retention.ts';
import type { RetentionPolicy } from '../../core/orchestration/retention.ts';
import type { RunId } from '../../protocol/run-event.ts';
import { giveBack } from './give-back.ts';
import type { RunRemoval } from './remove-runs.ts';
import { sweepBlobs } from './sweep.ts';
import { timeSlices } from './time-slices.ts';
import type { InTransaction } from './transactions.ts';

export interface Pruned {
  /** Those that are gone, with their sub-runs. */
  readonly runs: readonly RunId[];
  /** Of blobs that were taken away; 0 when nothing was. */
  readonly bytes: number;
}

/**
 * Removes what the policy does not keep, then the blobs that nothing names any more, then gives the room back to the disk: in steps of
 * a few milliseconds, between which others work on. Called off, it leaves a log that is whole, and the next one does the rest.
 */
export async function prune(
  { database, file, inTransaction, removal }: PruneParts,
  policy: RetentionPolicy,
  now: number,
  signal: AbortSignal,
): Promise<Pruned> {
  const pause = timeSlices(signal);
  const runs: RunId[] = [];
  for (const run of runsToRemove(removal.candidates(), policy, now)) {
    try {
      runs.push(...removal.remove(run));
    } catch (error) {
      // Somebody has taken it up in the meantime, so it is no longer one of those that may go.
      if (!isStrataError(error) || error.code !== 'run-owned') throw error;
    }
    await pause();
  }
  const bytes = await sweepBlobs(database, inTransaction, pause);
  const idle = (): boolean => !removal.candidates().some(({ status }) => status === 'running');
  await giveBack(database, file, idle, pause);
  return { runs, bytes };
}

export interface PruneParts {
  readonly database: DatabaseSync;
  readonly file: string;
  readonly inTransaction: InTransaction;
  readonly removal: RunRemoval;
}
