export { openRunStore } from './run-store.ts';
export type { RunStore } from './run-store.ts';
export type { RunSummary } from './run-summary.ts';
export type { ExportedRun } from './transfer.ts';
export { openToolCache } from './tool-cache.ts';
export { openBuckets } from './rate-limits.ts';
export { openLedger } from './ledger.ts';
export { openMetrics } from './metrics.ts';
export type { MetricsOptions, RunMetricsStore } from './metrics.ts';
