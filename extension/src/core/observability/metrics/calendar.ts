import type { Span } from '../../../protocol/metrics.ts';

/** More of them are no picture that anybody reads. */
export const MOST_EDGES = 10_000;

/**
 * The beginnings of the hours, days or weeks that hold the time from `from` to `to`, in local time: a day is 23 or 25 hours long where
 * the clocks change. Weeks begin on Monday. Undefined for more than `MOST_EDGES`.
 */
export function edgesOf(span: Span, from: number, to: number): readonly number[] | undefined {
  const first = new Date(from);
  const edges: number[] = [];
  let start = startOf(span, first);
  while (start <= to) {
    if (edges.length === MOST_EDGES) return undefined;
    edges.push(start);
    start = nextEdge(span, start);
  }
  return edges;
}

function startOf(span: Span, time: Date): number {
  if (span === 'hour') return new Date(time).setMinutes(0, 0, 0);
  const day = new Date(time.getFullYear(), time.getMonth(), time.getDate());
  if (span === 'week') day.setDate(day.getDate() - ((day.getDay() + 6) % 7));
  return day.getTime();
}

/** Where the one that begins at `start` ends. */
export function nextEdge(span: Span, start: number): number {
  if (span === 'hour') return start + 3_600_000;
  const day = new Date(start);
  day.setDate(day.getDate() + (span === 'day' ? 1 : 7));
  return day.getTime();
}

/** The place of the edge that the time stands behind; -1 before the first. */
export function placeIn(edges: readonly number[] | Float64Array, at: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
