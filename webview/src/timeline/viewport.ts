/** The part of the run that the timeline shows, in milliseconds of work since its start. */
export interface Viewport {
  readonly from: number;
  readonly to: number;
}

/** Nothing is shorter in a log than its clock's millisecond. */
const SHORTEST_MS = 2;

export function whole(total: number): Viewport {
  return { from: 0, to: Math.max(SHORTEST_MS, total) };
}

/** Closer for a factor above 1; what is at `at` stays where it is. */
export function zoomed({ from, to }: Viewport, at: number, factor: number, total: number): Viewport {
  const length = Math.min(Math.max(SHORTEST_MS, (to - from) / factor), Math.max(SHORTEST_MS, total));
  const share = to > from ? (at - from) / (to - from) : 0.5;
  return within({ from: at - share * length, to: at - share * length + length }, total);
}

export function panned({ from, to }: Viewport, ms: number, total: number): Viewport {
  return within({ from: from + ms, to: to + ms }, total);
}

/** Moved as little as shows the span; made longer when it does not fit, and shorter when it would be hard to see. */
export function revealing(view: Viewport, start: number, end: number, total: number): Viewport {
  const length = view.to - view.from;
  const span = Math.max(SHORTEST_MS, end - start);
  if (span > length) return within({ from: start - span * 0.1, to: end + span * 0.1 }, total);
  if (start >= view.from && end <= view.to) return view;
  return within({ from: start - (length - span) / 2, to: start + (length + span) / 2 }, total);
}

/** The span in the middle third. */
export function around(start: number, end: number, total: number): Viewport {
  const span = Math.max(SHORTEST_MS, end - start);
  return within({ from: start - span, to: end + span }, total);
}

function within({ from, to }: Viewport, total: number): Viewport {
  const length = Math.min(to - from, Math.max(SHORTEST_MS, total));
  const start = Math.min(Math.max(0, from), Math.max(0, Math.max(SHORTEST_MS, total) - length));
  return { from: start, to: start + length };
}
