import { formatDuration } from '../../../extension/src/protocol/format.ts';
import type { StepId } from '../../../extension/src/protocol/run-event.ts';
import type { StepView } from '../../../extension/src/protocol/run-view.ts';
import { activeTime, stepOf } from '../../../extension/src/protocol/run-view.ts';
import { h, setAttribute } from '../dom.ts';
import type { Model } from '../model.ts';
import { stepLength, stepSpan, timeScale } from '../time-scale.ts';
import type { Palette } from './palette.ts';
import { readPalette } from './palette.ts';
import { listen } from './gestures.ts';
import { createMinimap } from './minimap.ts';
import { createSpans } from './spans.ts';
import { createSurface } from './surface.ts';
import { createTip, stepSentence } from './tip.ts';
import type { Usage } from './usage.ts';
import { usageOf } from './usage.ts';
import type { Viewport } from './viewport.ts';
import { around, panned, revealing, whole, zoomed } from './viewport.ts';
import {
  AXIS_HEIGHT,
  LANE_HEIGHT,
  lanesHeight,
  paintWaterfall,
  USAGE_HEIGHT,
  usageRows,
} from './waterfall.ts';

/** Lanes that are shown without scrolling. */
const MOST_LANES = 8;
/** How often what calls came to is summed up anew while a run goes on. */
const USAGE_EVERY_MS = 500;
const STEP_OF_ZOOM = 1.5;

export interface Timeline {
  readonly element: HTMLElement;
  update(model: Model): void;
  /** Brings the selected step into view. */
  reveal(): void;
}

interface TimelineEvents {
  readonly onSelect: (step: StepId | undefined) => void;
  /** Said aloud, since the canvas says nothing. */
  readonly onSay: (text: string) => void;
  readonly onOpen: () => void;
}

