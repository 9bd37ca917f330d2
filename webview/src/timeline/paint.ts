import type { Palette } from './palette.ts';
import type { Lane } from './lane.ts';
import type { Viewport } from './viewport.ts';

/** Where and how a lane is drawn. */
export interface LanePlace {
  readonly context: CanvasRenderingContext2D;
  readonly palette: Palette;
  readonly view: Viewport;
  readonly left: number;
  readonly width: number;
  readonly top: number;
  readonly height: number;
  /** Where steps that go on end for now. */
  readonly now: number;
  /** What stands in a bar that has room for it. */
  readonly label?: (step: number) => string;
  /** Draws a bar that is wide enough to be seen by itself in another way. */
  readonly bar?: (at: number, x: number, width: number) => void;
}

/** Bars this narrow are drawn together, as one pixel of the colour that most of them have. */
const NARROW = 2;
const LABEL_FROM = 34;
/** Width of a letter at the size of the labels, on the narrow side, so that most of what fits is there. */
const LETTER = 6;

export function paintLane(lane: Lane, place: LanePlace): void {
  const { context, palette, view, left, width, top, height } = place;
  const perMs = width / (view.to - view.from);
  const xOf = (time: number) => left + (time - view.from) * perMs;
  const endOf = (at: number) => Math.min(lane.ends[at] ?? 0, Math.max(place.now, lane.starts[at] ?? 0));
  let at = lane.firstEndingAfter(view.from);
  // A span of no length at the very beginning ends at it.
  while (at > 0 && (lane.starts[at - 1] ?? -1) >= view.from) at -= 1;
  while (at < lane.count) {
    const start = lane.starts[at] ?? 0;
    if (start > view.to) return;
    const x = Math.max(left, xOf(start));
    const right = Math.min(left + width, xOf(endOf(at)));
    if (right - x >= NARROW) {
      if (place.bar) place.bar(at, x, right - x);
      else paintBar(lane, at, place, x, right - x);
      at += 1;
      continue;
    }
    const pixel = Math.floor(x);
    const edge = view.from + (pixel + 1 - left) / perMs;
    let after = Math.max(at + 1, lane.firstStartingAfter(edge));
    // The last one may begin in this pixel and be wide enough to be seen by itself.
    if (after - 1 > at && xOf(endOf(after - 1)) - pixel >= NARROW + 1) after -= 1;
    context.fillStyle =
      lane.failures(at, after) > 0 ? palette.bad : (palette.kinds[lane.mainColour(at, after)] ?? '');
    context.fillRect(pixel, top, Math.max(1, Math.min(NARROW, right - pixel)), height);
    at = after;
  }
}

function paintBar(lane: Lane, at: number, place: LanePlace, x: number, width: number): void {
  const { context, palette, top, height, label } = place;
  const colour = lane.colours[at] ?? 0;
  const failed = lane.failed[at] === 1;
  context.fillStyle = palette.kinds[colour] ?? '';
  // A hair between neighbours, so that two of one colour do not look like one.
  const shown = width > 4 ? width - 1 : width;
  context.fillRect(x, top, shown, height);
  if (failed) {
    context.fillStyle = palette.bad;
    context.fillRect(x, top + height - Math.max(2, height * 0.25), shown, Math.max(2, height * 0.25));
  }
  if (palette.contrast !== undefined && shown > 3 && height > 6) {
    context.strokeStyle = palette.contrast;
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, top + 0.5, shown - 1, height - 1);
  }
  if (!label || shown < LABEL_FROM) return;
  const room = Math.floor((shown - 8) / LETTER);
  const text = label(lane.steps[at] ?? 0);
  context.fillStyle = palette.onKinds[colour] ?? '';
  context.fillText(
    text.length > room ? `${text.slice(0, Math.max(1, room - 1))}…` : text,
    x + 4,
    top + height / 2,
  );
}
