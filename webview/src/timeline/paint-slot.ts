import { colourOf } from './colours.ts';
import type { Header, Slot } from './layout.ts';
import { paintLane } from './paint.ts';
import type { LanePlace } from './paint.ts';

/** Room for the sign that tells open from closed. */
const SIGN = 12;
/** Width of a letter, on the wide side. */
const LETTER = 7;

export interface SlotPlace extends Omit<LanePlace, 'label' | 'bar'> {
  readonly rowHeight: number;
  readonly partsOf: (header: Header) => readonly string[];
  /** Whether there is something to open. */
  readonly canOpen: (header: Header) => boolean;
}

/** The headers of the sub-runs, each over a tinted ground that its lanes stand on. */
export function paintSlot({ headers, lane }: Slot, place: SlotPlace): void {
  const { context, palette, view, left, width, top, height, now, rowHeight } = place;
  const tint = palette.kinds[colourOf('agent')] ?? '';
  const perMs = width / (view.to - view.from);
  const after = lane.firstStartingAfter(view.to);
  for (let at = lane.firstEndingAfter(view.from); at < after; at++) {
    const { block, start, end } = headers[lane.steps[at] ?? -1] ?? {};
    if (!block || block.rows === 0 || start === undefined || end === undefined) continue;
    const x = Math.max(left, left + (start - view.from) * perMs);
    const right = Math.min(left + width, left + (Math.min(end, Math.max(now, start)) - view.from) * perMs);
    const tall = block.rows * rowHeight + 1;
    context.globalAlpha = 0.1;
    context.fillStyle = tint;
    context.fillRect(x, top + height, right - x, tall);
    context.globalAlpha = 1;
    // Where it began, when that is in view.
    if (start >= view.from) context.fillRect(x, top, 1, height + tall);
    if (palette.contrast === undefined) continue;
    context.strokeStyle = palette.contrast;
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, top + 0.5, Math.max(1, right - x - 1), height + tall - 1);
  }
  paintLane(lane, {
    ...place,
    bar: (at, x, wide) => {
      const header = headers[lane.steps[at] ?? -1];
      if (header) paintHeader(header, lane.failed[at] === 1, place, x, wide);
    },
  });
}

function paintHeader(header: Header, failed: boolean, place: SlotPlace, x: number, width: number): void {
  const { context, palette, top, height } = place;
  const shown = width > 4 ? width - 1 : width;
  context.globalAlpha = 0.3;
  context.fillStyle = palette.kinds[colourOf('agent')] ?? '';
  context.fillRect(x, top, shown, height);
  context.globalAlpha = 1;
  if (failed) {
    context.fillStyle = palette.bad;
    context.fillRect(x, top + height - 3, shown, 3);
  }
  if (palette.contrast !== undefined && shown > 3) {
    context.strokeStyle = palette.contrast;
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, top + 0.5, shown - 1, height - 1);
  }
  let indent = 4;
  context.fillStyle = palette.foreground;
  if (place.canOpen(header)) {
    if (shown < SIGN + 2) return;
    paintSign(context, header.open, x + 4, top + height / 2);
    indent += SIGN;
  }
  const room = shown - indent - 4;
  const text = fitting(context, place.partsOf(header), room);
  if (text !== '') context.fillText(text, x + indent, top + height / 2);
}

/** As many of the parts as there is room for; of the first one at least its beginning. */
function fitting(context: CanvasRenderingContext2D, parts: readonly string[], room: number): string {
  for (let count = parts.length; count > 0; count--) {
    const text = parts.slice(0, count).join(' · ');
    if (context.measureText(text).width <= room) return text;
  }
  const letters = Math.floor(room / LETTER);
  return letters < 2 ? '' : `${(parts[0] ?? '').slice(0, letters - 1)}…`;
}

/** A triangle that points down, where it is open, or to what it would show. */
function paintSign(context: CanvasRenderingContext2D, open: boolean, x: number, middle: number): void {
  context.beginPath();
  if (open) {
    context.moveTo(x, middle - 2.5);
    context.lineTo(x + 8, middle - 2.5);
    context.lineTo(x + 4, middle + 3);
  } else {
    context.moveTo(x + 1.5, middle - 4);
    context.lineTo(x + 7, middle);
    context.lineTo(x + 1.5, middle + 4);
  }
  context.fill();
}
