import { messageOf, StrataError } from '../../base/errors.ts';
import { formatBytes } from '../../protocol/format.ts';

export function traceUnreadable(file: string, cause: unknown): StrataError {
  return new StrataError(
    'trace-unreadable',
    `${file} cannot be read: ${messageOf(cause).replace(/\.$/, '')}.`,
    'Check that it is a file and that you may read it.',
    { cause },
  );
}

export function traceTooLarge(bytes: number, most: number): StrataError {
  return new StrataError(
    'trace-too-large',
    `The trace is too large to be read in one piece: ${formatBytes(bytes)}, where ${formatBytes(most)} is the most.`,
    'Export it as lines of JSON, which are read one by one, or a shorter time of it.',
  );
}

export function tooMuchText(most: number): StrataError {
  return new StrataError(
    'trace-too-large',
    `The spans hold more than ${formatBytes(most)} of text, which is more than can be shown.`,
    'Export a shorter time, or single traces.',
  );
}

export function noPort(cause: unknown): StrataError {
  return new StrataError(
    'receiver-no-port',
    `Traces cannot be received: ${messageOf(cause)}.`,
    'Close a program that listens on the ports from 4318 on, then switch the receiver off and on.',
    { cause },
  );
}
