import { EMPTY, metricsLine, METRICS_HEADINGS, SPANS } from '../core/observability/metrics/index.ts';
import type { MetricsAnswer, MetricsGroup, MetricsQuery, Span } from '../core/observability/metrics/index.ts';
import type { RunMetricsStore } from '../node/sqlite/index.ts';
import { usageError } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import { EXIT } from './exit.ts';
import { inFolder } from './host.ts';
import { onInterrupt } from './interrupt.ts';
import type { Perform } from './perform.ts';
import { fit, ink, safeLine } from './style.ts';
import type { Terminal } from './terminal.ts';

const KEY_WIDTH = 30;
const NUMBER_WIDTH = 12;

export const metrics: Perform = (given, terminal) =>
  inFolder(given, terminal, async (folder) => {
    const stop = new AbortController();
    const interrupts = onInterrupt(() => stop.abort());
    const live = terminal.out.isTTY && !given.json;
    const options = {
      signal: stop.signal,
      onProgress: (read: number, of: number) => {
        if (live) terminal.out.write(`\r${read} of ${of} runs read`);
      },
    };
    try {
      const query = queryOf(given, Date.now());
      const answer = await folder.metrics.metrics(query, options);
      if (live) terminal.out.write('\r\u001b[2K');
      if (given.metrics.key !== undefined)
        await printRuns(folder.metrics, query, answer, { given, terminal, ...options });
      else if (given.json) terminal.print(JSON.stringify(answer));
      else print(answer, given, terminal);
      return EXIT.done;
    } finally {
      interrupts.dispose();
    }
  });

function queryOf({ metrics: { by, sinceMs, over } }: Arguments, now: number): MetricsQuery {
  return {
    ...(by === undefined ? {} : { by }),
    ...(over === undefined ? {} : { over }),
    ...(sinceMs === undefined ? {} : { from: now - sinceMs }),
  };
}

function print(
  { total, groups }: MetricsAnswer,
  { metrics: { by, over } }: Arguments,
  terminal: Terminal,
): void {
  if (total.runs.count === 0 && (total.models?.calls ?? 0) === 0) {
    terminal.print('There are no runs in that time.');
    return;
  }
  const row = (name: string, cells: readonly string[]): string =>
    `${fit(safeLine(name), KEY_WIDTH)}${cells.map((cell) => cell.padStart(NUMBER_WIDTH)).join('')}`;
  terminal.print(ink(terminal.out, 'dim', row(by ?? '', METRICS_HEADINGS)));
  for (const group of groups) {
    terminal.print(row(nameOf(group, by), metricsLine(group)));
    for (const point of group.series)
      terminal.print(row(`  ${timeText(point.start, over)}`, metricsLine(point)));
  }
  for (const point of total.series) terminal.print(row(timeText(point.start, over), metricsLine(point)));
  terminal.print(ink(terminal.out, 'bold', row('all', metricsLine({ ...EMPTY, ...total }))));
}

async function printRuns(
  store: RunMetricsStore,
  query: MetricsQuery,
  { groups }: MetricsAnswer,
  {
    given,
    terminal,
    signal,
  }: { readonly given: Arguments; readonly terminal: Terminal; readonly signal: AbortSignal },
): Promise<void> {
  const { by, key = '' } = given.metrics;
  if (by === undefined) throw usageError('--key names a line of `strata metrics --by …`, so it needs --by.');
  const group = groups.find((one) => nameOf(one, by) === key);
  if (!group) throw usageError(`There is no line "${key}": see \`strata metrics --by ${by}\`.`);
  const { start } = group;
  const place = start === undefined ? { key: group.key } : { start };
  const { runs, count } = await store.runs({ ...query, ...place, limit: given.limit }, { signal });
  if (given.json) terminal.print(JSON.stringify({ runs, count }));
  else {
    for (const run of runs) terminal.print(run);
    if (count > runs.length) terminal.print(`… and ${count - runs.length} more (--limit).`);
  }
}

function nameOf({ key, start }: MetricsGroup, by: MetricsQuery['by']): string {
  if (start !== undefined)
    return timeText(
      start,
      SPANS.find((span) => span === by),
    );
  return key ?? '(not known)';
}

/** `2026-11-26`, and of an hour `2026-11-26 14:00`, in local time. */
function timeText(start: number, span: Span | undefined): string {
  const time = new Date(start);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return span === 'hour' ? `${day} ${two(time.getHours())}:${two(time.getMinutes())}` : day;
}
