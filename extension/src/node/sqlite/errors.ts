import { messageOf, StrataError } from '../../base/errors.ts';
import type { BlobId, RunId } from '../../protocol/run-event.ts';

/** Turns what SQLite threw into what a person can act on. */
export function storageError(path: string, error: unknown): StrataError {
  const code = errorNumber(error);
  const cause = { cause: error };
  // Result codes: https://www.sqlite.org/rescode.html. Extended ones carry the primary code in the low byte.
  switch (code === undefined ? undefined : code & 0xff) {
    case 13:
      return storageFull(path, error);
    case 10:
      return new StrataError(
        'storage-failed',
        `The run log at ${path} could not be read or written (${messageOf(error)}).`,
        'Check that the disk has room and is healthy, then resume the run.',
        { ...cause, passing: true },
      );
    case 8:
    case 14:
      return new StrataError(
        'storage-unwritable',
        `The run log at ${path} cannot be written.`,
        'Make the folder writable, or set STRATA_HOME to one that is.',
        { ...cause, passing: true },
      );
    case 5:
    case 6:
      return new StrataError(
        'storage-busy',
        `Another process keeps the run log at ${path} locked.`,
        'Try again; if it stays so, close the other Strata windows on this folder.',
        { ...cause, passing: true },
      );
    default:
      return new StrataError(
        'storage-failed',
        `The run log at ${path} failed: ${messageOf(error)}.`,
        'Run `strata doctor`; if the log is damaged, Strata moves it aside at the next start.',
        { ...cause, passing: true },
      );
  }
}

export function storageFull(path: string, cause: unknown): StrataError {
  return new StrataError(
    'storage-full',
    `The disk that holds ${path} is full, so the run cannot be recorded and was halted.`,
    'Free some space, then resume the run: everything up to here is kept.',
    { cause, passing: true },
  );
}

export function metricsUnavailable(path: string, cause: unknown): StrataError {
  return new StrataError(
    'metrics-unavailable',
    `The metrics at ${path} cannot be read or written now${cause === undefined ? '' : ` (${messageOf(cause)})`}.`,
    'Check that the disk has room and that the folder can be written. The file can be removed: it is made anew from the runs.',
    { cause, passing: true },
  );
}

export function metricsTooFine(): StrataError {
  return new StrataError(
    'metrics-too-fine',
    'So many groups at so many times are more than anybody could look at.',
    'Ask for a shorter time, or for days or weeks in place of hours.',
  );
}

export function leaseLost(run: RunId): StrataError {
  return new StrataError(
    'lease-lost',
    `Another process has taken over run ${run}.`,
    'Watch it there; this process has stopped working on it.',
  );
}

export function runOwned(run: RunId, pid: number): StrataError {
  return new StrataError(
    'run-owned',
    `Another window or terminal (process ${pid}) is working on run ${run}.`,
    'Watch it here as it goes on, or stop it there first.',
  );
}

export function runUnknown(run: RunId): StrataError {
  return new StrataError(
    'run-not-found',
    `There is no run ${run} in this folder.`,
    'List the runs with `strata runs`.',
  );
}

export function runExists(run: RunId): StrataError {
  return new StrataError(
    'run-exists',
    `There is a run ${run} in this folder already.`,
    'Look at that one, or remove it first.',
  );
}

export function blobDamaged(id: BlobId, problem: 'missing' | 'altered'): StrataError {
  return new StrataError(
    'blob-damaged',
    `A recorded value (${id.slice(0, 12)}…) is ${problem === 'missing' ? 'missing from' : 'damaged in'} the run log.`,
    'The rest of the run can still be read; run the task again to record it anew.',
  );
}

export function runDamaged(run: RunId, seq: number, cause: unknown): StrataError {
  return new StrataError(
    'run-damaged',
    `Event ${seq} of run ${run} is missing or cannot be read: the log was damaged.`,
    'Run the task again. Other runs are not touched.',
    { cause },
  );
}

export function logTooNew(path: string, version: number): StrataError {
  return new StrataError(
    'log-too-new',
    `The run log at ${path} was written by a newer Strata (format ${version}).`,
    'Update Strata, or set STRATA_HOME to another folder.',
  );
}

export function isBusy(error: unknown): boolean {
  const code = errorNumber(error);
  return code !== undefined && [5, 6].includes(code & 0xff);
}

export function isDamage(error: unknown): boolean {
  const code = errorNumber(error);
  return code !== undefined && [11, 26].includes(code & 0xff);
}

/** Whether a column that must have a value got none: SQLITE_CONSTRAINT_NOTNULL. */
export function isMissing(error: unknown): boolean {
  return errorNumber(error) === 1299;
}

function errorNumber(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : undefined;
}
