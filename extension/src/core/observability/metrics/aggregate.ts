import type { FactKind, ModelTable, RunTable, Table, ToolTable } from './columns.ts';
import type {
  ModelMetrics,
  RunMetrics,
  ToolMetrics,
  Metrics,
  MetricsAnswer,
  MetricsGroup,
  MetricsPoint,
  MetricsQuery,
  RunsQuery,
} from '../../../protocol/metrics.ts';
import { callsOf, isSpan, select } from './selection.ts';
import type { FactTables, Selection } from './selection.ts';
import { sumModels, sumRuns, sumTools } from './sums.ts';
import type { CountedRuns, Slotted } from './sums.ts';

/** Undefined when so many groups at so many times are asked for that nobody could look at them. */
export function aggregate(facts: FactTables, query: MetricsQuery): MetricsAnswer | undefined {
  const { by, over, ...whole } = query;
  const newest = newestOfRuns(facts);
  const measured = (part: MetricsQuery, without?: CallKind): Measured | undefined => {
    const selection = select(facts, part);
    return selection && { selection, ...measure(facts, newest, selection, callsOf(part), without) };
  };
  const isTimed = over !== undefined && !isSpan(by);
  const grouped = measured(by === undefined ? whole : { ...whole, by });
  const timed = isTimed ? measured(query) : undefined;
  if (!grouped || (isTimed && !timed)) return undefined;
  const all = wholeOf(grouped, callsOf(query), callsOf(whole), (without) => measured(whole, without));
  if (!all) return undefined;
  const points = pointsOf(timed);
  return {
    total: { ...all, series: by === undefined ? (points.get(0) ?? []) : [] },
    groups: by === undefined ? [] : groupsOf(facts, grouped, points).sort(isSpan(by) ? byStart : bySize),
  };
}

/** Numbers of the runs behind a group, newest first. */
export function runsBehind(facts: FactTables, query: RunsQuery): readonly number[] {
  const { over: _, by, key, start, limit: _limit, ...whole } = query;
  const selection = select(facts, by === undefined ? whole : { ...whole, by });
  if (!selection) return [];
  const asked = new Uint8Array(selection.slots);
  for (let slot = 0; slot < asked.length; slot += 1) {
    const found = selection.keyOf(slot);
    const isIt = by === undefined || (isSpan(by) ? found.start === start : facts.labels[found.label] === key);
    asked[slot] = Number(isIt);
  }
  const latest = new Map<number, number>();
  for (const { table, slots } of slotted(facts, callsOf(query) ?? 'run', selection))
    for (const [row, slot] of slots.entries())
      if (asked[slot] === 1) latest.set(table.run[row] ?? 0, table.at[row] ?? 0);
  return [...latest].sort(([a, one], [b, other]) => other - one || b - a).map(([run]) => run);
}

type CallKind = 'model' | 'tool';

/** Groups by model or tool leave out what the whole has beside them, but not the calls that they are made of. */
function wholeOf(
  { whole }: Measured,
  grouped: CallKind | undefined,
  asked: CallKind | undefined,
  measured: (without: CallKind | undefined) => Measured | undefined,
): Metrics | undefined {
  if (grouped === asked) return whole;
  if (asked !== undefined) return measured(undefined)?.whole;
  const rest = measured(grouped)?.whole;
  return rest && { ...rest, ...(grouped === 'model' ? { models: whole.models } : { tools: whole.tools }) };
}

interface Measured {
  readonly selection: Selection;
  readonly metrics: ReadonlyMap<number, Metrics>;
  readonly whole: Metrics;
}

function groupsOf(
  { labels }: FactTables,
  { selection, metrics: found }: Measured,
  points: ReadonlyMap<number, MetricsPoint[]>,
): MetricsGroup[] {
  return [...found].map(([slot, metrics]) => {
    const { label, start } = selection.keyOf(slot);
    return { key: labels[label], start, series: points.get(label) ?? [], ...metrics };
  });
}

/** By label, the oldest first. */
function pointsOf(timed: Measured | undefined): ReadonlyMap<number, MetricsPoint[]> {
  const points = new Map<number, MetricsPoint[]>();
  for (const [slot, metrics] of timed?.metrics ?? []) {
    const { label = 0, start = 0 } = timed?.selection.keyOf(slot) ?? {};
    const list = points.get(label);
    if (list) list.push({ start, ...metrics });
    else points.set(label, [{ start, ...metrics }]);
  }
  for (const list of points.values()) list.sort((a, b) => a.start - b.start);
  return points;
}

function byStart(one: MetricsGroup, other: MetricsGroup): number {
  return (one.start ?? 0) - (other.start ?? 0);
}

function bySize(one: MetricsGroup, other: MetricsGroup): number {
  return other.runs.count - one.runs.count || (one.key ?? '').localeCompare(other.key ?? '');
}

