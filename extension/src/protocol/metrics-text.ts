import { formatDuration, formatRunCost, formatTokens } from './format.ts';
import type { Metrics, Percentiles } from './metrics.ts';

/** One number of a line of metrics, as people read it and as lines are sorted by it; a dash where there is none. */
export interface MetricsColumn {
  readonly heading: string;
  readonly value: (metrics: Metrics) => number | undefined;
  readonly text: (metrics: Metrics) => string;
}

export const METRICS_COLUMNS: readonly MetricsColumn[] = [
  column('runs', ({ runs }) => runs.count, String),
  column('succeeded', ({ runs }) => runs.successRate, formatShare),
  {
    ...{ heading: 'cost', value: ({ models }) => models?.usd },
    text: ({ models }) => (models ? formatRunCost(models) : DASH),
  },
  column('tokens', ({ models }) => models && models.inputTokens + models.outputTokens, formatTokens),
  column('from cache', ({ models }) => models?.cacheHitRate, formatShare),
  column('calls', ({ models }) => models?.calls, String),
  column('retries', retriesOf, String),
  column('p50', (metrics) => latencyOf(metrics)?.p50, formatDuration),
  column('p95', (metrics) => latencyOf(metrics)?.p95, formatDuration),
  column('first token', ({ models }) => models?.firstTokenMs?.p50, formatDuration),
  column('tool calls', ({ tools }) => tools?.calls, String),
  column('tools failed', ({ tools }) => tools?.failed, String),
];

export const METRICS_HEADINGS: readonly string[] = METRICS_COLUMNS.map(({ heading }) => heading);

/** What `METRICS_HEADINGS` names, in its order. */
export function metricsLine(metrics: Metrics): readonly string[] {
  return METRICS_COLUMNS.map(({ text }) => text(metrics));
}

/** Of model calls; of a tool, of its calls. */
export function latencyOf({ models, tools }: Metrics): Percentiles | undefined {
  return models ? models.latencyMs : tools?.latencyMs;
}

export function retriesOf({ models, tools }: Metrics): number | undefined {
  return models || tools ? (models?.retries ?? 0) + (tools?.retries ?? 0) : undefined;
}

export function formatShare(value: number): string {
  return `${(value * 100).toFixed(value < 1 && value > 0 ? 1 : 0)} %`;
}

const DASH = '–';

function column(
  heading: string,
  value: MetricsColumn['value'],
  format: (value: number) => string,
): MetricsColumn {
  return {
    ...{ heading, value },
    text: (metrics) => {
      const found = value(metrics);
      return found === undefined ? DASH : format(found);
    },
  };
}
