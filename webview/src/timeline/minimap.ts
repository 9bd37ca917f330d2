import { h } from '../dom.ts';
import type { Palette } from './palette.ts';
import { paintLane } from './paint.ts';
import type { Lane } from './lane.ts';
import type { Layout } from './layout.ts';
import { createSurface } from './surface.ts';
import type { Viewport } from './viewport.ts';

const HEIGHT = 26;
/** Lanes that it has room for; those below are mostly inside of these. */
const LANES = 6;
/** Pixels at the edges of the viewport that drag the edge instead of the whole. */
const EDGE = 5;

export interface Minimap {
  readonly element: HTMLElement;
  /** `changed`: the steps have, so that they are drawn anew; else only the viewport has. */
  paint(picture: MinimapPicture, changed: boolean): void;
}

interface MinimapPicture {
  readonly palette: Palette;
  readonly layout: Layout;
  readonly view: Viewport;
  readonly total: number;
  readonly now: number;
}

/** The whole run in small, with the part that the timeline shows, which can be dragged and made longer or shorter. */
export function createMinimap(onView: (view: Viewport) => void): Minimap {
  const surface = createSurface();
  const steps = document.createElement('canvas').getContext('2d', { alpha: false });
  const element = h('div', { class: 'minimap', attributes: { 'aria-hidden': 'true' } }, surface.element);
  let shown: MinimapPicture | undefined;

  element.addEventListener('pointerdown', (event) => {
    if (!shown || event.button !== 0) return;
    const { view, total } = shown;
    const { left, width } = element.getBoundingClientRect();
    const timeOf = (x: number) => ((x - left) / width) * total;
    const [from, to] = [left + (view.from / total) * width, left + (view.to / total) * width];
    const grip = gripAt(event.clientX, from, to);
    // Beside it: it comes to the pointer first.
    const begun = grip === undefined ? centred(view, timeOf(event.clientX)) : view;
    if (grip === undefined) onView(begun);
    const start = timeOf(event.clientX);
    element.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent) => {
      const by = timeOf(moved.clientX) - start;
      const next = {
        from: grip === 'end' ? begun.from : grip === 'start' ? Math.max(0, begun.from + by) : begun.from + by,
        to: grip === 'start' ? begun.to : grip === 'end' ? Math.min(total, begun.to + by) : begun.to + by,
      };
      if (next.to > next.from) onView(next);
    };
    const end = () => {
      element.removeEventListener('pointermove', move);
    };
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerup', end, { once: true });
    element.addEventListener('pointercancel', end, { once: true });
  });

  return {
    element,
    paint: (picture, changed) => {
      shown = picture;
      const { palette, view, total } = picture;
      const width = element.clientWidth;
      const context = surface.begin(width, HEIGHT);
      if (!context || !steps) return;
      const { canvas } = steps;
      const { width: wide, height: high } = surface.element;
      if (changed || canvas.width !== wide || canvas.height !== high) {
        canvas.width = wide;
        canvas.height = high;
        steps.setTransform(context.getTransform());
        paintSteps(steps, picture, width);
      }
      context.drawImage(canvas, 0, 0, width, HEIGHT);
      const [from, to] = [(view.from / total) * width, (view.to / total) * width];
      context.globalAlpha = 0.55;
      context.fillStyle = palette.background;
      context.fillRect(0, 0, from, HEIGHT);
      context.fillRect(to, 0, width - to, HEIGHT);
      context.globalAlpha = 1;
      context.strokeStyle = palette.focus;
      context.lineWidth = 1;
      context.strokeRect(from + 0.5, 0.5, Math.max(2, to - from - 1), HEIGHT - 1);
    },
  };
}

function paintSteps(context: CanvasRenderingContext2D, picture: MinimapPicture, width: number): void {
  const { palette, layout, total, now } = picture;
  context.fillStyle = palette.background;
  context.fillRect(0, 0, width, HEIGHT);
  const rows = rowsOf(layout);
  const each = Math.min(8, Math.floor((HEIGHT - 2) / Math.max(1, rows.length)));
  rows.forEach((lanes, index) => {
    for (const lane of lanes) {
      paintLane(lane, {
        ...{ context, palette, view: { from: 0, to: total }, left: 0, width, now },
        ...{ top: 2 + index * each, height: Math.max(1, each - 1) },
      });
    }
  });
}

/** The first rows of lanes. Headers are left out: what they span is seen in the steps around. */
function rowsOf({ blocks }: Layout): readonly (readonly Lane[])[] {
  const rows = new Map<number, Lane[]>();
  for (const { spans, top } of blocks) {
    spans.lanes.slice(0, LANES).forEach((lane, index) => {
      const row = rows.get(top + index);
      if (row) row.push(lane);
      else rows.set(top + index, [lane]);
    });
  }
  return [...rows]
    .sort(([a], [b]) => a - b)
    .slice(0, LANES)
    .map(([, lanes]) => lanes);
}

function gripAt(x: number, from: number, to: number): 'start' | 'end' | 'whole' | undefined {
  if (Math.abs(x - from) <= EDGE) return 'start';
  if (Math.abs(x - to) <= EDGE) return 'end';
  return x > from && x < to ? 'whole' : undefined;
}

function centred({ from, to }: Viewport, at: number): Viewport {
  const half = (to - from) / 2;
  return { from: at - half, to: at + half };
}
