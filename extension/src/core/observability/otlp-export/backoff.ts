const FIRST_MS = 2_000;
/** A collector that is down for a day is asked about a hundred times. */
const LONGEST_MS = 15 * 60_000;

/** How long to wait after so many failures in a row; `chance` is from 0 to 1, so that many windows do not come at once. */
export function backoffMs(failures: number, chance: number): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(20, Math.max(0, failures - 1)));
  return Math.round(most / 2 + (most / 2) * chance);
}
