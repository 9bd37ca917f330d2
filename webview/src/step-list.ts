import { formatDuration } from '../../extension/src/protocol/format.ts';
import type { StepKey } from '../../extension/src/protocol/panel.ts';
import { activeTime } from '../../extension/src/protocol/run-view.ts';
import { h, replaceWhen, setAttribute } from './dom.ts';
import type { FilterBar } from './filter-bar.ts';
import { selectedRow } from './model.ts';
import { keyOf } from './outline.ts';
import type { Row } from './outline.ts';
import type { Model } from './model.ts';
import { createRowWindow, ROW_HEIGHT } from './row-window.ts';
import { createRow } from './step-row.ts';
import { ticks, timeScale } from './time-scale.ts';
import type { TimeScale } from './time-scale.ts';
import { targetOf } from './tree-keys.ts';

export interface StepList {
  readonly element: HTMLElement;
  update(model: Model): void;
  scrollTop(): number;
  scrollTo(top: number): void;
  /** Brings the selected line into view. */
  reveal(): void;
  focus(): void;
}

interface ListEvents {
  readonly onSelect: (key: StepKey | undefined) => void;
  readonly onToggle: (row: Row, expanded: boolean) => void;
  readonly onOpen: () => void;
  readonly onScroll: () => void;
}

/**
 * The steps and their bars, one grid, so that they stay aligned. As in VS Code's own trees the list keeps the focus and
 * names its active line (`aria-activedescendant`): a line that scrolls away may leave the page without taking the focus along.
 */
export function createStepList(filterBar: FilterBar, events: ListEvents): StepList {
  const axis = h('div', { class: 'axis', attributes: { 'aria-hidden': 'true' } });
  const canvas = h('div', { class: 'canvas', attributes: { role: 'presentation' } });
  const rows = h(
    'div',
    { class: 'rows', attributes: { role: 'tree', tabindex: '0', 'aria-label': 'Steps' } },
    canvas,
  );
  const element = h(
    'section',
    { class: 'steps', attributes: { 'aria-label': 'Steps of the run' } },
    filterBar.element,
    h(
      'div',
      { class: 'columns', attributes: { 'aria-hidden': 'true' } },
      h('span', {}, 'Step'),
      h('span', { class: 'duration' }, 'Time'),
      axis,
    ),
    rows,
  );
  let current: Model | undefined;
  let scale: TimeScale | undefined;
  /** Of the axis; asked for when it changes, since asking lays out the whole page. */
  let width = 0;

  const drawn = createRowWindow({
    rows,
    canvas,
    create: createRow,
    update: (line, index) => {
      const row = current?.rows[index];
      if (current && row && scale) line.update(current, row, scale, index);
    },
  });
  const selectedIndex = (model: Model) => selectedRow(model)?.index ?? -1;

  const update = (model: Model) => {
    const atEnd =
      current !== undefined && rows.scrollTop + rows.clientHeight >= rows.scrollHeight - ROW_HEIGHT;
    const grew =
      current !== undefined && current.run === model.run && model.rows.length > current.rows.length;
    current = model;
    filterBar.update(model);
    canvas.style.height = `${String(model.rows.length * ROW_HEIGHT)}px`;
    if (grew && atEnd && rows.scrollHeight > rows.clientHeight) rows.scrollTop = rows.scrollHeight;

    scale = timeScale(model.run, model.now, model.outline.branches.values());
    const active = selectedIndex(model);
    drawn.show(model.rows.length, active, (index) => {
      const row = model.rows[index];
      return row && (keyOf(row) ?? '');
    });
    setAttribute(rows, 'aria-activedescendant', active >= 0 ? `row-${model.selected ?? ''}` : undefined);
    drawAxis(axis, width, canvas, model, scale.total);
  };

  const reveal = () => {
    if (!current) return;
    const index = selectedIndex(current);
    if (index >= 0) drawn.reveal(index);
  };

  rows.addEventListener('scroll', () => {
    if (current) update(current);
    events.onScroll();
  });
  rows.addEventListener('keydown', (event) => {
    if (!current || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      events.onOpen();
      return;
    }
    const target = targetOf(event.key, current.rows, selectedIndex(current), drawn.page());
    if (!target) return;
    event.preventDefault();
    const row = current.rows[target.index];
    if (!row) return;
    if (target.expand === undefined) events.onSelect(keyOf(row));
    else events.onToggle(row, target.expand);
  });
  canvas.addEventListener('click', (event) => {
    if (!current || !(event.target instanceof Element)) return;
    const index = Number(event.target.closest<HTMLElement>('.row')?.dataset['index'] ?? -1);
    const row = current.rows[index];
    if (!row) return;
    if (row.expandable && event.target.closest('.twistie')) events.onToggle(row, !row.expanded);
    else events.onSelect(keyOf(row));
  });
  const resized = new ResizeObserver(() => {
    width = axis.clientWidth;
    if (current) update(current);
  });
  resized.observe(rows);

  return {
    element,
    update,
    reveal,
    scrollTop: () => rows.scrollTop,
    scrollTo: (top) => {
      rows.scrollTop = top;
    },
    focus: () => {
      rows.focus();
    },
  };
}

/** Round times above the bars, their lines behind them, and a mark where the run had stood still. */
function drawAxis(axis: HTMLElement, width: number, canvas: HTMLElement, model: Model, total: number): void {
  const times = ticks(total, width);
  const gaps = model.run.gaps.filter((gap) => gap.to !== undefined);
  const place = (time: number) => `${((time / total) * 100).toFixed(3)}%`;
  replaceWhen(axis, JSON.stringify([times, Math.round(width), Math.round(total), gaps]), () => {
    const marks = times.map((time) => {
      const tick = h('span', { class: 'tick' }, time === 0 ? '0' : formatDuration(time).replace('.0 ', ' '));
      tick.style.left = place(time);
      return tick;
    });
    const pauses = gaps.map((gap) => {
      const mark = h('span', {
        class: 'pause',
        title: `Stood still for ${formatDuration((gap.to ?? gap.from) - gap.from)}`,
      });
      mark.style.left = place(activeTime(model.run, gap.from));
      return mark;
    });
    return [...marks, ...pauses];
  });
  const step = times[1];
  canvas.style.setProperty('--grid', step === undefined ? '100%' : place(step));
}
