import type { Metrics, Span } from '../../../extension/src/protocol/metrics.ts';
import { h, setAttribute, setText } from '../dom.ts';
import type { ChartKind, Series } from './charts.ts';
import { draw } from './drawing.ts';
import type { Values } from './drawing.ts';
import { namedColumns } from './scale.ts';
import { longTime, shortTime } from './times.ts';

const NAMES = 4;
const PAGE = 7;

export interface ChartData {
  readonly over: Span;
  readonly times: readonly number[];
  /** Those of a column that nothing happened in are undefined. */
  readonly points: readonly (Metrics | undefined)[];
}

/**
 * A chart is a slider over its columns: arrows go through them, each says its numbers, and Enter or a click leads to its runs.
 */
export function createChart(
  kind: ChartKind,
  { over, times, points }: ChartData,
  onOpen: (start: number) => void,
): HTMLElement {
  const count = times.length;
  const values = new Map<Series, Values>(
    kind.series.map((one) => [
      one,
      // What was counted and did not happen is none; what was measured where nothing happened is not known.
      points.map((point) => (point ? one.of(point) : kind.form === 'columns' ? 0 : undefined)),
    ]),
  );
  const drawing = draw(kind, values, count);
  const place = h('p', { class: 'chart-time', attributes: { 'aria-hidden': 'true' } });
  const numbers = new Map(
    kind.series.map((one) => [
      one,
      h('span', { class: 'chart-number', attributes: { 'aria-hidden': 'true' } }),
    ]),
  );
  const surface = h('div', {
    class: 'chart-surface',
    attributes: {
      ...{ role: 'slider', tabindex: '0', 'aria-label': `${kind.title} over time` },
      ...{ 'aria-valuemin': '0', 'aria-valuemax': String(count - 1) },
      'aria-description': 'Enter shows the runs',
    },
  });
  surface.append(drawing.element);

  let at = count - 1;
  let isPointed = false;
  const textOf = (one: Series): string => {
    const value = values.get(one)?.[at];
    return value === undefined ? '–' : kind.text(value);
  };
  const show = (): void => {
    const start = times[at] ?? 0;
    const time = longTime(over, start);
    drawing.point(isPointed ? at : undefined);
    setText(place, isPointed ? time : '');
    for (const [one, element] of numbers) setText(element, isPointed ? textOf(one) : '');
    setAttribute(surface, 'aria-valuenow', String(at));
    const said = kind.series.map((one) => `${one.label} ${textOf(one)}`).join(', ');
    setAttribute(surface, 'aria-valuetext', `${time}: ${said}`);
  };
  const go = (column: number): void => {
    at = Math.max(0, Math.min(count - 1, column));
    isPointed = true;
    show();
  };
  const columnAt = (event: MouseEvent): number => {
    const { left, width } = surface.getBoundingClientRect();
    return Math.floor(((event.clientX - left) / Math.max(1, width)) * count);
  };
  const leave = (): void => {
    isPointed = document.activeElement === surface;
    show();
  };
  surface.addEventListener('pointermove', (event) => {
    go(columnAt(event));
  });
  surface.addEventListener('pointerleave', leave);
  surface.addEventListener('focus', () => {
    go(at);
  });
  surface.addEventListener('blur', leave);
  surface.addEventListener('click', (event) => {
    go(columnAt(event));
    onOpen(times[at] ?? 0);
  });
  surface.addEventListener('keydown', (event) => {
    const steps: Readonly<Record<string, number>> = {
      ...{ ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -PAGE, PageUp: PAGE },
      ...{ Home: -count, End: count },
    };
    const step = steps[event.key];
    if (step !== undefined) go(at + step);
    else if (event.key === 'Enter' || event.key === ' ') onOpen(times[at] ?? 0);
    else return;
    event.preventDefault();
  });
  show();

  const axis = h('div', { class: 'chart-axis', attributes: { 'aria-hidden': 'true' } });
  axis.append(...[...drawing.marks].reverse().map((mark) => h('span', {}, kind.text(mark))));
  const names = h('div', { class: 'chart-names', attributes: { 'aria-hidden': 'true' } });
  names.append(
    ...namedColumns(count, NAMES).map((column) => h('span', {}, shortTime(over, times[column] ?? 0))),
  );
  const legend = h('p', { class: 'chart-legend' });
  legend.append(
    ...kind.series.map((one) =>
      h(
        'span',
        { class: `chart-key look-${one.look}` },
        h('span', { class: `swatch ${kind.form}`, attributes: { 'aria-hidden': 'true' } }),
        one.label,
        numbers.get(one),
      ),
    ),
  );
  return h(
    'section',
    { class: 'chart', attributes: { 'aria-label': kind.title } },
    h('h3', {}, kind.title),
    place,
    axis,
    surface,
    names,
    legend,
  );
}
