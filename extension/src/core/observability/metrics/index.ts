export { aggregate, EMPTY, runsBehind } from './aggregate.ts';
export { edgesOf, nextEdge } from './calendar.ts';
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
  SPANS,
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
  type Span,
  type Subject,
  type ToolMetrics,
} from '../../../protocol/metrics.ts';
export { METRICS_HEADINGS, metricsLine } from '../../../protocol/metrics-text.ts';
export type { FactTables } from './selection.ts';
