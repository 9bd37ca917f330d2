export { aggregate, EMPTY, runsBehind } from './aggregate.ts';
export { SPANS, type Span } from './calendar.ts';
export {
  factAt,
  joined,
  pack,
  rowBytes,
  unpack,
  without,
  type FactKind,
  type Numbers,
  type Table,
} from './columns.ts';
export type { Fact, ModelFact, RunFact, ToolFact } from './fact.ts';
export { percentileOf } from './percentile.ts';
export { readFacts, type FactReader } from './fact-reader.ts';
export {
  SUBJECTS,
  type Grouping,
  type Metrics,
  type MetricsAnswer,
  type MetricsGroup,
  type MetricsPoint,
  type MetricsQuery,
  type ModelMetrics,
  type Percentiles,
  type RunMetrics,
  type RunsAnswer,
  type RunsQuery,
  type Subject,
  type ToolMetrics,
} from './metrics.ts';
export { METRICS_HEADINGS, metricsLine } from './metrics-text.ts';
export type { FactTables } from './selection.ts';
