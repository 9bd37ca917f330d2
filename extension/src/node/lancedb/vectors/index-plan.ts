export interface IndexPlan {
  /** Absent where a scan of all vectors is quick enough. */
  readonly partitions?: number;
  /** Of them, those that a query looks into. */
  readonly probes: number;
}

/** A scan is exact, and up to here as quick as an index. */
export const SCAN_BELOW = 20_000;

/** How vectors are indexed, by their number. Chosen by reasoning, not by a measurement of large folders. */
export function indexPlan(rows: number): IndexPlan {
  if (rows < SCAN_BELOW) return { probes: 1 };
  const partitions = Math.min(1_024, Math.max(32, Math.round(Math.sqrt(rows) / 2)));
  return { partitions, probes: Math.max(8, Math.round(partitions / 6)) };
}
