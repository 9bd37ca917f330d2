import { messageOf, StrataError } from '../../base/errors.ts';

export function recordingUnreadable(file: string, cause: unknown): StrataError {
  return new StrataError(
    'recording-unreadable',
    `${file} cannot be read: ${messageOf(cause)}.`,
    'Check its name and whether you may read it.',
    { cause },
  );
}

export function recordingExists(file: string): StrataError {
  return new StrataError(
    'recording-exists',
    `There is a recording at ${file} already.`,
    'Give another name, or remove that file first.',
  );
}

export function recordingNotWritten(file: string, cause: unknown): StrataError {
  return new StrataError(
    'recording-not-written',
    `${file} cannot be written: ${messageOf(cause)}.`,
    'Check that the folder can be written and that the disk has room.',
    { cause },
  );
}
