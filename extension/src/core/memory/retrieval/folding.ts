/** The distinct runs of three words of a text; two texts are nearly the same when they share nearly all of them. */
export function shinglesOf(words: readonly string[]): ReadonlySet<string> {
  if (words.length < RUN) return new Set([words.join(' ')]);
  const runs = new Set<string>();
  for (let at = 0; at + RUN <= words.length; at++) runs.add(words.slice(at, at + RUN).join(' '));
  return runs;
}

/** What two texts share of all that they have together, 0 to 1. */
export function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const run of few) if (many.has(run)) shared++;
  const all = a.size + b.size - shared;
  return all === 0 ? 1 : shared / all;
}

/** No likeness above it is possible, from sizes alone: it spares most of the comparisons. */
export function mostLikeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  return Math.min(a.size, b.size) / Math.max(a.size, b.size, 1);
}

const RUN = 3;