function measure(
  facts: FactTables,
  newest: RunTable,
  selection: Selection,
  kind: CallKind | undefined,
  without: CallKind | undefined,
): Pick<Measured, 'metrics' | 'whole'> {
  const asksFor = (calls: CallKind): boolean => (kind ?? calls) === calls && without !== calls;
  const models = asksFor('model') ? slotted(facts, 'model', selection) : undefined;
  const tools = asksFor('tool') ? slotted(facts, 'tool', selection) : undefined;
  const calls = kind === 'model' ? models : kind === 'tool' ? tools : undefined;
  const counted = calls
    ? runsOfCalls(newest, calls)
    : { table: newest, rows: newest.run, slots: selection.slotsOf(newest) };
  const { slots } = selection;
  const ofRuns = sumRuns(counted, slots);
  const ofModels = models && sumModels(models, slots);
  const ofTools = tools && sumTools(tools, slots);
  const together = (
    runs: RunMetrics | undefined,
    model: ModelMetrics | undefined,
    tool: ToolMetrics | undefined,
  ): Metrics => ({
    runs: runs ?? EMPTY.runs,
    models: ofModels && (model ?? EMPTY.models),
    tools: ofTools && (tool ?? EMPTY.tools),
  });
  const found = new Set(
    [ofRuns, ofModels, ofTools].flatMap((summed) => (summed ? [...summed.bySlot.keys()] : [])),
  );
  return {
    metrics: new Map(
      [...found].map((slot): [number, Metrics] => [
        slot,
        together(ofRuns.bySlot.get(slot), ofModels?.bySlot.get(slot), ofTools?.bySlot.get(slot)),
      ]),
    ),
    whole: together(ofRuns.whole, ofModels?.whole, ofTools?.whole),
  };
}

type TableOf<K extends FactKind> = Extract<Table, { readonly kind: K }>;

function tablesOf<K extends FactKind>({ tables }: FactTables, kind: K): readonly TableOf<K>[] {
  return tables.filter((table): table is TableOf<K> => table.kind === kind);
}

function slotted<K extends FactKind>(
  facts: FactTables,
  kind: K,
  { slotsOf }: Selection,
): Slotted<TableOf<K>>[] {
  return tablesOf(facts, kind).map((table) => ({ table, slots: slotsOf(table) }));
}

/** A row for each run, at the place of its number: as its newest fact says. Its time is NaN where nothing is known of it. */
function newestOfRuns(facts: FactTables): RunTable {
  const count = facts.runCount;
  const numbers = (): Uint32Array => new Uint32Array(count);
  const newest: RunTable = {
    ...{ kind: 'run', count, at: new Float64Array(count).fill(NaN), until: new Float64Array(count) },
    ...{ run: numbers(), agent: numbers(), route: numbers(), user: numbers(), activeMs: numbers() },
    ...{ status: new Uint8Array(count), part: new Uint8Array(count) },
  };
  for (const table of tablesOf(facts, 'run'))
    for (let row = 0; row < table.count; row += 1) {
      const run = table.run[row] ?? 0;
      newest.run[run] = run;
      newest.at[run] = table.at[row] ?? 0;
      newest.agent[run] = table.agent[row] ?? 0;
      newest.route[run] = table.route[row] ?? 0;
      newest.user[run] = table.user[row] ?? 0;
      newest.activeMs[run] = table.activeMs[row] ?? 0;
      newest.status[run] = table.status[row] ?? 0;
      newest.part[run] = table.part[row] ?? 0;
    }
  return newest;
}

/** A run counts once in each slot that has a call of it. */
function runsOfCalls(newest: RunTable, calls: readonly Slotted<ModelTable | ToolTable>[]): CountedRuns {
  const most = calls.reduce((sum, { slots }) => sum + slots.length, 0);
  const [rows, at] = [new Uint32Array(most), new Int32Array(most)];
  const seen: (Uint8Array | undefined)[] = [];
  let count = 0;
  for (const { table, slots } of calls)
    for (let row = 0; row < slots.length; row += 1) {
      const slot = slots[row] ?? -1;
      const run = table.run[row] ?? 0;
      if (slot < 0 || Number.isNaN(newest.at[run] ?? NaN)) continue;
      const bits = (seen[slot] ??= new Uint8Array((newest.count >> 3) + 1));
      const byte = bits[run >> 3] ?? 0;
      const mask = 1 << (run & 7);
      if ((byte & mask) !== 0) continue;
      bits[run >> 3] = byte | mask;
      rows[count] = run;
      at[count] = slot;
      count += 1;
    }
  return { table: newest, rows: rows.subarray(0, count), slots: at.subarray(0, count) };
}

/** What there is where nothing happened. */
export const EMPTY: Metrics = {
  runs: {
    ...{ count: 0, parts: 0, running: 0, paused: 0, succeeded: 0, failed: 0, stopped: 0 },
    ...{ successRate: undefined, workMs: undefined },
  },
  models: {
    ...{ calls: 0, failed: 0, retries: 0, inputTokens: 0, outputTokens: 0, cacheReadTokens: 0 },
    ...{ cacheHitRate: undefined, usd: 0, unpriced: 0, priced: 0, estimated: false },
    ...{ latencyMs: undefined, firstTokenMs: undefined },
  },
  tools: { calls: 0, failed: 0, cached: 0, retries: 0, latencyMs: undefined },
};
