import type { ModelErrorKind } from './model-error.ts';

export interface Failure {
  readonly kind: ModelErrorKind;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** How often this deployment was retried already in this call. */
  readonly retries: number;
  /** No other deployment is left on the route. */
  readonly last: boolean;
}

export type Decision =
  { readonly do: 'retry'; readonly afterMs: number } | { readonly do: 'next' } | { readonly do: 'stop' };

interface Row {
  /** Retries of the same deployment while another one is left, and when it is the last. */
  readonly retries: number;
  readonly retriesWhenLast: number;
  readonly then: 'next' | 'stop';
}

/** Another deployment can answer at once, so waiting for this one is worth little while there is another. */
const LONGEST_WAIT_MS = 5_000;
const LONGEST_WAIT_WHEN_LAST_MS = 60_000;
const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 8_000;

const TABLE: Readonly<Record<ModelErrorKind, Row>> = {
  auth: { retries: 0, retriesWhenLast: 0, then: 'next' },
  'rate-limit': { retries: 1, retriesWhenLast: 3, then: 'next' },
  overloaded: { retries: 1, retriesWhenLast: 3, then: 'next' },
  timeout: { retries: 0, retriesWhenLast: 1, then: 'next' },
  stall: { retries: 0, retriesWhenLast: 1, then: 'next' },
  network: { retries: 1, retriesWhenLast: 2, then: 'next' },
  'context-length': { retries: 0, retriesWhenLast: 0, then: 'next' },
  'content-policy': { retries: 0, retriesWhenLast: 0, then: 'next' },
  'bad-request': { retries: 0, retriesWhenLast: 0, then: 'next' },
  // Sampling differs from call to call, so half a JSON object is often whole the second time.
  'bad-response': { retries: 1, retriesWhenLast: 2, then: 'next' },
  'no-route': { retries: 0, retriesWhenLast: 0, then: 'stop' },
  cancelled: { retries: 0, retriesWhenLast: 0, then: 'stop' },
};

/** What to do about a failed attempt. `random` gives numbers in [0, 1). */
export function decide(failure: Failure, random: () => number): Decision {
  const row = TABLE[failure.kind];
  const allowed = failure.last ? row.retriesWhenLast : row.retries;
  if (failure.retries >= allowed) return { do: row.then };
  if (failure.retryAfterMs === undefined) return { do: 'retry', afterMs: backoff(failure.retries, random) };
  const longest = failure.last ? LONGEST_WAIT_WHEN_LAST_MS : LONGEST_WAIT_MS;
  if (failure.retryAfterMs > longest) return { do: row.then };
  return { do: 'retry', afterMs: failure.retryAfterMs };
}

/** Exponential backoff with full jitter, as in "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015). */
export function backoff(retries: number, random: () => number): number {
  return Math.round(random() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** retries));
}
