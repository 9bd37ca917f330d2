import { collect } from './collector.ts';
import { CACHED, ESTIMATED, FAILED, NONE, PRICED, STATUSES } from './columns.ts';
import type { ModelTable, RunTable, ToolTable } from './columns.ts';
import type { ModelMetrics, RunMetrics, ToolMetrics } from './metrics.ts';

/** A table, and the slot of each of its rows: -1 where it is in none. */
export interface Slotted<T> {
  readonly table: T;
  readonly slots: Int32Array;
}

/** A run, once for each slot that it counts in: where its newest fact stands. */
export interface CountedRun {
  readonly table: RunTable;
  readonly row: number;
  readonly slot: number;
}

export function sumRuns(runs: readonly CountedRun[], slots: number): Map<number, RunMetrics> {
  const width = STATUSES.length + 1;
  const counts = new Uint32Array(slots * width);
  const work = collect(slots);
  const takeWork = ({ table, row, slot }: CountedRun): void => {
    // Only what has ended has taken its time.
    if ((table.status[row] ?? 0) > 1) work.take(slot, table.activeMs[row] ?? NONE);
  };
  for (const run of runs) {
    const { table, row, slot } = run;
    add(counts, slot * width + (table.status[row] ?? 0), 1);
    add(counts, slot * width + STATUSES.length, table.part[row] ?? 0);
    takeWork(run);
  }
  work.counted();
  for (const run of runs) takeWork(run);
  const found = new Map<number, RunMetrics>();
  for (let slot = 0; slot < slots; slot += 1) {
    const own = counts.subarray(slot * width, (slot + 1) * width);
    const [running = 0, paused = 0, succeeded = 0, failed = 0, stopped = 0, parts = 0] = own;
    const count = running + paused + succeeded + failed + stopped;
    if (count === 0) continue;
    const successRate = ratio(succeeded, succeeded + failed);
    const states = { running, paused, succeeded, failed, stopped };
    found.set(slot, { count, parts, ...states, successRate, workMs: work.percentiles(slot) });
  }
  return found;
}

export function sumModels(parts: readonly Slotted<ModelTable>[], slots: number): Map<number, ModelMetrics> {
  const names = ['calls', 'failed', 'retries', 'inputTokens', 'outputTokens', 'cacheReadTokens'] as const;
  const [calls, failed, retries, input, output, cacheRead] = names.map(() => new Float64Array(slots));
  const [usd, unpriced, priced, estimated] = [0, 1, 2, 3].map(() => new Float64Array(slots));
  const [latency, firstToken] = [collect(slots), collect(slots)];
  for (const { table, slots: at } of parts)
    for (let row = 0; row < at.length; row += 1) {
      const slot = at[row] ?? -1;
      if (slot < 0) continue;
      const flags = table.flags[row] ?? 0;
      const paid = table.usd[row] ?? NaN;
      add(calls, slot, 1);
      add(retries, slot, table.retries[row] ?? 0);
      add(input, slot, table.inputTokens[row] ?? 0);
      add(output, slot, table.outputTokens[row] ?? 0);
      add(cacheRead, slot, table.cacheReadTokens[row] ?? 0);
      if (Number.isNaN(paid)) add(unpriced, slot, 1);
      else add(usd, slot, paid);
      if ((flags & PRICED) !== 0) add(priced, slot, 1);
      if ((flags & ESTIMATED) !== 0) add(estimated, slot, 1);
      if ((flags & FAILED) !== 0) add(failed, slot, 1);
      else latency.take(slot, table.durationMs[row] ?? NONE);
      firstToken.take(slot, table.firstTokenMs[row] ?? NONE);
    }
  latency.counted();
  firstToken.counted();
  for (const { table, slots: at } of parts)
    for (let row = 0; row < at.length; row += 1) {
      const slot = at[row] ?? -1;
      if (slot < 0) continue;
      if (((table.flags[row] ?? 0) & FAILED) === 0) latency.take(slot, table.durationMs[row] ?? NONE);
      firstToken.take(slot, table.firstTokenMs[row] ?? NONE);
    }
  const found = new Map<number, ModelMetrics>();
  for (let slot = 0; slot < slots; slot += 1) {
    const of = (sums: Float64Array | undefined): number => sums?.[slot] ?? 0;
    if (of(calls) === 0) continue;
    found.set(slot, {
      ...{ calls: of(calls), failed: of(failed), retries: of(retries) },
      ...{ inputTokens: of(input), outputTokens: of(output), cacheReadTokens: of(cacheRead) },
      cacheHitRate: ratio(of(cacheRead), of(input)),
      ...{ usd: of(usd), unpriced: of(unpriced), priced: of(priced), estimated: of(estimated) > 0 },
      latencyMs: latency.percentiles(slot),
      firstTokenMs: firstToken.percentiles(slot),
    });
  }
  return found;
}

export function sumTools(parts: readonly Slotted<ToolTable>[], slots: number): Map<number, ToolMetrics> {
  const [calls, failed, cached, retries] = [0, 1, 2, 3].map(() => new Uint32Array(slots));
  const latency = collect(slots);
  for (const { table, slots: at } of parts)
    for (let row = 0; row < at.length; row += 1) {
      const slot = at[row] ?? -1;
      if (slot < 0) continue;
      const flags = table.flags[row] ?? 0;
      add(calls, slot, 1);
      add(retries, slot, table.retries[row] ?? 0);
      if ((flags & FAILED) !== 0) add(failed, slot, 1);
      if ((flags & CACHED) !== 0) add(cached, slot, 1);
      else latency.take(slot, table.durationMs[row] ?? NONE);
    }
  latency.counted();
  for (const { table, slots: at } of parts)
    for (let row = 0; row < at.length; row += 1) {
      const slot = at[row] ?? -1;
      if (slot >= 0 && ((table.flags[row] ?? 0) & CACHED) === 0)
        latency.take(slot, table.durationMs[row] ?? NONE);
    }
  const found = new Map<number, ToolMetrics>();
  for (let slot = 0; slot < slots; slot += 1) {
    const of = (sums: Uint32Array | undefined): number => sums?.[slot] ?? 0;
    if (of(calls) === 0) continue;
    const counts = { calls: of(calls), failed: of(failed), cached: of(cached), retries: of(retries) };
    found.set(slot, { ...counts, latencyMs: latency.percentiles(slot) });
  }
  return found;
}

function add(sums: Float64Array | Uint32Array | undefined, slot: number, value: number): void {
  if (sums) sums[slot] = (sums[slot] ?? 0) + value;
}

function ratio(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
