/** A round number that is not below `most`, and the marks of an axis up to it: none but 0 where nothing is above it. */
export function scaleTo(most: number): { readonly top: number; readonly marks: readonly number[] } {
  if (!(most > 0) || !Number.isFinite(most)) return { top: 1, marks: [0] };
  const size = 10 ** Math.floor(Math.log10(most));
  const top = ([1, 2, 5, 10].find((nice) => nice * size >= most * (1 - 1e-9)) ?? 10) * size;
  return { top, marks: [0, top / 2, top] };
}

/** Columns of a chart that get a name below it: the first, the last, and as many between as have room. */
export function namedColumns(count: number, most: number): readonly number[] {
  if (count < 1) return [];
  const names = Math.max(1, Math.min(most, count));
  if (names === 1) return [0];
  return Array.from({ length: names }, (_, index) => Math.round((index * (count - 1)) / (names - 1)));
}
