import type { InParts } from './parts.ts';

/** A place in the alignment of two sequences: a pair, or an item that only one of them has. */
export type Aligned =
  | { readonly a: number; readonly b: number }
  | { readonly a: number; readonly b: undefined }
  | { readonly a: undefined; readonly b: number };

/** What of an item is compared, from the coarse to the fine; equal numbers mean equal things. */
export interface Item {
  /** Such as the kind of a step. */
  readonly kind: number;
  /** Such as kind and name. */
  readonly name: number;
  /** Such as kind, name and input. */
  readonly whole: number;
}

/** What it costs to take two items for each other, or to leave one out. Two that share nothing are never a pair. */
const SAME = 0;
const CHANGED = 6;
const OTHER_NAME = 7;
const LEFT_OUT = 4;

/** Cells of the table that may be filled: 5,000 by 5,000 items are within it. Beyond it only a band around the diagonal is. */
const CELLS = 32_000_000;

/** Items that one of them may be ahead of the other in the narrowest table that is tried, and how much wider the next one is. */
const AHEAD = 32;
const WIDER = 8;

const PAIR = 1;
const ONLY_A = 2;
const ONLY_B = 3;

/**
 * The cheapest alignment of two sequences, by dynamic programming (Needleman & Wunsch, 1970). What begins and ends alike is
 * paired first. One byte per cell; of the table only a band around the diagonal is filled, as wide as it must be to hold every
 * alignment that is as cheap (Ukkonen, 1985), or as it may be. Yields between rows of it.
 */
export function* align(a: readonly Item[], b: readonly Item[]): InParts<Aligned[]> {
  let start = 0;
  while (start < Math.min(a.length, b.length) && isSame(a[start], b[start])) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && isSame(a[a.length - 1 - end], b[b.length - 1 - end]))
    end += 1;

  const middle = yield* alignAll(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return [
    ...pairs(0, 0, start),
    ...middle.map((one): Aligned => shifted(one, start)),
    ...pairs(a.length - end, b.length - end, end),
  ];
}

function* alignAll(a: readonly Item[], b: readonly Item[]): InParts<Aligned[]> {
  const rows = a.length + 1;
  const columns = b.length + 1;
  const lists = listsOf(b);
  const apart = Math.abs(rows - columns);
  const most = Math.min(columns, Math.max(Math.floor(CELLS / rows), MIN_WIDTH));
  for (let ahead = AHEAD; ; ahead *= WIDER) {
    const width = apart + 2 * ahead + 1;
    if (width >= most) break;
    const before = ahead + Math.max(0, rows - columns);
    const { cost, places } = yield* alignWithin(a, lists, { width, first: (row) => row - before });
    // Whatever goes out of the band, and comes back, leaves out this many items at least.
    if (cost < LEFT_OUT * (apart + 2 * (ahead + 1))) return places();
  }
  const slope = columns / rows;
  const widest = { width: most, first: (row: number) => Math.round(row * slope - most / 2) };
  return (yield* alignWithin(a, lists, widest)).places();
}

/** A band that two neighbouring rows always share. */
const MIN_WIDTH = 64;

interface Band {
  readonly width: number;
  /** First column of a row; the table may begin after it, or end before the band does. */
  readonly first: (row: number) => number;
}

interface Found {
  readonly cost: number;
  readonly places: () => Aligned[];
}

function* alignWithin(a: readonly Item[], b: Items, band: Band): InParts<Found> {
  const rows = a.length + 1;
  const columns = b.whole.length + 1;
  const { width } = band;
  const first = (row: number): number => Math.max(0, Math.min(columns - width, band.first(row)));

  const came = new Uint8Array(rows * width);
  let above = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
  let here = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
  for (let row = 0; row < rows; row += 1) {
    const from = first(row);
    const cells = came.subarray(row * width, (row + 1) * width);
    fillRow({ item: a[row - 1], b, from, until: Math.min(columns, from + width), above, here, cells });
    [above, here] = [here, above];
    yield 0;
  }

  const places = (): Aligned[] => {
    const found: Aligned[] = [];
    for (let row = a.length, column = columns - 1; row > 0 || column > 0;) {
      const way = came[row * width + column - first(row)];
      if (way === PAIR) found.push({ a: (row -= 1), b: (column -= 1) });
      else if (way === ONLY_A) found.push({ a: (row -= 1), b: undefined });
      else found.push({ a: undefined, b: (column -= 1) });
    }
    return found.reverse();
  };
  return { cost: above[columns - 1] ?? 0, places };
}

/** The same as lists of numbers, which are read once for each cell. */
interface Items {
  readonly kind: Int32Array;
  readonly name: Int32Array;
  readonly whole: Int32Array;
}

function listsOf(items: readonly Item[]): Items {
  return {
    kind: Int32Array.from(items, ({ kind }) => kind),
    name: Int32Array.from(items, ({ name }) => name),
    whole: Int32Array.from(items, ({ whole }) => whole),
  };
}

interface TableRow {
  /** Undefined in the first row. */
  readonly item: Item | undefined;
  readonly b: Items;
  readonly from: number;
  readonly until: number;
  /** Costs of the row above, and of this one. */
  readonly above: Float64Array;
  readonly here: Float64Array;
  readonly cells: Uint8Array;
}

function fillRow({ item, b, from, until, above, here, cells }: TableRow): void {
  if (from > 0) here[from - 1] = Number.POSITIVE_INFINITY;
  for (let column = from; column < until; column += 1) {
    let best = !item && column === 0 ? 0 : Number.POSITIVE_INFINITY;
    let way = 0;
    if (item && column > 0) {
      best = (above[column - 1] ?? 0) + costOf(item, b, column - 1);
      way = PAIR;
    }
    const withoutA = item ? (above[column] ?? 0) + LEFT_OUT : Number.POSITIVE_INFINITY;
    // Of ways that cost the same, pairs come early, and what only A has before what only B has.
    if (withoutA <= best) {
      best = withoutA;
      way = ONLY_A;
    }
    const withoutB = column > from ? (here[column - 1] ?? 0) + LEFT_OUT : Number.POSITIVE_INFINITY;
    if (withoutB <= best) {
      best = withoutB;
      way = ONLY_B;
    }
    here[column] = best;
    cells[column - from] = way;
  }
  // The band of the next row reaches further to the right than this one.
  here[until] = Number.POSITIVE_INFINITY;
}

function costOf(item: Item, { whole, name, kind }: Items, index: number): number {
  if (item.whole === whole[index]) return SAME;
  if (item.name === name[index]) return CHANGED;
  return item.kind === kind[index] ? OTHER_NAME : Number.POSITIVE_INFINITY;
}

function isSame(a: Item | undefined, b: Item | undefined): boolean {
  return a !== undefined && a.whole === b?.whole;
}

function pairs(a: number, b: number, count: number): Aligned[] {
  return Array.from({ length: count }, (_, index) => ({ a: a + index, b: b + index }));
}

function shifted(one: Aligned, by: number): Aligned {
  if (one.a === undefined) return { a: undefined, b: one.b + by };
  if (one.b === undefined) return { a: one.a + by, b: undefined };
  return { a: one.a + by, b: one.b + by };
}
