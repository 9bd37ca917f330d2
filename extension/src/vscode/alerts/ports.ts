import type { Json } from '../../base/json.ts';
import type { RunHandle } from '../../core/orchestration/index.ts';
import type { Fact } from '../../core/observability/metrics/index.ts';
import type { RunSummary } from '../../node/sqlite/index.ts';
import type { RunEvent, RunId } from '../../protocol/run-event.ts';

/** What alerts see of a workspace folder. */
export interface AlertsFolder {
  readonly folder: string;
  readonly name: string;
  list(limit: number): readonly RunSummary[];
  /** What the run was to do; undefined when it is no more. */
  task(run: RunId): string | undefined;
  readRun(run: RunId): readonly RunEvent[];
  facts(from: number, signal: AbortSignal): Promise<readonly Fact[]>;
  /** Of the budget that is nearest to its end; undefined where nobody knows. */
  budgetShare(): Promise<number | undefined>;
  leftContainers(signal: AbortSignal): Promise<number | undefined>;
  /** Of a run that this window works on. */
  handle(run: RunId): RunHandle | undefined;
  /** The rules of the user's settings. */
  settings(): Json | undefined;
}
