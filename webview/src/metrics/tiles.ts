import { formatDuration, formatRunCost, formatTokens } from '../../../extension/src/protocol/format.ts';
import { formatShare, latencyOf, retriesOf } from '../../../extension/src/protocol/metrics-text.ts';
import type { Metrics, Percentiles } from '../../../extension/src/protocol/metrics.ts';
import { h } from '../dom.ts';

interface Tile {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

/** The numbers of what the charts are of, at one look. */
export function createTiles(metrics: Metrics): HTMLElement {
  return h(
    'dl',
    { class: 'tiles' },
    ...tilesOf(metrics).map(({ name, value, note }) =>
      h(
        'div',
        { class: 'tile' },
        h('dt', {}, name),
        h('dd', {}, value, ' ', h('span', { class: 'note' }, note)),
      ),
    ),
  );
}

function tilesOf(metrics: Metrics): readonly Tile[] {
  const { runs, models, tools } = metrics;
  const latency = latencyOf(metrics);
  return [
    { name: 'Runs', value: runs.count.toLocaleString(), note: runNote(metrics) },
    {
      name: 'Success rate',
      value: runs.successRate === undefined ? '–' : formatShare(runs.successRate),
      note: `${String(runs.failed)} failed`,
    },
    ...(models
      ? [
          { name: 'Cost', value: formatRunCost(models), note: unpricedNote(models.unpriced) },
          {
            name: 'Tokens',
            value: formatTokens(models.inputTokens + models.outputTokens),
            note: `${formatTokens(models.inputTokens)} in, ${formatTokens(models.outputTokens)} out`,
          },
        ]
      : []),
    { name: 'Latency', ...timeOf(latency), note: percentileNote(latency) },
    ...(models
      ? [
          {
            name: 'First token',
            ...timeOf(models.firstTokenMs),
            note: percentileNote(models.firstTokenMs),
          },
          {
            name: 'Input from cache',
            value: models.cacheHitRate === undefined ? '–' : formatShare(models.cacheHitRate),
            note: `${formatTokens(models.cacheReadTokens)} tokens`,
          },
        ]
      : []),
    { name: 'Retries', value: String(retriesOf(metrics) ?? 0), note: callsNote(metrics) },
    ...(tools
      ? [{ name: 'Tool calls', value: tools.calls.toLocaleString(), note: `${String(tools.failed)} failed` }]
      : []),
  ];
}

function runNote({ runs }: Metrics): string {
  const open = runs.running + runs.paused;
  if (open > 0) return `${String(open)} not ended`;
  return runs.parts > 0 ? `${String(runs.parts)} of them sub-runs` : `${String(runs.stopped)} stopped`;
}

function unpricedNote(unpriced: number): string {
  return unpriced === 0 ? 'all calls counted' : `${String(unpriced)} calls without a price`;
}

function callsNote({ models, tools }: Metrics): string {
  const calls = (models?.calls ?? 0) + (tools?.calls ?? 0);
  return `in ${calls.toLocaleString()} calls`;
}

function timeOf(times: Percentiles | undefined): { readonly value: string } {
  return { value: times ? formatDuration(times.p50) : '–' };
}

function percentileNote(times: Percentiles | undefined): string {
  return times ? `p50; p95 ${formatDuration(times.p95)}` : 'nothing measured';
}
