import { collect } from './collector.ts';
import { CACHED, ESTIMATED, FAILED, NONE, PRICED, STATUSES } from './columns.ts';
import type { ModelTable, RunTable, ToolTable } from './columns.ts';
import type { ModelMetrics, RunMetrics, ToolMetrics } from '../../../protocol/metrics.ts';

/** A table, and the slot of each of its rows: -1 where it is in none. */
export interface Slotted<T> {
  readonly table: T;
  readonly slots: Int32Array;
}

export interface Summed<T> {
  /** None where nothing happened. */
  readonly bySlot: ReadonlyMap<number, T>;
  /** Of what is in a slot at all. */
  readonly whole: T | undefined;
}

/** Rows of the table, once for each slot that they count in. */
export interface CountedRuns {
  readonly table: RunTable;
  readonly rows: Uint32Array;
  readonly slots: Int32Array;
}

export function sumRuns({ table, rows, slots: at }: CountedRuns, slots: number): Summed<RunMetrics> {
  const width = STATUSES.length + 1;
  const counts = new Float64Array(slots * width);
  const work = collect(slots);
  for (const isFirst of [true, false]) {
    for (let index = 0; index < at.length; index += 1) {
      const slot = at[index] ?? -1;
      if (slot < 0) continue;
      const row = rows[index] ?? 0;
      const status = table.status[row] ?? 0;
      // Only what has ended has taken its time.
      if (status > 1) work.take(slot, table.activeMs[row] ?? NONE);
      if (!isFirst) continue;
      add(counts, slot * width + status, 1);
      add(counts, slot * width + STATUSES.length, table.part[row] ?? 0);
    }
    if (isFirst) work.counted();
  }
  return summed(slots, counts, width, STATUSES.length, (own, slot) => {
    const [running, paused, succeeded] = [own(0), own(1), own(2)];
    const [failed, stopped, parts] = [own(3), own(4), own(5)];
    const count = running + paused + succeeded + failed + stopped;
    const successRate = ratio(succeeded, succeeded + failed);
    const workMs = slot === undefined ? work.whole() : work.percentiles(slot);
    return { count, parts, running, paused, succeeded, failed, stopped, successRate, workMs };
  });
}

export function sumModels(parts: readonly Slotted<ModelTable>[], slots: number): Summed<ModelMetrics> {
  const width = 10;
  const sums = new Float64Array(slots * width);
  const [latency, firstToken] = [collect(slots), collect(slots)];
  for (const isFirst of [true, false]) {
    for (const { table, slots: at } of parts)
      for (let row = 0; row < at.length; row += 1) {
        const slot = at[row] ?? -1;
        if (slot < 0) continue;
        const flags = table.flags[row] ?? 0;
        if ((flags & FAILED) === 0) latency.take(slot, table.durationMs[row] ?? NONE);
        firstToken.take(slot, table.firstTokenMs[row] ?? NONE);
        if (!isFirst) continue;
        const usd = table.usd[row] ?? NaN;
        const isPriced = !Number.isNaN(usd);
        const first = slot * width;
        add(sums, first, 1);
        add(sums, first + 1, flags & FAILED ? 1 : 0);
        add(sums, first + 2, table.retries[row] ?? 0);
        add(sums, first + 3, table.inputTokens[row] ?? 0);
        add(sums, first + 4, table.outputTokens[row] ?? 0);
        add(sums, first + 5, table.cacheReadTokens[row] ?? 0);
        add(sums, first + 6, isPriced ? usd : 0);
        add(sums, first + 7, isPriced ? 0 : 1);
        add(sums, first + 8, flags & PRICED ? 1 : 0);
        add(sums, first + 9, flags & ESTIMATED ? 1 : 0);
      }
    if (!isFirst) continue;
    latency.counted();
    firstToken.counted();
  }
  return summed(slots, sums, width, 1, (own, slot) => {
    const [inputTokens, cacheReadTokens] = [own(3), own(5)];
    return {
      ...{
        calls: own(0),
        failed: own(1),
        retries: own(2),
        inputTokens,
        outputTokens: own(4),
        cacheReadTokens,
      },
      cacheHitRate: ratio(cacheReadTokens, inputTokens),
      ...{ usd: own(6), unpriced: own(7), priced: own(8), estimated: own(9) > 0 },
      latencyMs: slot === undefined ? latency.whole() : latency.percentiles(slot),
      firstTokenMs: slot === undefined ? firstToken.whole() : firstToken.percentiles(slot),
    };
  });
}

export function sumTools(parts: readonly Slotted<ToolTable>[], slots: number): Summed<ToolMetrics> {
  const width = 4;
  const sums = new Float64Array(slots * width);
  const latency = collect(slots);
  for (const isFirst of [true, false]) {
    for (const { table, slots: at } of parts)
      for (let row = 0; row < at.length; row += 1) {
        const slot = at[row] ?? -1;
        if (slot < 0) continue;
        const flags = table.flags[row] ?? 0;
        if ((flags & CACHED) === 0) latency.take(slot, table.durationMs[row] ?? NONE);
        if (!isFirst) continue;
        add(sums, slot * width, 1);
        add(sums, slot * width + 1, flags & FAILED ? 1 : 0);
        add(sums, slot * width + 2, flags & CACHED ? 1 : 0);
        add(sums, slot * width + 3, table.retries[row] ?? 0);
      }
    if (isFirst) latency.counted();
  }
  return summed(slots, sums, width, 1, (own, slot) => {
    const latencyMs = slot === undefined ? latency.whole() : latency.percentiles(slot);
    return { calls: own(0), failed: own(1), cached: own(2), retries: own(3), latencyMs };
  });
}

/**
 * Makes the metrics of each slot that has something in its first `counts` numbers, and then those of all: `make` is told no slot
 * for them.
 */
function summed<T>(
  slots: number,
  sums: Float64Array,
  width: number,
  counts: number,
  make: (own: (index: number) => number, slot: number | undefined) => T,
): Summed<T> {
  const bySlot = new Map<number, T>();
  const whole = new Float64Array(width);
  for (let slot = 0; slot < slots; slot += 1) {
    const own = (index: number): number => sums[slot * width + index] ?? 0;
    let isEmpty = true;
    for (let index = 0; index < counts; index += 1) isEmpty &&= own(index) === 0;
    if (isEmpty) continue;
    bySlot.set(slot, make(own, slot));
    for (let index = 0; index < width; index += 1) add(whole, index, own(index));
  }
  return { bySlot, whole: bySlot.size === 0 ? undefined : make((index) => whole[index] ?? 0, undefined) };
}

function add(sums: Float64Array, index: number, value: number): void {
  sums[index] = (sums[index] ?? 0) + value;
}

function ratio(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