/** The run as a waterfall: its steps over time, and what its model calls came to under them. */
export function createTimeline(events: TimelineEvents): Timeline {
  const surface = createSurface();
  const tip = createTip();
  const hint = h(
    'p',
    { class: 'spoken', attributes: { id: 'timeline-keys' } },
    'Left and right arrow or A and D move, plus and minus or W and S zoom, Home and End go to the ends, 0 shows all, ' +
      'up and down arrow select the step before and after, F shows the selected step, Enter goes to its details.',
  );
  const waterfall = h(
    'div',
    {
      class: 'waterfall',
      attributes: { role: 'application', tabindex: '0', 'aria-describedby': 'timeline-keys' },
    },
    surface.element,
    tip.element,
  );
  const spans = createSpans();
  let usage: Usage | undefined;
  let usageAt = 0;
  let shown: Model | undefined;
  let view: Viewport | undefined;
  let total = 1;
  let scrolled = 0;
  let palette: Palette | undefined;
  let width = 0;
  let frame: number | undefined;
  let minimapDirty = true;

  const show = (next: Viewport) => {
    view = panned(next, 0, total);
    schedule();
  };
  const minimap = createMinimap(show);
  const element = h(
    'section',
    { class: 'timeline', attributes: { 'aria-label': 'Timeline' } },
    minimap.element,
    waterfall,
    hint,
  );
  const schedule = () => {
    frame ??= requestAnimationFrame(paint);
  };

  const heightOf = (calls: Usage) => {
    const lanes = Math.min(MOST_LANES, Math.max(1, spans.lanes.length));
    return AXIS_HEIGHT + lanes * LANE_HEIGHT + 2 + usageRows(calls) * USAGE_HEIGHT;
  };
  const deepest = (calls: Usage) =>
    Math.max(0, spans.lanes.length * LANE_HEIGHT - lanesHeight({ height: heightOf(calls), usage: calls }));
  const bounds = (model: Model, step: StepView) => {
    const start = activeTime(model.run, step.startedAt);
    return { start, end: start + stepSpan(model.run, step, model.now) };
  };
  const nowOf = (model: Model) => activeTime(model.run, Math.max(model.now, model.run.activeAt));

  function paint(): void {
    if (frame !== undefined) cancelAnimationFrame(frame);
    frame = undefined;
    if (!shown || !view || !usage || width === 0) return;
    palette ??= readPalette(element);
    const height = heightOf(usage);
    const context = surface.begin(width, height);
    if (!context) return;
    scrolled = Math.min(scrolled, deepest(usage));
    const { run, selected, at } = shown;
    const step = selected === undefined ? undefined : stepOf(run, selected);
    const now = nowOf(shown);
    paintWaterfall(context, {
      ...{ width, height, palette, spans, usage, view, scrolled, now, steps: run.steps },
      selected: step && { lane: shown.outline.row(step.id)?.lane ?? 0, ...bounds(shown, step) },
      at: at === undefined ? undefined : activeTime(run, at),
    });
    minimap.paint({ palette, spans, view, total, now }, minimapDirty);
    minimapDirty = false;
  }

  const stepAt = (x: number, y: number): StepView | undefined => {
    if (!shown || !view || !usage || width === 0) return undefined;
    const inLanes = y - AXIS_HEIGHT;
    if (inLanes < 0 || inLanes > lanesHeight({ height: heightOf(usage), usage })) return undefined;
    const lane = spans.lanes[Math.floor((inLanes + scrolled) / LANE_HEIGHT)];
    if (!lane) return undefined;
    const perPixel = (view.to - view.from) / width;
    const time = view.from + x * perPixel;
    // The last that had begun by then, or one that is near: bars of a pixel must be hit too.
    const before = lane.firstStartingAfter(time + 2 * perPixel) - 1;
    if (before < 0 || (lane.ends[before] ?? 0) < time - 3 * perPixel) return undefined;
    return shown.run.steps[lane.steps[before] ?? -1];
  };
  const selectBeside = (by: 1 | -1) => {
    if (!shown) return;
    const { run, selected } = shown;
    const current = selected === undefined ? -1 : run.steps.findIndex(({ id }) => id === selected);
    const next = run.steps[Math.min(run.steps.length - 1, current + by)];
    events.onSelect(current + by < 0 ? undefined : next?.id);
    if (next && current + by >= 0) events.onSay(stepSentence(next, stepLength(run, next, shown.now)));
    reveal();
  };
  const selectedBounds = () => {
    const step = shown?.selected === undefined ? undefined : stepOf(shown.run, shown.selected);
    return shown && step
      ? { ...bounds(shown, step), lane: shown.outline.row(step.id)?.lane ?? 0 }
      : undefined;
  };
  const reveal = () => {
    const at = selectedBounds();
    if (!at || !view || !usage) return;
    const top = at.lane * LANE_HEIGHT;
    const room = lanesHeight({ height: heightOf(usage), usage });
    scrolled = Math.min(top, Math.max(scrolled, top + LANE_HEIGHT - room));
    show(revealing(view, at.start, at.end, total));
  };
  const zoomAt = (x: number, factor: number) => {
    if (!view || width === 0) return;
    show(zoomed(view, view.from + (x / width) * (view.to - view.from), factor, total));
  };
  const panBy = (pixels: number) => {
    if (view && width > 0) show(panned(view, (pixels / width) * (view.to - view.from), total));
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => panBy(-width / 8),
    ArrowRight: () => panBy(width / 8),
    ArrowUp: () => selectBeside(-1),
    ArrowDown: () => selectBeside(1),
    '+': () => zoomAt(width / 2, STEP_OF_ZOOM),
    '-': () => zoomAt(width / 2, 1 / STEP_OF_ZOOM),
    Home: () => view && show(panned(view, -total, total)),
    End: () => view && show(panned(view, total, total)),
    '0': () => show(whole(total)),
    f: () => {
      const at = selectedBounds();
      if (at) show(around(at.start, at.end, total));
    },
    Enter: events.onOpen,
  };
  const alias: Readonly<Record<string, string>> = {
    ...{ a: 'ArrowLeft', d: 'ArrowRight', w: '+', s: '-', '=': '+', _: '-' },
  };

  listen(waterfall, {
    zoom: zoomAt,
    pan: panBy,
    scroll: (pixels) => {
      if (!usage) return false;
      const next = Math.min(deepest(usage), Math.max(0, scrolled + pixels));
      if (next === scrolled) return false;
      scrolled = next;
      schedule();
      return true;
    },
    click: (x, y) => {
      const step = stepAt(x, y);
      if (!step || !shown) return;
      events.onSelect(step.id);
      events.onSay(stepSentence(step, stepLength(shown.run, step, shown.now)));
    },
    hover: (x, y) => {
      const step = stepAt(x, y);
      if (step && shown) tip.show(stepSentence(step, stepLength(shown.run, step, shown.now)), x, y);
      else tip.hide();
    },
    leave: tip.hide,
    key: ({ key }) => {
      const name = key.length === 1 ? key.toLowerCase() : key;
      const action = keys[alias[name] ?? name];
      action?.();
      return action !== undefined;
    },
  });
  new ResizeObserver(() => {
    width = waterfall.clientWidth;
    schedule();
  }).observe(waterfall);
  // The theme is a class of the body and variables of the root.
  const themed = new MutationObserver(() => {
    palette = undefined;
    minimapDirty = true;
    schedule();
  });
  themed.observe(document.body, { attributeFilter: ['class'] });
  themed.observe(document.documentElement, { attributeFilter: ['style', 'class'] });

  return {
    element,
    reveal,
    update: (model) => {
      const another = shown?.run.id !== model.run.id;
      const grew = another || shown?.run !== model.run || shown.seq !== model.seq;
      const before = total;
      shown = model;
      total = timeScale(model.run, model.now).total;
      if (another || grew) {
        spans.update(model.run, model.outline, model.restarts);
        minimapDirty = true;
      }
      if (total !== before) minimapDirty = true;
      if (
        another ||
        !usage ||
        (usage.calls !== model.run.totals.calls && model.now - usageAt > USAGE_EVERY_MS)
      ) {
        usage = usageOf(model.run);
        usageAt = model.now;
      }
      if (another) {
        view = undefined;
        scrolled = 0;
      }
      // A view that reaches to the end follows it.
      const follows = !view || view.to >= before - 1e-6;
      if (!view || (follows && view.from <= 0)) view = whole(total);
      else if (follows) view = panned(view, total - before, total);
      waterfall.style.height = `${String(heightOf(usage))}px`;
      const words = `Timeline: ${String(model.run.steps.length)} steps over ${formatDuration(total)}`;
      setAttribute(waterfall, 'aria-label', words);
      if (width === 0) width = waterfall.clientWidth;
      paint();
    },
  };
}
