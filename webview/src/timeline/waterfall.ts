import { formatTokens } from '../../../extension/src/protocol/format.ts';
import type { StepView } from '../../../extension/src/protocol/run-view.ts';
import { stepLabel } from '../../../extension/src/protocol/step-label.ts';
import { ticks, tickText } from '../time-scale.ts';
import type { Palette } from './palette.ts';
import { paintLane } from './paint.ts';
import type { Header, Layout } from './layout.ts';
import { paintSlot } from './paint-slot.ts';
import type { Usage } from './usage.ts';
import { between } from './usage.ts';
import type { Viewport } from './viewport.ts';

export const AXIS_HEIGHT = 18;
export const LANE_HEIGHT = 18;
export const USAGE_HEIGHT = 22;
/** Pixels of one column of the lanes of tokens and cost. */
const COLUMN = 3;

export interface Waterfall {
  readonly width: number;
  readonly height: number;
  readonly palette: Palette;
  readonly layout: Layout;
  readonly usage: Usage;
  readonly view: Viewport;
  /** Pixels that the lanes are scrolled by. */
  readonly scrolled: number;
  readonly now: number;
  readonly headerParts: (header: Header) => readonly string[];
  readonly canOpen: (header: Header) => boolean;
  readonly selected: { readonly lane: number; readonly start: number; readonly end: number } | undefined;
  /** The replay's position; what is after it is dimmed. */
  readonly at: number | undefined;
}

/** Room for the lanes between the axis and what the calls came to. */
export function lanesHeight({ height, usage }: Pick<Waterfall, 'height' | 'usage'>): number {
  return height - AXIS_HEIGHT - usageRows(usage) * USAGE_HEIGHT;
}

/** Tokens and cost; nothing for a run without model calls. */
export function usageRows({ calls }: Usage): number {
  return calls > 0 ? 2 : 0;
}

export function paintWaterfall(context: CanvasRenderingContext2D, picture: Waterfall): void {
  const { width, height, palette, view, scrolled, selected, at } = picture;
  const perMs = width / (view.to - view.from);
  const xOf = (time: number) => (time - view.from) * perMs;
  context.fillStyle = palette.background;
  context.fillRect(0, 0, width, height);
  context.font = `11px ${palette.font}`;
  context.textBaseline = 'middle';

  paintAxis(context, picture, xOf);
  const room = lanesHeight(picture);
  context.save();
  context.beginPath();
  context.rect(0, AXIS_HEIGHT, width, room);
  context.clip();
  paintRows(context, picture, room);
  if (selected) {
    const top = AXIS_HEIGHT + selected.lane * LANE_HEIGHT - scrolled;
    const x = Math.max(-4, xOf(selected.start));
    context.strokeStyle = palette.focus;
    context.lineWidth = 2;
    const right = Math.min(width + 4, Math.max(x + 3, xOf(selected.end)));
    context.strokeRect(x - 0.5, top, right - x + 0.5, LANE_HEIGHT - 1);
  }
  context.restore();
  paintUsage(context, picture);
  if (at !== undefined) paintPosition(context, picture, xOf(at));
}

/** The lanes that are in view, those of sub-runs over the grounds of their headers. */
function paintRows(context: CanvasRenderingContext2D, picture: Waterfall, room: number): void {
  const { width, palette, layout, view, scrolled, now } = picture;
  const first = Math.max(0, Math.floor(scrolled / LANE_HEIGHT));
  const last = Math.ceil((scrolled + room) / LANE_HEIGHT);
  const placeOf = (row: number) => ({
    ...{ context, palette, view, left: 0, width, now },
    ...{ top: AXIS_HEIGHT + row * LANE_HEIGHT - scrolled + 1, height: LANE_HEIGHT - 3 },
  });
  for (const slot of layout.slots) {
    const below = slot.headers.reduce((most, { block }) => Math.max(most, block?.rows ?? 0), 0);
    if (slot.top > last || slot.top + below < first) continue;
    const { headerParts: partsOf, canOpen } = picture;
    paintSlot(slot, { ...placeOf(slot.top), rowHeight: LANE_HEIGHT, partsOf, canOpen });
  }
  for (const { branch, spans, top, start, end } of layout.blocks) {
    if (start > view.to || end < view.from) continue;
    const { steps } = branch.run;
    const until = Math.min(spans.lanes.length - 1, last - top);
    for (let index = Math.max(0, first - top); index <= until; index++) {
      const lane = spans.lanes[index];
      if (lane) paintLane(lane, { ...placeOf(top + index), label: (step) => labelOf(steps[step]) });
    }
  }
}

