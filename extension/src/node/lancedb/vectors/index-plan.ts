export interface IndexPlan {
  /** Absent where a scan of all vectors is quick enough. */
  readonly partitions?: number;
  /** Of them, those that a query looks into. */
  readonly probes: number;
}

/** A scan of as many vectors of 384 numbers takes some 30 ms on two cores, and is exact. */
export const SCAN_BELOW = 20_000;

/** How vectors are indexed, by their number. Measured by `npm run bench -- memory`: see docs/memory.md. */
export function indexPlan(rows: number): IndexPlan {
  if (rows < SCAN_BELOW) return { probes: 1 };
  const partitions = Math.min(1_024, Math.max(32, Math.round(Math.sqrt(rows) / 2)));
  return { partitions, probes: Math.max(8, Math.round(partitions / 6)) };
}
