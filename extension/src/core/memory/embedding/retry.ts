import type { EmbedderError, EmbedderErrorKind } from './errors.ts';

const FIRST_MS = 1_000;
const LONGEST_MS = 5 * 60_000;
/** A server that asks for more is tried again after this long all the same. */
const LONGEST_ASKED_MS = 60 * 60_000;
/** What a person has to put right: it is looked at now and then, should the server have been at fault. */
const FOR_PEOPLE: ReadonlySet<EmbedderErrorKind> = new Set(['auth', 'refused', 'download']);

/** How long to leave an embedder alone after so many failures in a row, the first being 1. `random` gives numbers in [0, 1). */
export function pauseAfter(error: EmbedderError, failures: number, random: () => number): number {
  if (error.retryAfterMs !== undefined) return Math.min(error.retryAfterMs, LONGEST_ASKED_MS);
  if (FOR_PEOPLE.has(error.kind)) return LONGEST_MS;
  const step = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  // Half of it at random, so that windows that failed together do not come back together.
  return Math.round(step / 2 + (step / 2) * random());
}
