import { edgesOf, nextEdge } from '../../core/observability/metrics/index.ts';
import type { MetricsQuery, RunsQuery } from '../../core/observability/metrics/index.ts';
import type { MetricsOptions, RunSummary } from '../../node/sqlite/index.ts';
import { formatRunCost } from '../../protocol/format.ts';
import type { MetricsChoice, MetricsHostMessage, RunLine } from '../../protocol/metrics-panel.ts';
import type { MetricsPoint } from '../../protocol/metrics.ts';
import type { MeasuredFolder } from './ports.ts';

const DAY_MS = 86_400_000;
/** A list that is longer is looked through in the view of runs. */
const MOST_RUNS = 100;

type Shown = Extract<MetricsHostMessage, { readonly type: 'metrics' }>;
type Listed = Extract<MetricsHostMessage, { readonly type: 'runs' }>;

/** Throws what the store throws. */
export async function metricsOf(
  { folder, name, metrics }: MeasuredFolder,
  choice: MetricsChoice,
  options: MetricsOptions & { readonly now: number },
): Promise<Shown> {
  const { by, over, group } = choice;
  const time = timeOf(choice, options.now);
  const { total, groups } = await metrics.metrics({ ...time, by }, options);
  const points = group
    ? (await metrics.metrics({ ...time, by, over }, options)).groups.find(({ key }) => key === group.key)
        ?.series
    : (await metrics.metrics({ ...time, over }, options)).total.series;
  const none = total.runs.count === 0 && (await metrics.metrics({}, options)).total.runs.count === 0;
  return {
    ...{ type: 'metrics', choice, none },
    folder: { path: folder, name },
    total: { runs: total.runs, models: total.models, tools: total.tools },
    lines: groups.map(({ key, runs, models, tools }) => ({
      ...(key === undefined ? {} : { key }),
      ...{ runs, models, tools },
    })),
    times: timesOf(choice, time.from, options.now, points ?? []),
    points: points ?? [],
  };
}

/** The runs behind the chosen line, or behind one column of its charts. */
export async function runsOf(
  { metrics, find }: MeasuredFolder,
  choice: MetricsChoice,
  start: number | undefined,
  options: MetricsOptions & { readonly now: number },
): Promise<Listed> {
  const { by, over, group } = choice;
  const { from = -Infinity } = timeOf(choice, options.now);
  const time: MetricsQuery =
    start === undefined
      ? timeOf(choice, options.now)
      : { from: Math.max(start, from), to: nextEdge(over, start) };
  const query: RunsQuery = { ...time, ...(group ? { by, key: group.key } : {}), limit: MOST_RUNS };
  const { runs, count } = await metrics.runs(query, options);
  return {
    ...{ type: 'runs', choice, count },
    ...(start === undefined ? {} : { start }),
    runs: runs.flatMap((run) => {
      const found = find(run);
      return found ? [lineOf(found)] : [];
    }),
  };
}

function timeOf({ days }: MetricsChoice, now: number): { readonly from?: number } {
  return days === undefined ? {} : { from: now - days * DAY_MS };
}

function timesOf(
  { over }: MetricsChoice,
  from: number | undefined,
  now: number,
  points: readonly MetricsPoint[],
): readonly number[] {
  const first = from ?? points[0]?.start;
  if (first === undefined) return [];
  // A clock that went back leaves runs that began later than now.
  const last = Math.max(now, points.at(-1)?.start ?? 0);
  return edgesOf(over, first, last) ?? points.map(({ start }) => start);
}

function lineOf(run: RunSummary): RunLine {
  const { id, agent, task, status, startedAt } = run;
  return { id, agent, task: task.split('\n', 1)[0] ?? '', status, startedAt, cost: formatRunCost(run) };
}
