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

const PAIR = 1;
const ONLY_A = 2;
const ONLY_B = 3;

/**
 * The cheapest alignment of two sequences, by dynamic programming (Needleman & Wunsch, 1970). What begins and ends alike is
 * paired first. One byte per cell; a table that would be too large is narrowed to a band around its diagonal.
 */
export function align(a: readonly Item[], b: readonly Item[]): Aligned[] {
  let start = 0;
  while (start < Math.min(a.length, b.length) && isSame(a[start], b[start])) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && isSame(a[a.length - 1 - end], b[b.length - 1 - end]))
    end += 1;

  const middle = alignAll(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return [
    ...pairs(0, 0, start),
    ...middle.map((one): Aligned => shifted(one, start)),
    ...pairs(a.length - end, b.length - end, end),
  ];
}

function alignAll(a: readonly Item[], b: readonly Item[]): Aligned[] {
  const rows = a.length + 1;
  const columns = b.length + 1;
  const width = Math.min(columns, Math.max(Math.floor(CELLS / rows), MIN_WIDTH));
  /** First column of the band in a row. */
  const first = (row: number): number =>
    Math.max(0, Math.min(columns - width, Math.round((row * columns) / rows - width / 2)));

  const came = new Uint8Array(rows * width);
  let above = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
  let here = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
  for (let row = 0; row < rows; row += 1) {
    const from = first(row);
    const until = Math.min(columns, from + width);
    const item = a[row - 1];
    if (from > 0) here[from - 1] = Number.POSITIVE_INFINITY;
    for (let column = from; column < until; column += 1) {
      let best = row === 0 && column === 0 ? 0 : Number.POSITIVE_INFINITY;
      let way = 0;
      const other = b[column - 1];
      if (item && other) {
        best = (above[column - 1] ?? 0) + costOf(item, other);
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
      came[row * width + column - from] = way;
    }
    // The band of the next row reaches further to the right than this one.
    here[until] = Number.POSITIVE_INFINITY;
    [above, here] = [here, above];
  }

  const found: Aligned[] = [];
  for (let row = a.length, column = b.length; row > 0 || column > 0;) {
    const way = came[row * width + column - first(row)];
    if (way === PAIR) found.push({ a: (row -= 1), b: (column -= 1) });
    else if (way === ONLY_A) found.push({ a: (row -= 1), b: undefined });
    else found.push({ a: undefined, b: (column -= 1) });
  }
  return found.reverse();
}

/** A band that two neighbouring rows always share. */
const MIN_WIDTH = 64;

function costOf(a: Item, b: Item): number {
  if (a.whole === b.whole) return SAME;
  if (a.name === b.name) return CHANGED;
  return a.kind === b.kind ? OTHER_NAME : Number.POSITIVE_INFINITY;
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
