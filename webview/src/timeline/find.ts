import type { StepView } from '../../../extension/src/protocol/run-view.ts';
import type { Model } from '../model.ts';
import type { Row } from '../outline.ts';
import type { Header, Layout } from './layout.ts';
import type { Lane } from './lane.ts';

export interface Found {
  /** A step, or the one that started the sub-run of the header. */
  readonly row: Row;
  readonly header?: Header;
}

/** What stands in a row of the timeline at a time; `perPixel` is how much time a pixel is. */
export function find(
  { outline }: Model,
  { blocks, slots }: Layout,
  row: number,
  time: number,
  perPixel: number,
): Found | undefined {
  for (const { top, headers, lane } of slots) {
    if (top !== row) continue;
    const header = headers[lane.steps[spanAt(lane, time, perPixel)] ?? -1];
    if (header) return { row: header.row, header };
  }
  for (const { branch, spans, top } of blocks) {
    const lane = spans.lanes[row - top];
    if (!lane) continue;
    const step = branch.run.steps[lane.steps[spanAt(lane, time, perPixel)] ?? -1];
    const found = step && outline.rowOf(branch.run.id, step.id);
    if (found) return { row: found };
  }
  return undefined;
}

/** Row in which the timeline shows a step; undefined when the sub-run that it is in is closed. */
export function laneOf({ blocks }: Layout, { branch, lane }: Row): number | undefined {
  const block = blocks.find((one) => one.branch === branch);
  return block && block.top + Math.max(0, lane);
}

/** The last that had begun by then, or one that is near: bars of a pixel must be hit too. */
function spanAt(lane: Lane, time: number, perPixel: number): number {
  const before = lane.firstStartingAfter(time + 2 * perPixel) - 1;
  return before < 0 || (lane.ends[before] ?? 0) < time - 3 * perPixel ? -1 : before;
}

/** The step before or after, in the order in which they were started; a sub-run's follow the one that started it. */
export function beside(layout: Layout, model: Model, from: Row, by: 1 | -1): Row | undefined {
  const rowIn = (row: Row['branch'], step: StepView | undefined) =>
    step && model.outline.rowOf(row.run.id, step.id);
  const inside = (row: Row) => layout.blocks.find(({ branch }) => branch.host === row)?.branch;
  const placeIn = ({ branch, step }: Row) => branch.run.steps.findIndex((one) => one === step);
  if (!from.step) return by < 0 ? undefined : rowIn(from.branch, from.branch.run.steps[0]);
  if (by > 0) {
    const sub = inside(from);
    if (sub && sub.run.steps.length > 0) return rowIn(sub, sub.run.steps[0]);
    for (let at: Row | undefined = from; at; at = at.branch.host) {
      const next = at.branch.run.steps[placeIn(at) + 1];
      if (next) return rowIn(at.branch, next);
    }
    return from;
  }
  const place = placeIn(from);
  if (place <= 0) return from.branch.host;
  let before = rowIn(from.branch, from.branch.run.steps[place - 1]);
  for (let sub = before && inside(before); sub && sub.run.steps.length > 0; sub = before && inside(before)) {
    before = rowIn(sub, sub.run.steps.at(-1));
  }
  return before;
}
