import { edgesOf, placeIn } from './calendar.ts';
import type { Table } from './columns.ts';
import type { Grouping, MetricsQuery, Span, Subject } from '../../../protocol/metrics.ts';
import { SPANS, SUBJECTS } from '../../../protocol/metrics.ts';

/** All that is known, with the names of the numbers. */
export interface FactTables {
  /** In the order in which they were read from the log. */
  readonly tables: readonly Table[];
  /** How many numbers were given to runs. */
  readonly runCount: number;
  /** 1 where the run with this number was removed. */
  readonly gone: Uint8Array;
  readonly labels: readonly (string | undefined)[];
}

/** Which facts are asked for, and which of the groups each belongs to. */
export interface Selection {
  readonly slots: number;
  /** Of each row; -1 where it is not asked for. */
  slotsOf(table: Table): Int32Array;
  keyOf(slot: number): { readonly label: number; readonly start: number | undefined };
}

/** Slots of all groups at all times; a few tables of them have to fit into memory. */
const MOST_SLOTS = 1_000_000;

/** Undefined when so many groups at so many times are asked for that nobody could look at them. */
export function select(facts: FactTables, query: MetricsQuery): Selection | undefined {
  const { by, over, from = -Infinity, to = Infinity, only = {} } = query;
  const span = isSpan(by) ? by : over;
  const edges = span && edgesBetween(facts, span, from, to);
  if (span && !edges) return undefined;
  const subject = isSpan(by) ? undefined : by;
  const labels = subject && labelsInUse(facts, subject);
  const times = edges ? Math.max(1, edges.length) : 1;
  const slots = (labels?.length ?? 1) * times;
  if (slots > MOST_SLOTS) return undefined;
  const places = labels && inverse(labels, facts.labels.length);
  const wanted = wantedLabels(facts, only);

  return {
    slots,
    slotsOf: (table) => {
      const { at, run } = table;
      const found = new Int32Array(table.count).fill(-1);
      const filters = wanted.map(([name, label]) => ({ cells: cellsOf(table, name), label }));
      // Calls of the other kind are no part of it; a run is, by its calls.
      if (filters.some(({ cells }) => !cells) && table.kind !== 'run') return found;
      const cells = subject && cellsOf(table, subject);
      if (subject && !cells) return found;
      let time = 0;
      for (let row = 0; row < found.length; row += 1) {
        const moment = at[row] ?? 0;
        if (!(moment >= from && moment < to) || facts.gone[run[row] ?? 0] === 1) continue;
        if (filters.length > 0 && filters.some((one) => one.cells && one.cells[row] !== one.label)) continue;
        const place = cells && places ? (places[cells[row] ?? 0] ?? 0) : 0;
        // Facts stand about in the order of time.
        if (edges && ((edges[time] ?? Infinity) > moment || moment >= (edges[time + 1] ?? Infinity)))
          time = Math.max(0, placeIn(edges, moment));
        found[row] = place * times + time;
      }
      return found;
    },
    keyOf: (slot) => ({ label: labels?.[Math.floor(slot / times)] ?? 0, start: edges?.[slot % times] }),
  };
}

/** Of which calls the runs are counted that they belong to; undefined where runs count by themselves. */
export function callsOf({ by, only = {} }: MetricsQuery): 'model' | 'tool' | undefined {
  if (by === 'model' || by === 'tool') return by;
  if (only.model !== undefined) return 'model';
  return only.tool !== undefined ? 'tool' : undefined;
}

export function isSpan(by: Grouping | undefined): by is Span {
  return SPANS.some((span) => span === by);
}

function cellsOf(table: Table, subject: Subject): Uint32Array | undefined {
  if (subject === 'model' || subject === 'tool') return table.kind === subject ? table.subject : undefined;
  return table[subject];
}

function edgesBetween(
  { tables }: FactTables,
  span: Span,
  from: number,
  to: number,
): readonly number[] | undefined {
  let [first, last] = [Infinity, -Infinity];
  for (const { at } of tables)
    for (let row = 0; row < at.length; row += 1) {
      const moment = at[row] ?? 0;
      if (moment < from || moment >= to) continue;
      if (moment < first) first = moment;
      if (moment > last) last = moment;
    }
  return first === Infinity ? [] : edgesOf(span, first, last);
}

function labelsInUse({ tables, labels }: FactTables, subject: Subject): readonly number[] {
  const used = new Uint8Array(labels.length);
  for (const table of tables) {
    const cells = cellsOf(table, subject);
    for (let row = 0; row < (cells?.length ?? 0); row += 1) used[cells?.[row] ?? 0] = 1;
  }
  return labels.flatMap((_, label) => (used[label] === 1 ? [label] : []));
}

function inverse(labels: readonly number[], size: number): Int32Array {
  const places = new Int32Array(size);
  for (const [place, label] of labels.entries()) places[label] = place;
  return places;
}

/** A text that no fact has is a label that no fact has. */
function wantedLabels({ labels }: FactTables, only: NonNullable<MetricsQuery['only']>): [Subject, number][] {
  return SUBJECTS.flatMap((subject): [Subject, number][] => {
    const text = only[subject];
    return text === undefined ? [] : [[subject, labels.indexOf(text)]];
  });
}
