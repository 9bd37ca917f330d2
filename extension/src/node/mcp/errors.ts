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

export function serverUnreachable(
  server: string,
  origin: string,
  reason: string,
  cause: unknown,
): StrataError {
  return new StrataError(
    'tool-server-unreachable',
    `The tool server ${server} at ${origin} could not be reached: ${reason}`,
    'See that its address is right and that it is up, then try again.',
    { cause, passing: true },
  );
}

/** The server answered a request for something other than a tool with an error, or not at all. */
export function serverRequestFailed(
  server: string,
  what: string,
  reason: string,
  cause: unknown,
): StrataError {
  return new StrataError(
    'tool-server-request',
    `The tool server ${server} did not ${what}: ${reason}`,
    'See what the server says about it in its log in the Tools view.',
    { cause },
  );
}

export function addressNotAllowed(server: string, reason: string): StrataError {
  return new StrataError(
    'tool-server-address',
    `The tool server ${server} cannot be used: ${reason}`,
    'Correct its address in the file that defines it.',
  );
}

export function signInNeeded(server: string, reason: string, cause?: unknown): StrataError {
  return new StrataError(
    'tool-server-sign-in',
    `The tool server ${server} needs a sign-in: ${reason}`,
    'Set the server up again in the Tools view, and sign in when the browser opens.',
    cause === undefined ? { passing: true } : { cause, passing: true },
  );
}
