/**
 * A token bucket kept as one number, the moment at which it will be full again (the generic cell rate algorithm, ITU-T I.371):
 * nothing has to run between calls, and a process that shares it with others writes one number.
 */
export interface Bucket {
  /** Milliseconds between two tokens. */
  readonly interval: number;
  /** Tokens that it holds when full. */
  readonly burst: number;
}

export interface Taken {
  /** The bucket's new number. */
  readonly full: number;
  /** Milliseconds until the token is there. */
  readonly waitMs: number;
}

/** Takes a token now, or the next one that nobody has taken yet. `full` is undefined for a bucket that was never used. */
export function takeToken({ interval, burst }: Bucket, full: number | undefined, now: number): Taken {
  const from = Math.max(full ?? now, now);
  const waitMs = Math.max(0, from - (burst - 1) * interval - now);
  return { full: from + interval, waitMs };
}
