import { StrataError, messageOf } from '../../base/errors.ts';

export function serverNotStarted(server: string, reason: string, cause?: unknown): StrataError {
  return new StrataError(
    'tool-server-start',
    `The tool server ${server} did not start: ${reason}`,
    'Run the Strata doctor, then resume the run.',
    cause === undefined ? {} : { cause },
  );
}

export function hostServerFailed(server: string, cause: unknown): StrataError {
  return new StrataError(
    'tool-server-start',
    `The tool server ${server} could not be started on this machine: ${messageOf(cause)}`,
    'Start Docker, or install Strata again.',
    { cause },
  );
}
