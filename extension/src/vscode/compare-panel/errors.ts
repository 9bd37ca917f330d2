import { StrataError } from '../../base/errors.ts';
import type { RunId } from '../../protocol/run-event.ts';

export function runGone(run: RunId): StrataError {
  return new StrataError(
    'run-not-found',
    `The run ${run} is in none of the open folders: it was removed, or its folder is closed.`,
    'Open its folder and try again, or compare other runs.',
  );
}

export function sameRun(): StrataError {
  return new StrataError(
    'same-run',
    'Both sides are the same run, so there is nothing to compare.',
    'Choose two runs.',
  );
}
