import { StrataError } from '../../base/errors.ts';

/** `place` is line and column, both from 1, as editors write it. */
export function toolPolicyMistake(file: string, place: string, what: string): StrataError {
  return new StrataError(
    'tools-config',
    `${file}:${place}: ${what}.`,
    `Correct ${file} and start the run again.`,
  );
}
