import type { GroupKey, MetricsHostMessage } from '../../../extension/src/protocol/metrics-panel.ts';
import type { Metrics } from '../../../extension/src/protocol/metrics.ts';
import { h } from '../dom.ts';
import { createChart } from './chart.ts';
import { CHARTS } from './charts.ts';
import { createMetricsTable } from './metrics-table.ts';
import type { Order, TableLine } from './metrics-table.ts';
import { createTiles } from './tiles.ts';
import { longTime } from './times.ts';
import { isSame, nameOf, SPAN_WORDS, SUBJECT_WORDS } from './words.ts';

type Shown = Extract<MetricsHostMessage, { readonly type: 'metrics' }>;

interface ReportOptions {
  /** Undefined: all together. */
  readonly onGroup: (group: GroupKey | undefined) => void;
  readonly onColumn: (start: number) => void;
}

export interface Report {
  readonly element: HTMLElement;
  show(message: Shown): void;
}

/** The numbers, charts and tables of what was asked for. */
export function createReport({ onGroup, onColumn }: ReportOptions): Report {
  const heading = h('h2', { class: 'whose' });
  const tiles = h('div', {});
  const charts = h('div', { class: 'charts' });
  const groups = h('div', {});
  const columns = h('div', {});
  const folded = h('details', { class: 'folded' }, h('summary', {}, 'The charts as a table'), columns);
  let shown: Shown | undefined;
  let order: Order | undefined;
  let columnOrder: Order | undefined;

  const showGroups = (): void => {
    if (!shown) return;
    const { lines, choice, total } = shown;
    const lineOf = (name: string, metrics: Metrics, group: GroupKey | undefined): TableLine => ({
      ...{ name, metrics, isChosen: isSame(choice.group, group) },
      onChoose: () => {
        onGroup(group);
      },
    });
    groups.replaceChildren(
      createMetricsTable({
        ...{
          caption: `By ${SUBJECT_WORDS[choice.by].toLowerCase()}`,
          first: SUBJECT_WORDS[choice.by],
          order,
        },
        all: lineOf('All', total, undefined),
        lines: lines.map((line) =>
          lineOf(nameOf(line), line, line.key === undefined ? {} : { key: line.key }),
        ),
        onOrder: (changed) => {
          order = changed;
          keepingFocus(groups, showGroups);
        },
      }),
    );
  };
  const showColumns = (): void => {
    if (!shown || !folded.open) return;
    const { choice, points } = shown;
    columns.replaceChildren(
      createMetricsTable({
        ...{ caption: 'The charts as a table', first: SPAN_WORDS[choice.over], order: columnOrder },
        lines: points.toReversed().map((point) => ({
          ...{ name: longTime(choice.over, point.start), metrics: point },
          onChoose: () => {
            onColumn(point.start);
          },
        })),
        onOrder: (changed) => {
          columnOrder = changed;
          keepingFocus(columns, showColumns);
        },
      }),
    );
  };
  folded.addEventListener('toggle', showColumns);

  return {
    element: h(
      'div',
      { class: 'report' },
      heading,
      tiles,
      charts,
      h('div', { class: 'groups' }, groups),
      folded,
    ),
    show: (message) => {
      shown = message;
      const { choice, lines, total } = message;
      const line = choice.group && lines.find((one) => isSame(one, choice.group));
      const whole = line ?? total;
      heading.textContent = choice.group ? nameOf(choice.group) : 'All runs';
      tiles.replaceChildren(createTiles(whole));
      keepingFocus(charts, () => {
        charts.replaceChildren(...chartsOf(message, whole, onColumn));
      });
      keepingFocus(groups, showGroups);
      keepingFocus(columns, showColumns);
    },
  };
}

function chartsOf(
  { choice, times, points }: Shown,
  whole: Metrics,
  onColumn: (start: number) => void,
): readonly HTMLElement[] {
  if (times.length === 0) return [];
  const byTime = new Map(points.map((point) => [point.start, point]));
  const data = { over: choice.over, times, points: times.map((time) => byTime.get(time)) };
  // A chart without a number anywhere says nothing: a tool has no tokens, and a local model no price.
  return CHARTS.filter(({ series }) => series.some((one) => (one.of(whole) ?? 0) > 0)).map((kind) =>
    createChart(kind, data, onColumn),
  );
}

/** What is shown anew keeps the keyboard where it was: numbers are renewed while somebody reads them. */
function keepingFocus(place: HTMLElement, renew: () => void): void {
  const controls = (): HTMLElement[] => [...place.querySelectorAll<HTMLElement>('button, [tabindex]')];
  const at = controls().findIndex((one) => one === document.activeElement);
  renew();
  if (at >= 0) controls()[at]?.focus({ preventScroll: true });
}
