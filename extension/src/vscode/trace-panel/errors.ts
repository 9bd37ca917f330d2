import { StrataError } from '../../base/errors.ts';

export function runMissing(run: string): StrataError {
  return new StrataError(
    'run-missing',
    `The run ${run} is not in this workspace's history.`,
    'Open the folder that it ran in, or pick a run from the Strata view.',
  );
}

export function payloadMissing(): StrataError {
  return new StrataError(
    'payload-missing',
    'Nothing was recorded here.',
    'The step may have been interrupted; look at its overview.',
  );
}
