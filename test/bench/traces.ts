import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { metricsRows } from './traces/metrics.ts';
import { recordingRows } from './traces/recording.ts';
import type { Row } from './support/row.ts';

/** What it costs to record runs, and to ask what many of them came to. STRATA_BENCH_RUNS says how many; 100,000 if it is not set. */
export async function run(): Promise<readonly Row[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-bench-'));
  const runs = Math.max(1, Number(process.env['STRATA_BENCH_RUNS'] ?? 100_000));
  try {
    return [...recordingRows(folder), ...(await metricsRows(folder, runs))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
