import { StrataError, messageOf } from '../../base/errors.ts';

export function gatewayNotOpened(cause: unknown): StrataError {
  return new StrataError(
    'gateway-not-opened',
    `The gateway for other programs could not be opened on 127.0.0.1: ${messageOf(cause)}`,
    'See that a program of this user may listen on the loopback address, then reload the window.',
    { cause },
  );
}
