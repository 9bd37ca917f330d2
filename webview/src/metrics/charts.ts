import { formatDuration, formatTokens } from '../../../extension/src/protocol/format.ts';
import { formatShare, latencyOf, retriesOf } from '../../../extension/src/protocol/metrics-text.ts';
import type { Metrics } from '../../../extension/src/protocol/metrics.ts';

/** One line of a chart, or one part of its columns. */
export interface Series {
  readonly label: string;
  /** Its colour, by a class of the style sheet. */
  readonly look: 'good' | 'bad' | 'quiet' | 'first' | 'second';
  /** Undefined where there was nothing to measure. */
  readonly of: (metrics: Metrics) => number | undefined;
}

export interface ChartKind {
  readonly title: string;
  /** Parts of columns stand on each other. */
  readonly form: 'columns' | 'lines';
  readonly series: readonly Series[];
  readonly text: (value: number) => string;
  /** The axis ends here in place of the largest value. */
  readonly top?: number;
}

const one = (label: string, of: Series['of'], look: Series['look'] = 'first'): readonly Series[] => [
  { label, look, of },
];

/** The questions that charts answer, in the order in which people ask them. */
export const CHARTS: readonly ChartKind[] = [
  {
    ...{ title: 'Runs', form: 'columns', text: String },
    series: [
      ...one('succeeded', ({ runs }) => runs.succeeded, 'good'),
      ...one('failed', ({ runs }) => runs.failed, 'bad'),
      ...one('others', ({ runs }) => runs.count - runs.succeeded - runs.failed, 'quiet'),
    ],
  },
  {
    ...{ title: 'Success rate', form: 'lines', text: formatShare, top: 1 },
    series: one('succeeded', ({ runs }) => runs.successRate, 'good'),
  },
  {
    ...{ title: 'Cost', form: 'columns', text: dollars },
    series: one('known cost', ({ models }) => models?.usd),
  },
  {
    ...{ title: 'Tokens', form: 'columns', text: formatTokens },
    series: [
      ...one('input', ({ models }) => models?.inputTokens),
      ...one('output', ({ models }) => models?.outputTokens, 'second'),
    ],
  },
  {
    ...{ title: 'Latency', form: 'lines', text: formatDuration },
    series: [
      ...one('p50', (metrics) => latencyOf(metrics)?.p50),
      ...one('p95', (metrics) => latencyOf(metrics)?.p95, 'second'),
    ],
  },
  {
    ...{ title: 'Time to first token', form: 'lines', text: formatDuration },
    series: [
      ...one('p50', ({ models }) => models?.firstTokenMs?.p50),
      ...one('p95', ({ models }) => models?.firstTokenMs?.p95, 'second'),
    ],
  },
  {
    ...{ title: 'Input from cache', form: 'lines', text: formatShare, top: 1 },
    series: one('from cache', ({ models }) => models?.cacheHitRate),
  },
  { ...{ title: 'Retries', form: 'columns', text: String }, series: one('retries', retriesOf, 'bad') },
  {
    ...{ title: 'Tool calls', form: 'columns', text: String },
    series: [
      ...one('succeeded', ({ tools }) => tools && tools.calls - tools.failed, 'good'),
      ...one('failed', ({ tools }) => tools?.failed, 'bad'),
    ],
  },
];

/** Two digits below a dollar that say something, as an axis has little room. */
function dollars(usd: number): string {
  if (usd === 0) return '$0';
  return `$${usd < 0.01 ? usd.toPrecision(1) : usd.toFixed(usd < 100 ? 2 : 0)}`;
}
