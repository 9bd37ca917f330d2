import { METRICS_COLUMNS } from '../../../extension/src/protocol/metrics-text.ts';
import type { Metrics } from '../../../extension/src/protocol/metrics.ts';
import { h } from '../dom.ts';

export interface TableLine {
  readonly name: string;
  readonly metrics: Metrics;
  /** Undefined where it cannot be pressed in. */
  readonly isChosen?: boolean;
  readonly onChoose: () => void;
}

export interface Order {
  readonly column: number;
  readonly isDescending: boolean;
}

interface TableOptions {
  readonly caption: string;
  readonly first: string;
  /** It stays above the others, whatever they are sorted by. */
  readonly all?: TableLine;
  readonly lines: readonly TableLine[];
  readonly order: Order | undefined;
  readonly onOrder: (order: Order) => void;
}

/** A table of metrics whose lines lead on, and which can be sorted by each of its numbers. */
export function createMetricsTable({
  caption,
  first,
  all,
  lines,
  order,
  onOrder,
}: TableOptions): HTMLElement {
  const head = h(
    'tr',
    {},
    h('th', { attributes: { scope: 'col' } }, first),
    ...METRICS_COLUMNS.map(({ heading }, column) => headingOf(heading, column, order, onOrder)),
  );
  return h(
    'div',
    { class: 'table-room', attributes: { tabindex: '0', role: 'region', 'aria-label': caption } },
    h(
      'table',
      { class: 'table' },
      h('caption', { class: 'spoken' }, caption),
      h('thead', {}, head),
      h('tbody', {}, ...(all ? [all, ...sorted(lines, order)] : sorted(lines, order)).map(rowOf)),
    ),
  );
}

function headingOf(
  heading: string,
  column: number,
  order: Order | undefined,
  onOrder: (order: Order) => void,
): HTMLElement {
  const isThis = order?.column === column;
  const direction = !isThis ? undefined : order.isDescending ? 'descending' : 'ascending';
  const button = h(
    'button',
    {
      class: 'sort',
      attributes: { type: 'button', 'data-column': String(column) },
      onClick: () => {
        onOrder({ column, isDescending: isThis ? !order.isDescending : true });
      },
    },
    heading,
    direction && h('span', { attributes: { 'aria-hidden': 'true' } }, order?.isDescending ? ' ↓' : ' ↑'),
  );
  return h('th', { attributes: { scope: 'col', ...(direction ? { 'aria-sort': direction } : {}) } }, button);
}

function rowOf({ name, metrics, isChosen, onChoose }: TableLine): HTMLElement {
  const button = h(
    'button',
    {
      class: 'line-name',
      title: name,
      attributes: {
        type: 'button',
        ...(isChosen === undefined ? {} : { 'aria-pressed': String(isChosen) }),
      },
      onClick: onChoose,
    },
    name,
  );
  return h(
    'tr',
    { class: isChosen === true ? 'chosen' : '' },
    h('th', { attributes: { scope: 'row' } }, button),
    ...METRICS_COLUMNS.map(({ text }) => h('td', {}, text(metrics))),
  );
}

/** What has no such number comes last, whichever way it is sorted. */
export function sorted(lines: readonly TableLine[], order: Order | undefined): readonly TableLine[] {
  const column = order && METRICS_COLUMNS[order.column];
  if (!column) return lines;
  return lines.toSorted((one, other) => {
    const [a, b] = [column.value(one.metrics), column.value(other.metrics)];
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    return order.isDescending ? b - a : a - b;
  });
}
