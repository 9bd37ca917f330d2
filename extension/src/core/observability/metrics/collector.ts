import { NONE } from './columns.ts';
import type { Percentiles } from '../../../protocol/metrics.ts';
import { percentiles } from './percentile.ts';

/**
 * Values by slot, all of a slot side by side: they are given twice in the same way, to be counted first and then kept.
 */
export interface Collector {
  take(slot: number, value: number): void;
  /** To be called between the two times. */
  counted(): void;
  percentiles(slot: number): Percentiles | undefined;
  /** Of all slots together; to be asked last, since it mixes them. */
  whole(): Percentiles | undefined;
}

export function collect(slots: number): Collector {
  /** Before `counted` how many, after it where the next one goes, which in the end is where the next slot begins. */
  const ends = new Uint32Array(slots + 1);
  let values: Uint32Array | undefined;
  return {
    take: (slot, value) => {
      if (value === NONE) return;
      const end = ends[slot] ?? 0;
      if (values) values[end] = value;
      ends[slot] = end + 1;
    },
    counted: () => {
      let sum = 0;
      for (let slot = 0; slot < slots; slot += 1) {
        const count = ends[slot] ?? 0;
        ends[slot] = sum;
        sum += count;
      }
      values = new Uint32Array(sum);
    },
    percentiles: (slot) => percentilesOf(values?.subarray(slot === 0 ? 0 : ends[slot - 1], ends[slot])),
    whole: () => percentilesOf(values),
  };
}

function percentilesOf(values: Uint32Array | undefined): Percentiles | undefined {
  if (!values) return undefined;
  const [p50, p95] = percentiles(values, [0.5, 0.95]);
  return p50 === undefined || p95 === undefined ? undefined : { p50, p95 };
}
