/** One figure of a benchmark, with the target that it is held to. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** The target as people read it, such as `≤ 50`. */
  readonly target: string;
  readonly ok: boolean;
}

export interface BenchOptions {
  /** Folder whose node_modules hold the peers, where the benchmark has a package.json of its own beside it. */
  readonly peers?: string;
  /** How large what is measured should be, where the benchmark has a measure for it; its own default otherwise. */
  readonly size?: number;
  /** The only part of it that should run, by its name. */
  readonly only?: string;
}

export function atMost(what: string, unit: string, limit: number, value: number): Row {
  return { what, value: rounded(value), unit, target: `≤ ${limit}`, ok: value <= limit };
}

export function atLeast(what: string, unit: string, limit: number, value: number): Row {
  return { what, value: rounded(value), unit, target: `≥ ${limit}`, ok: value >= limit };
}

/** A figure that others are read with, and that is held to nothing. */
export function inform(what: string, unit: string, value: number): Row {
  return { what, value: rounded(value), unit, target: 'none', ok: true };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new Error('A median needs a value');
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
