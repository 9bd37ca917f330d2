import type { RunId } from './run-event.ts';

/** Times that metrics are grouped by, or drawn over. */
export const SPANS = ['hour', 'day', 'week'] as const;
export type Span = (typeof SPANS)[number];

export const SUBJECTS = ['agent', 'route', 'model', 'tool', 'user'] as const;
export type Subject = (typeof SUBJECTS)[number];
export type Grouping = Subject | Span;

export interface MetricsQuery {
  /** Absent: all in one. */
  readonly by?: Grouping;
  /** Milliseconds since 1970; calls count where they ended, runs where they began. */
  readonly from?: number;
  /** The first moment that is no more part of it. */
  readonly to?: number;
  /** Each group over time as well. */
  readonly over?: Span;
  /** With a model or a tool: its calls, and the runs that they belong to. */
  readonly only?: { readonly [subject in Subject]?: string };
}

export interface MetricsAnswer {
  /** Of all that is asked for, also of what a group by model or tool leaves out. Over time, where there are no groups. */
  readonly total: Metrics & { readonly series: readonly MetricsPoint[] };
  /** Those with the most runs first; over time, the oldest first, and none where nothing happened. */
  readonly groups: readonly MetricsGroup[];
}

export interface MetricsGroup extends Metrics {
  /** What the group has in common; undefined where the log does not say. Of a time, undefined too. */
  readonly key: string | undefined;
  /** Of a time: where it begins. */
  readonly start: number | undefined;
  readonly series: readonly MetricsPoint[];
}

export interface MetricsPoint extends Metrics {
  readonly start: number;
}

export interface Metrics {
  readonly runs: RunMetrics;
  /** Undefined of a tool. */
  readonly models: ModelMetrics | undefined;
  /** Undefined of a model. */
  readonly tools: ToolMetrics | undefined;
}

export interface RunMetrics {
  readonly count: number;
  /** Among them, those that another run started. */
  readonly parts: number;
  readonly running: number;
  readonly paused: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly stopped: number;
  /** Of those that succeeded or failed; undefined where none did. */
  readonly successRate: number | undefined;
  /** Milliseconds of work, without pauses, of those that have ended. */
  readonly workMs: Percentiles | undefined;
}

export interface ModelMetrics {
  readonly calls: number;
  readonly failed: number;
  /** Attempts that failed before an answer came, or before it was given up. */
  readonly retries: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  /** Share of the input that the provider's cache had; undefined without input. */
  readonly cacheHitRate: number | undefined;
  /** Of the calls whose cost is known. */
  readonly usd: number;
  /** Calls whose cost is not known, so that `usd` is a lower bound. */
  readonly unpriced: number;
  /** Calls that have a price; the others are free, failed or `unpriced`. */
  readonly priced: number;
  /** Some of `usd` was estimated. */
  readonly estimated: boolean;
  /** Of calls that were answered. */
  readonly latencyMs: Percentiles | undefined;
  readonly firstTokenMs: Percentiles | undefined;
}

export interface ToolMetrics {
  readonly calls: number;
  readonly failed: number;
  readonly cached: number;
  readonly retries: number;
  /** Of calls that were not answered from the cache. */
  readonly latencyMs: Percentiles | undefined;
}

/** Exact, by nearest rank. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
}

/** The runs behind a group. */
export interface RunsQuery extends MetricsQuery {
  readonly key?: string | undefined;
  /** Of a time. */
  readonly start?: number;
  readonly limit: number;
}

export interface RunsAnswer {
  /** Newest first. */
  readonly runs: readonly RunId[];
  readonly count: number;
}
