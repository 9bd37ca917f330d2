import type { FactKind, ModelTable, RunTable, Table, ToolTable } from './columns.ts';
import type {
  Metrics,
  MetricsAnswer,
  MetricsGroup,
  MetricsPoint,
  MetricsQuery,
  RunsQuery,
} from './metrics.ts';
import { callsOf, isSpan, select } from './selection.ts';
import type { FactTables, Selection } from './selection.ts';
import { sumModels, sumRuns, sumTools } from './sums.ts';
import type { CountedRun, Slotted } from './sums.ts';

/** Undefined when so many groups at so many times are asked for that nobody could look at them. */
export function aggregate(facts: FactTables, query: MetricsQuery): MetricsAnswer | undefined {
  const { by, over, ...whole } = query;
  const newest = newestOfRuns(facts);
  const measured = (part: MetricsQuery): Measured | undefined => {
    const selection = select(facts, part);
    return selection && { selection, metrics: measure(facts, newest, selection, callsOf(part)) };
  };
  const isTimed = over !== undefined && !isSpan(by);
  const all = measured(whole);
  const grouped = by === undefined ? undefined : measured({ ...whole, by });
  const timed = isTimed ? measured(query) : undefined;
  if (!all || (by !== undefined && !grouped) || (isTimed && !timed)) return undefined;
  const points = pointsOf(timed);
  return {
    total: { ...(all.metrics.get(0) ?? EMPTY), series: by === undefined ? (points.get(0) ?? []) : [] },
    groups: groupsOf(facts, grouped, by === undefined ? new Map() : points).sort(
      isSpan(by) ? byStart : bySize,
    ),
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

interface Measured {
  readonly selection: Selection;
  readonly metrics: ReadonlyMap<number, Metrics>;
}

function groupsOf(
  { labels }: FactTables,
  grouped: Measured | undefined,
  points: ReadonlyMap<number, MetricsPoint[]>,
): MetricsGroup[] {
  return [...(grouped?.metrics ?? [])].map(([slot, metrics]) => {
    const { label, start } = grouped?.selection.keyOf(slot) ?? { label: 0, start: undefined };
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
  newest: readonly (Place | undefined)[],
  selection: Selection,
  kind: 'model' | 'tool' | undefined,
): ReadonlyMap<number, Metrics> {
  const models = kind === 'tool' ? undefined : slotted(facts, 'model', selection);
  const tools = kind === 'model' ? undefined : slotted(facts, 'tool', selection);
  const calls = kind === 'model' ? models : kind === 'tool' ? tools : undefined;
  const runs = calls ? runsOfCalls(facts, newest, calls) : runsAlone(facts, newest, selection);
  const { slots } = selection;
  const ofRuns = sumRuns(runs, slots);
  const ofModels = models && sumModels(models, slots);
  const ofTools = tools && sumTools(tools, slots);
  const found = new Set([...ofRuns.keys(), ...(ofModels?.keys() ?? []), ...(ofTools?.keys() ?? [])]);
  return new Map(
    [...found].map((slot): [number, Metrics] => [
      slot,
      {
        runs: ofRuns.get(slot) ?? EMPTY.runs,
        models: ofModels && (ofModels.get(slot) ?? EMPTY.models),
        tools: ofTools && (ofTools.get(slot) ?? EMPTY.tools),
      },
    ]),
  );
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

/** Where the newest fact of a run stands. */
interface Place {
  readonly table: RunTable;
  readonly row: number;
}

function newestOfRuns(facts: FactTables): readonly (Place | undefined)[] {
  const newest = new Array<Place | undefined>(facts.runCount);
  for (const table of tablesOf(facts, 'run'))
    for (let row = 0; row < table.count; row += 1) newest[table.run[row] ?? 0] = { table, row };
  return newest;
}

function runsAlone(
  facts: FactTables,
  newest: readonly (Place | undefined)[],
  selection: Selection,
): readonly CountedRun[] {
  const runs: CountedRun[] = [];
  for (const { table, slots } of slotted(facts, 'run', selection))
    for (let row = 0; row < slots.length; row += 1) {
      const slot = slots[row] ?? -1;
      const place = newest[table.run[row] ?? 0];
      if (slot >= 0 && place?.table === table && place.row === row) runs.push({ table, row, slot });
    }
  return runs;
}

/** A run counts once in each slot that has a call of it. */
function runsOfCalls(
  facts: FactTables,
  newest: readonly (Place | undefined)[],
  calls: readonly Slotted<ModelTable | ToolTable>[],
): readonly CountedRun[] {
  const seen: (Uint8Array | undefined)[] = [];
  const runs: CountedRun[] = [];
  for (const { table, slots } of calls)
    for (let row = 0; row < slots.length; row += 1) {
      const slot = slots[row] ?? -1;
      const run = table.run[row] ?? 0;
      const place = newest[run];
      if (slot < 0 || !place) continue;
      const bits = (seen[slot] ??= new Uint8Array((facts.runCount >> 3) + 1));
      const byte = bits[run >> 3] ?? 0;
      const mask = 1 << (run & 7);
      if ((byte & mask) !== 0) continue;
      bits[run >> 3] = byte | mask;
      runs.push({ ...place, slot });
    }
  return runs;
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