function paintAxis(
  context: CanvasRenderingContext2D,
  { width, height, palette, view }: Waterfall,
  xOf: (time: number) => number,
): void {
  const [zero, second] = ticks(view.to - view.from, width);
  const step = zero === undefined || second === undefined ? view.to - view.from : second - zero;
  for (let time = Math.ceil(view.from / step) * step; time <= view.to; time += step) {
    const x = Math.round(xOf(time));
    context.globalAlpha = 0.6;
    context.fillStyle = palette.line;
    context.fillRect(x, 0, 1, height);
    context.globalAlpha = 1;
    const text = tickText(time, step);
    if (x + 4 + context.measureText(text).width > width) continue;
    context.fillStyle = palette.muted;
    context.fillText(text, x + 4, AXIS_HEIGHT / 2);
  }
}

function paintUsage(context: CanvasRenderingContext2D, picture: Waterfall): void {
  const { usage, palette, height } = picture;
  if (usageRows(usage) === 0) return;
  const top = height - 2 * USAGE_HEIGHT;
  paintColumns(
    context,
    picture,
    usage.tokens,
    top,
    palette.kinds[0] ?? '',
    (sum) => `${formatTokens(sum)} tokens`,
  );
  paintColumns(context, picture, usage.dollars, top + USAGE_HEIGHT, palette.kinds[3] ?? '', (sum) =>
    sum > 0 ? `$${sum.toFixed(sum < 1 ? 4 : 2)}` : 'no cost known',
  );
}

function paintColumns(
  context: CanvasRenderingContext2D,
  { usage, view, width, palette }: Waterfall,
  sums: Float64Array,
  top: number,
  colour: string,
  words: (sum: number) => string,
): void {
  const perPixel = (view.to - view.from) / width;
  const columns: number[] = [];
  for (let x = 0; x < width; x += COLUMN) {
    const from = view.from + x * perPixel;
    // What ended at the very beginning belongs to the first column.
    columns.push(between(usage, sums, x === 0 ? from - 1e-6 : from, from + COLUMN * perPixel));
  }
  const most = Math.max(...columns);
  context.fillStyle = palette.line;
  context.fillRect(0, top, width, 1);
  context.fillStyle = colour;
  columns.forEach((value, index) => {
    if (value <= 0) return;
    const tall = Math.max(2, (value / most) * (USAGE_HEIGHT - 4));
    context.fillRect(index * COLUMN, top + USAGE_HEIGHT - tall, COLUMN - 1, tall);
  });
  const text = words(between(usage, sums, view.from - 1e-6, view.to));
  context.globalAlpha = 0.85;
  context.fillStyle = palette.background;
  context.fillRect(0, top + 2, context.measureText(text).width + 10, 13);
  context.globalAlpha = 1;
  context.fillStyle = palette.foreground;
  context.fillText(text, 4, top + 9);
}

function paintPosition(context: CanvasRenderingContext2D, picture: Waterfall, x: number): void {
  const { width, height, palette } = picture;
  if (x < width) {
    context.globalAlpha = 0.7;
    context.fillStyle = palette.background;
    context.fillRect(Math.max(0, x), AXIS_HEIGHT, width - Math.max(0, x), height - AXIS_HEIGHT);
    context.globalAlpha = 1;
  }
  context.fillStyle = palette.focus;
  context.fillRect(Math.round(x) - 1, 0, 2, height);
}

/** An agent and a node by whom they are for: their kind is told by where they stand. */
function labelOf(step: StepView | undefined): string {
  if (!step) return '';
  const { title, detail } = stepLabel(step);
  return (step.kind === 'agent' || step.kind === 'node') && detail ? detail : title;
}
