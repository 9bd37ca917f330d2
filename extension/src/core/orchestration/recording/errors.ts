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

export function recordingUnreplayable(where: string, recorded: string, actual: string): StrataError {
  return new StrataError(
    'recording-diverges',
    `This run is no test, since it does not replay as it was recorded. ${where}.\nrecorded: ${recorded}\nreplayed: ${actual}`,
    'Run the task again with this version of Strata, and save that run.',
  );
}
