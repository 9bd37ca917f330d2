import { StrataError } from '../base/errors.ts';

export function runFileTooLarge(name: string, bytes: number): StrataError {
  return new StrataError(
    'run-file-too-large',
    `${name} has ${Math.round(bytes / 1024 ** 2)} MB, which is too much to be shown as a run.`,
    'Open it as text with “Reopen Editor With…”.',
  );
}
