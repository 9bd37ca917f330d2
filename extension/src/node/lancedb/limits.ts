/** In milliseconds. */
export interface MemoryLimits {
  /** Until the process has loaded LanceDB. */
  readonly start: number;
  readonly read: number;
  readonly write: number;
  /** Index runs may be long; this is how long one may go without a sign of progress. */
  readonly indexSilence: number;
  /** How long a write waits for another process's write to the same folder. */
  readonly lockWait: number;
  /** After so long without a write the index is tidied. */
  readonly quiet: number;
  /** How long an older version of the index is kept for those who still read it. */
  readonly oldVersions: number;
  /** How long `dispose` lets a write be finished. */
  readonly close: number;
  /** Without a call for so long, and with nothing left to do, the process ends; the next call starts it again. */
  readonly idle: number;
}

/** A reader in another process opens the latest version for each query; a minute covers the slowest one. */
export const READERS_MS = 60_000;

/** They suit a person who waits. */
export const MEMORY_LIMITS: MemoryLimits = {
  start: 30_000,
  read: 20_000,
  write: 60_000,
  indexSilence: 180_000,
  lockWait: 30_000,
  quiet: 15_000,
  oldVersions: READERS_MS,
  close: 3_000,
  idle: 10 * 60_000,
};

/** More of a query is never read; see `fullTextQuery`. */
export function askedText(query: string): string {
  return query.slice(0, 10_000);
}

export function askedLimit(limit: number): number {
  return Number.isFinite(limit) ? Math.min(Math.max(Math.trunc(limit), 0), MOST_ASKED) : MOST_ASKED;
}

const MOST_ASKED = 200;
