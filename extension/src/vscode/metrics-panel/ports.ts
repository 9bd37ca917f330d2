import type { RunMetricsStore, RunSummary } from '../../node/sqlite/index.ts';
import type { RunId } from '../../protocol/run-event.ts';

/** A folder whose runs are measured. */
export interface MeasuredFolder {
  readonly folder: string;
  readonly name: string;
  readonly metrics: Pick<RunMetricsStore, 'metrics' | 'runs'>;
  /** A run's line in a list; undefined when it was removed. */
  find(run: RunId): RunSummary | undefined;
}

export interface MetricsActions {
  readonly openRun: (run: RunId) => Promise<unknown>;
  readonly runAgent: (folder: string) => Promise<unknown>;
}
