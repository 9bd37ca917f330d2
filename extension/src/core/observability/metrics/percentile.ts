/**
 * For each of the shares, which rise: the smallest of the values that this share of them does not exceed (nearest rank), in linear
 * time; none for no values. The values are put into another order.
 */
export function percentiles(values: Uint32Array, shares: readonly number[]): number[] {
  const found: number[] = [];
  // What stands behind a rank that was selected is no smaller, so the next one is among it.
  let from = 0;
  for (const share of shares) {
    const rank = rankOf(share, values.length);
    const value = select(values, rank, from);
    if (value !== undefined) found.push(value);
    from = rank;
  }
  return found;
}

/** Hoare's selection: what comes out stands at `rank` in the sorted order. */
function select(values: Uint32Array, rank: number, from: number): number | undefined {
  let low = from;
  let high = values.length - 1;
  while (low < high) {
    const pivot = middleOf(values[low] ?? 0, values[(low + high) >> 1] ?? 0, values[high] ?? 0);
    let left = low;
    let right = high;
    while (left <= right) {
      while ((values[left] ?? 0) < pivot) left += 1;
      while ((values[right] ?? 0) > pivot) right -= 1;
      if (left > right) break;
      const kept = values[left] ?? 0;
      values[left] = values[right] ?? 0;
      values[right] = kept;
      left += 1;
      right -= 1;
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else break;
  }
  return values[rank];
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** The same of any numbers, which stay as they are. */
export function percentileOf(values: readonly number[], share: number): number | undefined {
  return values.toSorted((a, b) => a - b)[rankOf(share, values.length)];
}

function rankOf(share: number, count: number): number {
  return Math.max(0, Math.ceil(share * count) - 1);
}
