import type { CompareLine, CompareSide } from '../../../extension/src/protocol/compare-panel.ts';
import { h, setAttribute } from '../dom.ts';
import { createRowWindow, ROW_HEIGHT } from '../row-window.ts';
import { targetOf } from '../tree-keys.ts';
import type { TreeRow } from '../tree-keys.ts';
import { createLineRow } from './line-row.ts';

export interface LineList {
  readonly element: HTMLElement;
  /** The numbers of the lines that are listed, and which of them is selected. */
  show(lines: readonly CompareLine[], shown: readonly number[], selected: number | undefined): void;
  reveal(): void;
  scrollTop(): number;
  scrollTo(top: number): void;
  focus(): void;
}

interface ListEvents {
  readonly onSelect: (line: number) => void;
  readonly onOpen: (line: number, side: CompareSide) => void;
  /** To the details of the selected line. */
  readonly onEnter: () => void;
  readonly onScroll: () => void;
}

/** Two runs side by side, as the trace panel's list shows one: only what can be seen is in the page, and the list keeps the focus. */
export function createLineList(events: ListEvents): LineList {
  const canvas = h('div', { class: 'canvas', attributes: { role: 'presentation' } });
  const rows = h(
    'div',
    { class: 'rows', attributes: { role: 'tree', tabindex: '0', 'aria-label': 'Steps of both runs' } },
    canvas,
  );
  const element = h(
    'section',
    { class: 'steps compared', attributes: { 'aria-label': 'Steps side by side' } },
    h(
      'div',
      { class: 'columns', attributes: { 'aria-hidden': 'true' } },
      ...['', 'A', 'B', 'Differs in'].map((name) => h('span', {}, name)),
      ...['Time', 'Tokens', 'Cost'].map((name) => h('span', { class: 'amount' }, `Δ ${name}`)),
    ),
    rows,
  );
  let lines: readonly CompareLine[] = [];
  let shown: readonly number[] = [];
  let tree: readonly TreeRow[] = [];
  let active = -1;

  const drawn = createRowWindow({
    rows,
    canvas,
    create: createLineRow,
    update: (row, index) => {
      const line = lines[shown[index] ?? -1];
      if (line) row.update(line, { index, count: shown.length, selected: index === active });
    },
  });
  const draw = (): void => {
    drawn.show(shown.length, active, (index) => shown[index]?.toString());
    setAttribute(rows, 'aria-activedescendant', active < 0 ? undefined : `row-${String(shown[active])}`);
  };
  const select = (index: number): void => {
    const line = shown[index];
    if (line !== undefined) events.onSelect(line);
  };
  const indexAt = (target: EventTarget | null): number =>
    target instanceof Element ? Number(target.closest<HTMLElement>('.row')?.dataset['index'] ?? -1) : -1;
  const open = (index: number, side: string | undefined): void => {
    const line = shown[index];
    if (line !== undefined && (side === 'a' || side === 'b')) events.onOpen(line, side);
  };

  rows.addEventListener('scroll', () => {
    draw();
    events.onScroll();
  });
  rows.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      events.onEnter();
      return;
    }
    const target = targetOf(event.key, tree, active, drawn.page());
    if (!target) return;
    event.preventDefault();
    select(target.index);
  });
  canvas.addEventListener('click', (event) => {
    const index = indexAt(event.target);
    select(index);
    if (event.target instanceof Element)
      open(index, event.target.closest<HTMLElement>('[data-open]')?.dataset['open']);
  });
  canvas.addEventListener('dblclick', (event) => {
    if (!(event.target instanceof Element) || event.target.closest('[data-open]')) return;
    open(indexAt(event.target), event.target.closest<HTMLElement>('[data-side]')?.dataset['side']);
  });
  new ResizeObserver(draw).observe(rows);

  return {
    element,
    show: (all, some, selected) => {
      if (some !== shown || all !== lines) tree = treeOf(all, some);
      lines = all;
      shown = some;
      active = selected === undefined ? -1 : shown.indexOf(selected);
      canvas.style.height = `${String(shown.length * ROW_HEIGHT)}px`;
      draw();
    },
    reveal: () => {
      if (active >= 0) drawn.reveal(active);
    },
    scrollTop: () => rows.scrollTop,
    scrollTo: (top) => {
      rows.scrollTop = top;
    },
    focus: () => {
      rows.focus();
    },
  };
}

/** What each line is inside of, for the arrow to the left. */
function treeOf(lines: readonly CompareLine[], shown: readonly number[]): readonly TreeRow[] {
  const open: number[] = [];
  return shown.map((line, index) => {
    const level = lines[line]?.level ?? 1;
    const parent = open[level - 2];
    open.length = level - 1;
    open.push(index);
    return {
      ...{ expandable: false, expanded: false },
      parent: parent === undefined ? undefined : { index: parent },
    };
  });
}
