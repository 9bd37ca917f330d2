import type { StepKey } from '../../../extension/src/protocol/panel.ts';
import { activeTime } from '../../../extension/src/protocol/run-view.ts';
import { h, setAttribute } from '../dom.ts';
import type { Model } from '../model.ts';
import { isOpen } from '../folds.ts';
import { keyOf } from '../outline.ts';
import type { Row } from '../outline.ts';
import { spanIn, timeScale } from '../time-scale.ts';
import { beside, find, laneOf } from './find.ts';
import type { Found } from './find.ts';
import type { Palette } from './palette.ts';
import { readPalette } from './palette.ts';
import { listen } from './gestures.ts';
import { createMinimap } from './minimap.ts';
import { createLayouts } from './layout.ts';
import { createSurface } from './surface.ts';
import { createTip } from './tip.ts';
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
import { canOpen, headerSentence, headerParts, rowSentence, timelineWords } from './words.ts';

/** Lanes that are shown without scrolling, */
const MOST_LANES = 8;
/** and with those of sub-runs, as far as this share of the page's height goes. */
const MOST_NESTED = 16;
const SHARE = 0.32;
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
  readonly onSelect: (key: StepKey | undefined) => void;
  readonly onToggle: (row: Row, open: boolean) => void;
  /** Said aloud, since the canvas says nothing. */
  readonly onSay: (text: string) => void;
  readonly onOpen: () => void;
}

/** The run as a waterfall: its steps over time, its sub-runs below them, and what the model calls came to under all. */
export function createTimeline(events: TimelineEvents): Timeline {
  const surface = createSurface();
  const tip = createTip();
  const hint = h(
    'p',
    { class: 'spoken', attributes: { id: 'timeline-keys' } },
    'Left and right arrow or A and D move, plus and minus or W and S zoom, Home and End go to the ends, 0 shows all, ' +
      'up and down arrow select the step before and after, F shows the selected step, Enter goes to its details, ' +
      'Space opens or closes its sub-run, or the one that it is a step of.',
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
  const layouts = createLayouts();
  let usage: Usage | undefined;
  let usageAt = 0;
  /** The sub-runs that were here then, and the calls that had come back. */
  let usageOn = '';
  let callsSeen = 0;
  let seenRevision = 0;
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
    const { rows, slots } = layouts.layout;
    const room = Math.floor((window.innerHeight * SHARE) / LANE_HEIGHT);
    const most = slots.length === 0 ? MOST_LANES : Math.min(MOST_NESTED, Math.max(MOST_LANES, room));
    const lanes = Math.min(most, Math.max(1, rows));
    return AXIS_HEIGHT + lanes * LANE_HEIGHT + 2 + usageRows(calls) * USAGE_HEIGHT;
  };
  const deepest = (calls: Usage) =>
    Math.max(0, layouts.layout.rows * LANE_HEIGHT - lanesHeight({ height: heightOf(calls), usage: calls }));
  const boundsOf = (model: Model, row: Row | undefined) => {
    const lane = row?.step && laneOf(layouts.layout, row);
    if (!row?.step || lane === undefined) return undefined;
    const start = activeTime(model.run, row.step.startedAt);
    return { lane, start, end: start + spanIn(row.branch, row.step, model.now) };
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
    const model = shown;
    const { run, outline, selected, at } = model;
    const { layout } = layouts;
    const now = nowOf(model);
    paintWaterfall(context, {
      ...{ width, height, palette, layout, usage, view, scrolled, now },
      selected: boundsOf(model, outline.row(selected)),
      at: at === undefined ? undefined : activeTime(run, at),
      headerParts: (header) => headerParts(model, header),
      canOpen: (header) => canOpen(model, header),
    });
    minimap.paint({ palette, layout, view, total, now }, minimapDirty);
    minimapDirty = false;
  }

  const foundAt = (x: number, y: number): Found | undefined => {
    if (!shown || !view || !usage || width === 0) return undefined;
    const inLanes = y - AXIS_HEIGHT;
    if (inLanes < 0 || inLanes > lanesHeight({ height: heightOf(usage), usage })) return undefined;
    const row = Math.floor((inLanes + scrolled) / LANE_HEIGHT);
    const perPixel = (view.to - view.from) / width;
    return find(shown, layouts.layout, row, view.from + x * perPixel, perPixel);
  };
  const selectedRow = () => shown?.outline.row(shown.selected);
  const selectBeside = (by: 1 | -1) => {
    const row = selectedRow();
    if (!shown || !row) return;
    const next = beside(layouts.layout, shown, row, by);
    events.onSelect(next && keyOf(next));
    if (next) events.onSay(rowSentence(next, shown.now));
    reveal();
  };
  /** The sub-run of the selected step, or the one around it: an open one is closed from any of its steps. */
  const toggle = () => {
    const row = selectedRow();
    if (!shown || !row) return;
    const starts = ['closed', 'coming', 'here'].includes(shown.subRuns.state(row) ?? '');
    const target = starts ? row : row.branch.host;
    if (target) events.onToggle(target, !isOpen(shown.folds, target));
    reveal();
  };
  const reveal = () => {
    const at = shown && boundsOf(shown, selectedRow());
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
      const at = shown && boundsOf(shown, selectedRow());
      if (at) show(around(at.start, at.end, total));
    },
    Enter: events.onOpen,
    ' ': toggle,
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
      const found = foundAt(x, y);
      if (!found || !shown) return;
      const { row, header } = found;
      if (header && canOpen(shown, header)) {
        events.onToggle(row, !header.open);
        return;
      }
      events.onSelect(keyOf(row));
      events.onSay(rowSentence(row, shown.now));
    },
    hover: (x, y) => {
      const found = foundAt(x, y);
      waterfall.classList.toggle('on-header', found?.header !== undefined);
      if (!found || !shown) tip.hide();
      else if (found.header) tip.show(headerSentence(shown, found.header), x, y);
      else tip.show(rowSentence(found.row, shown.now), x, y);
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
      const known = shown;
      const grew =
        another ||
        known?.run !== model.run ||
        known.seq !== model.seq ||
        known.folds !== model.folds ||
        seenRevision !== model.subRuns.revision;
      seenRevision = model.subRuns.revision;
      const before = total;
      shown = model;
      total = timeScale(model.run, model.now, model.outline.branches.values()).total;
      if (another || grew) {
        layouts.update(model);
        minimapDirty = true;
      }
      if (total !== before) minimapDirty = true;
      const { branches } = model.outline;
      const here = `${String(branches.size)} ${String(model.subRuns.revision)}`;
      const calls = [...branches.values()].reduce((sum, { run }) => sum + run.totals.calls, 0);
      const stale = callsSeen !== calls && model.now - usageAt > USAGE_EVERY_MS;
      if (another || !usage || usageOn !== here || stale) {
        usage = usageOf(model.run, branches);
        usageAt = model.now;
        usageOn = here;
        callsSeen = calls;
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
      setAttribute(waterfall, 'aria-label', timelineWords(model, layouts.layout, total));
      if (width === 0) width = waterfall.clientWidth;
      paint();
    },
  };
}
