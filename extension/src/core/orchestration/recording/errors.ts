import { StrataError } from '../../../base/errors.ts';

/** `line` counts from 1. */
export function recordingInvalid(file: string, line: number, problem: string): StrataError {
  return new StrataError(
    'recording-invalid',
    `${file}:${line}: ${problem}`,
    'Put the file right, or save the recording again.',
  );
}

export function recordingTooNew(file: string, version: number): StrataError {
  return new StrataError(
    'recording-too-new',
    `${file} is in format ${version} of recordings, which this version of Strata does not know.`,
    'Update Strata, or save the recording again with this version.',
  );
}

export function recordingUnreplayable(recorded: string, actual: string): StrataError {
  return new StrataError(
    'recording-diverges',
    `The run does not replay as it was recorded, so it is no test: recorded ${recorded}, replayed ${actual}.`,
    'Replay it to see where, and run the task again with this version of Strata.',
  );
}
