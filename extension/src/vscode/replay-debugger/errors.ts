import { StrataError } from '../../base/errors.ts';

export function notStarted(): StrataError {
  return new StrataError('replay-not-started', 'No run is open in this session.', 'Start it with a run.');
}

export function referenceGone(what: 'frame' | 'variable' | 'target'): StrataError {
  return new StrataError(
    'reference-gone',
    `The debugger does not know this ${what} any more.`,
    'Ask for the call stack again.',
  );
}

export function requestUnknown(command: string): StrataError {
  return new StrataError(
    'request-unknown',
    `The replay debugger does not know the request "${command}".`,
    'Nothing needs to be done: the session goes on.',
  );
}

export function argumentsInvalid(command: string, problem: string, cause: unknown): StrataError {
  return new StrataError(
    'arguments-invalid',
    `The request "${command}" cannot be understood: ${problem}`,
    'Correct it, and try again.',
    { cause },
  );
}

export function runUnknown(run: string): StrataError {
  return new StrataError(
    'run-not-found',
    run === 'last' ? 'There is no run here yet.' : `There is no run ${run} in the open folders.`,
    run === 'last' ? 'Start one with “Strata: Run Agent…”.' : 'Pick one in the Runs view.',
  );
}

export function runAmbiguous(run: string, count: number): StrataError {
  return new StrataError(
    'run-ambiguous',
    `${count} runs end with ${run}.`,
    'Give more of the id, or pick one in the Runs view.',
  );
}
