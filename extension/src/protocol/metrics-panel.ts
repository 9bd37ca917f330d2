import type { ErrorInfo, RunId } from './run-event.ts';
import type { RunStatus } from './run-view.ts';
import type { Metrics, MetricsPoint, Span, Subject } from './metrics.ts';

/** What the host and the page of metrics say to each other, as `panel.ts` is for traces. */

/** What the page shows. */
export interface MetricsChoice {
  /** What the table's lines have in common. */
  readonly by: Subject;
  /** What the charts' columns are. */
  readonly over: Span;
  /** Back from now; absent: all there is. */
  readonly days?: number;
  /** The line that the charts are of; absent: all together. */
  readonly group?: GroupKey;
}

/** Without a key: the log does not say. */
export interface GroupKey {
  readonly key?: string;
}

export interface MetricsLine extends Metrics {
  readonly key?: string;
}

export type MetricsHostMessage =
  | {
      readonly type: 'metrics';
      readonly choice: MetricsChoice;
      readonly folder: { readonly path: string; readonly name: string };
      /** Of all together. */
      readonly total: Metrics;
      readonly lines: readonly MetricsLine[];
      /** Beginnings of all columns, also of those in which nothing happened. */
      readonly times: readonly number[];
      /** Of the chosen line, where something happened. */
      readonly points: readonly MetricsPoint[];
      /** There are no runs at all, whatever is chosen. */
      readonly none: boolean;
    }
  | { readonly type: 'reading'; readonly read: number; readonly of: number }
  | {
      readonly type: 'runs';
      readonly choice: MetricsChoice;
      readonly start?: number;
      /** Newest first, and not all of them where there are many. */
      readonly runs: readonly RunLine[];
      readonly count: number;
    }
  | { readonly type: 'failed'; readonly error: ErrorInfo };

export interface RunLine {
  readonly id: RunId;
  readonly agent: string;
  readonly task: string;
  readonly status: RunStatus | 'interrupted';
  readonly startedAt: number;
  /** As a list of runs says it. */
  readonly cost: string;
}

export type MetricsPageMessage =
  | { readonly type: 'show'; readonly choice: MetricsChoice }
  /** The runs behind the chosen line; with `start`, those of that column. */
  | { readonly type: 'runs'; readonly choice: MetricsChoice; readonly start?: number }
  | { readonly type: 'open-run'; readonly run: RunId }
  | { readonly type: 'run-agent' };

/** What a page kept before the window was reloaded. */
export interface MetricsState {
  readonly v: 1;
  /** The path of the folder. */
  readonly folder: string;
  readonly choice: MetricsChoice;
}
