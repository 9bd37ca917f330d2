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

/** Whom a route may name to take over what all of its own deployments cannot do. */
export type TakeOver = 'onContextLength' | 'onContentPolicy';

export type Decision =
  | { readonly do: 'retry'; readonly afterMs: number }
  | {
      readonly do: 'next';
      /** How long other calls pass the deployment over; 0 for a failure that says nothing about the next call. */
      readonly coolMs: number;
      readonly takeOver?: TakeOver;
    }
  | { readonly do: 'stop' };

interface Row {
  /** Retries of the same deployment while another one is left, and when it is the last. */
  readonly retries: number;
  readonly retriesWhenLast: number;
  readonly then: 'next' | 'stop';
  readonly coolMs: number;
  readonly takeOver?: TakeOver;
}

/** Another deployment can answer at once, so waiting for this one is worth little while there is another. */
const LONGEST_WAIT_MS = 5_000;
const LONGEST_WAIT_WHEN_LAST_MS = 60_000;
/** A server that asks for more is tried again after this long all the same. */
const LONGEST_COOLDOWN_MS = 60 * 60_000;
const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 8_000;

const TABLE: Readonly<Record<ModelErrorKind, Row>> = {
  // Until somebody sets another key it would be refused again.
  auth: { retries: 0, retriesWhenLast: 0, then: 'next', coolMs: 60_000 },
  'rate-limit': { retries: 1, retriesWhenLast: 3, then: 'next', coolMs: 20_000 },
  overloaded: { retries: 1, retriesWhenLast: 3, then: 'next', coolMs: 15_000 },
  timeout: { retries: 0, retriesWhenLast: 1, then: 'next', coolMs: 30_000 },
  stall: { retries: 0, retriesWhenLast: 1, then: 'next', coolMs: 30_000 },
  network: { retries: 1, retriesWhenLast: 2, then: 'next', coolMs: 10_000 },
  'context-length': { retries: 0, retriesWhenLast: 0, then: 'next', coolMs: 0, takeOver: 'onContextLength' },
  'content-policy': { retries: 0, retriesWhenLast: 0, then: 'next', coolMs: 0, takeOver: 'onContentPolicy' },
  'bad-request': { retries: 0, retriesWhenLast: 0, then: 'next', coolMs: 0 },
  // Sampling differs from call to call, so half a JSON object is often whole the second time.
  'bad-response': { retries: 1, retriesWhenLast: 2, then: 'next', coolMs: 0 },
  'no-route': { retries: 0, retriesWhenLast: 0, then: 'stop', coolMs: 0 },
  cancelled: { retries: 0, retriesWhenLast: 0, then: 'stop', coolMs: 0 },
};

/** Where the status says more than the kind. */
const BY_STATUS: Readonly<Record<string, Partial<Row>>> = {
  // The model or the address is not there, whatever the request.
  'bad-request 404': { coolMs: 60_000 },
  // An account without credit stays so for longer than a refused key.
  'auth 402': { coolMs: 10 * 60_000 },
};

/** What to do about a failed attempt. `random` gives numbers in [0, 1). */
export function decide(failure: Failure, random: () => number): Decision {
  const { kind, status, retryAfterMs, retries, last } = failure;
  const row: Row = { ...TABLE[kind], ...BY_STATUS[`${kind} ${status}`] };
  const allowed = last ? row.retriesWhenLast : row.retries;
  const longest = last ? LONGEST_WAIT_WHEN_LAST_MS : LONGEST_WAIT_MS;
  if (retries < allowed && (retryAfterMs ?? 0) <= longest)
    return { do: 'retry', afterMs: retryAfterMs ?? backoff(retries, random) };
  if (row.then === 'stop') return { do: 'stop' };
  return {
    do: 'next',
    coolMs: coolingFor(row, retryAfterMs),
    ...(row.takeOver ? { takeOver: row.takeOver } : {}),
  };
}

/** The server's own word wins over the table, where the table says that waiting helps at all. */
function coolingFor({ coolMs }: Row, retryAfterMs: number | undefined): number {
  if (coolMs === 0 || retryAfterMs === undefined) return coolMs;
  return Math.min(Math.max(retryAfterMs, 1_000), LONGEST_COOLDOWN_MS);
}

/** Exponential backoff with full jitter, as in "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015). */
export function backoff(retries: number, random: () => number): number {
  return Math.round(random() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** retries));
}
