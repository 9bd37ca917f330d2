import { svg } from '../svg.ts';
import type { ChartKind, Series } from './charts.ts';
import { scaleTo } from './scale.ts';

/** The picture is stretched to its place, so its own units are of no matter. */
const WIDTH = 1000;
const HEIGHT = 100;
/** Of a column's room. */
const FILLED = 0.76;

export type Values = readonly (number | undefined)[];

export interface Drawing {
  readonly element: SVGElement;
  readonly marks: readonly number[];
  /** Shows which column is meant; undefined for none. */
  point(column: number | undefined): void;
}

/** For the eyes alone: what it shows is said by the control around it, and by the table. */
export function draw(
  { form, series, top }: ChartKind,
  values: ReadonlyMap<Series, Values>,
  count: number,
): Drawing {
  const columnOf = (index: number): number => (index * WIDTH) / count;
  const heights = Array.from({ length: count }, (_, index) => {
    const numbers = series.map((one) => values.get(one)?.[index] ?? 0);
    return form === 'columns' ? numbers.reduce((sum, value) => sum + value, 0) : Math.max(...numbers);
  });
  const scale = top === undefined ? scaleTo(Math.max(0, ...heights)) : { top, marks: [0, top / 2, top] };
  const heightOf = (value: number): number => (Math.max(0, value) / scale.top) * HEIGHT;

  const element = svg('svg', {
    ...{ class: 'chart-picture', viewBox: `0 0 ${String(WIDTH)} ${String(HEIGHT)}` },
    ...{ preserveAspectRatio: 'none', 'aria-hidden': 'true', focusable: 'false' },
  });
  const pointer = svg('rect', {
    class: 'chart-pointer',
    y: '0',
    height: String(HEIGHT),
    visibility: 'hidden',
  });
  pointer.setAttribute('width', String(WIDTH / count));
  element.append(pointer);
  for (const mark of scale.marks)
    element.append(
      svg('path', { class: 'chart-mark', d: `M0 ${String(HEIGHT - heightOf(mark))}H${String(WIDTH)}` }),
    );
  const below = new Float64Array(count);
  for (const one of series) {
    const own = values.get(one) ?? [];
    const look = `chart-series look-${one.look}`;
    if (form === 'columns') {
      const path = own.map((value, index) => {
        if (value === undefined || value <= 0) return '';
        const floor = below[index] ?? 0;
        below[index] = floor + value;
        const x = columnOf(index) + (WIDTH / count) * ((1 - FILLED) / 2);
        const [y, end] = [HEIGHT - heightOf(floor), HEIGHT - heightOf(floor + value)];
        return `M${x.toFixed(2)} ${y.toFixed(2)}V${end.toFixed(2)}h${((WIDTH / count) * FILLED).toFixed(2)}V${y.toFixed(2)}z`;
      });
      element.append(svg('path', { class: `${look} is-column`, d: path.join('') }));
    } else {
      const places = own.flatMap((value, index) =>
        value === undefined
          ? []
          : [`${(columnOf(index) + WIDTH / count / 2).toFixed(2)} ${(HEIGHT - heightOf(value)).toFixed(2)}`],
      );
      if (places.length === 0) continue;
      element.append(
        svg('path', { class: `${look} is-line`, d: `M${places.join('L')}` }),
        // A line of no length with round ends is a dot, however the picture is stretched.
        svg('path', { class: `${look} is-dots`, d: places.map((place) => `M${place}h0`).join('') }),
      );
    }
  }
  return {
    element,
    marks: scale.marks,
    point: (column) => {
      pointer.setAttribute('visibility', column === undefined ? 'hidden' : 'visible');
      if (column !== undefined) pointer.setAttribute('x', String(columnOf(column)));
    },
  };
}
