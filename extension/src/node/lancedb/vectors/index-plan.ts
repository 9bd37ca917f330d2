export interface IndexPlan {
  /** Absent where a scan of all vectors is quick enough. */
  readonly partitions?: number;
  /** Of them, those that a query looks into. */
  readonly probes: number;
}

/** A scan is exact, and up to here as quick as an index. */
export const SCAN_BELOW = 20_000;

/**
 * How vectors are indexed, by their number. Of 100,000 clustered vectors of 384 numbers, a sixteenth of 158 partitions gave all
 * of the ten nearest, an eighth of 64 partitions 0.99 of them for more work; of 30,000 in 64 partitions an eighth gave 0.96.
 * Twice what was enough, since the vectors of some embedders lie less in clusters than those.
 */
export function indexPlan(rows: number): IndexPlan {
  if (rows < SCAN_BELOW) return { probes: 1 };
  const partitions = Math.min(1_024, Math.max(64, Math.round(Math.sqrt(rows) / 2)));
  return { partitions, probes: Math.max(12, Math.round(partitions / 8)) };
}
