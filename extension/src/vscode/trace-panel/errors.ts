import { StrataError } from '../../base/errors.ts';

export function runMissing(run: string): StrataError {
  return new StrataError(
    'run-missing',
    `The run ${run} is not in this workspace's history.`,
    'Open the folder that it ran in, or pick a run from the Strata view.',
  );
}

/** What needs the run's log or its snapshots. */
export function onlyInLog(): StrataError {
  return new StrataError(
    'run-read-only',
    'This run comes from a file, which holds what was said and done, and neither a log to go on in nor the files.',
    'Open the folder that it ran in, and the run there.',
  );
}

export function payloadMissing(): StrataError {
  return new StrataError(
    'payload-missing',
    'Nothing was recorded here.',
    'The step may have been interrupted; look at its overview.',
  );
}
