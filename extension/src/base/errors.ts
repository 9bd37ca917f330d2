/**
 * An error that a person sees: a stable code, what happened, and what to do about it. Each layer makes its own in its
 * `errors.ts`. The lazily loaded bundles carry a copy of this class each, so test with `isStrataError`, not `instanceof`.
 */
export class StrataError extends Error {
  override readonly name = 'StrataError';
  readonly code: string;
  /** What the person can do now, as one sentence. */
  readonly action: string;
  /** It says "not now" rather than "no": when it is put right, a run that met it goes on, so the run pauses instead of failing. */
  readonly passing: boolean;

  constructor(code: string, message: string, action: string, options: StrataErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.code = code;
    this.action = action;
    this.passing = options.passing ?? false;
  }
}

export interface StrataErrorOptions {
  readonly cause?: unknown;
  readonly passing?: boolean;
}

export function isStrataError(error: unknown): error is StrataError {
  return error instanceof Error && error.name === 'StrataError' && 'code' in error && 'action' in error;
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function isAbort(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'AbortError' || ('code' in error && error.code === 'ABORT_ERR'))
  );
}
