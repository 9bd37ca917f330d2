import { isStrataError, StrataError } from '../../base/errors.ts';

export type ModelErrorKind =
  | 'auth'
  | 'rate-limit'
  | 'overloaded'
  | 'timeout'
  | 'stall'
  | 'network'
  | 'context-length'
  | 'content-policy'
  | 'bad-request'
  | 'bad-response'
  | 'no-route'
  | 'cancelled';

/** A key can be set, a server comes back: what the request itself is at fault for does not pass. */
const PASSING: ReadonlySet<ModelErrorKind> = new Set([
  'auth',
  'rate-limit',
  'overloaded',
  'timeout',
  'stall',
  'network',
  'bad-response',
  'no-route',
]);

/** Why a model call failed. Its code is `model-<kind>`. The message never holds a key. */
export class ModelError extends StrataError {
  readonly kind: ModelErrorKind;
  readonly status: number | undefined;
  /** Milliseconds that the server asked us to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: ModelErrorKind,
    message: string,
    action: string,
    details: { readonly status?: number; readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    const cause = details.cause === undefined ? {} : { cause: details.cause };
    super(`model-${kind}`, message, action, { ...cause, passing: PASSING.has(kind) });
    this.kind = kind;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** By shape, since each lazily loaded bundle carries its own copy of the class. */
export function isModelError(error: unknown): error is ModelError {
  return isStrataError(error) && 'kind' in error && error.code === `model-${String(error.kind)}`;
}
