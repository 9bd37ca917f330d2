import { formatDuration, formatRunCost, formatTokens } from './format.ts';
import type { Metrics, Percentiles } from './metrics.ts';

/** What `metricsLine` says, in its order. */
export const METRICS_HEADINGS: readonly string[] = [
  ...['runs', 'succeeded', 'cost', 'tokens', 'from cache', 'calls', 'retries'],
  ...['p50', 'p95', 'first token', 'tool calls', 'tools failed'],
];

/** The numbers as people read them; a dash where there are none. */
export function metricsLine({ runs, models, tools }: Metrics): readonly string[] {
  const tokens = models && models.inputTokens + models.outputTokens;
  const latency = models ? models.latencyMs : tools?.latencyMs;
  return [
    String(runs.count),
    share(runs.successRate),
    models ? formatRunCost(models) : DASH,
    tokens === undefined ? DASH : formatTokens(tokens),
    share(models?.cacheHitRate),
    models ? String(models.calls) : DASH,
    models || tools ? String((models?.retries ?? 0) + (tools?.retries ?? 0)) : DASH,
    time(latency, 'p50'),
    time(latency, 'p95'),
    time(models?.firstTokenMs, 'p50'),
    tools ? String(tools.calls) : DASH,
    tools ? String(tools.failed) : DASH,
  ];
}

const DASH = '–';

function share(value: number | undefined): string {
  return value === undefined ? DASH : `${(value * 100).toFixed(value < 1 && value > 0 ? 1 : 0)} %`;
}

function time(values: Percentiles | undefined, which: keyof Percentiles): string {
  return values ? formatDuration(values[which]) : DASH;
}
