import { randomFrom } from './random.ts';

/**
 * Vectors of length 1 that lie as those of real embedders do: all of them around one direction, in topics of very different
 * sizes and topics within these, in fewer dimensions than they have numbers, with noise. Vectors that are merely random have
 * no neighbours that an index could find. Always the same for the same numbers.
 */
export function clusteredVectors(dimension: number): () => Float32Array {
  const random = randomFrom(1);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const some = (length: number): number[] => Array.from({ length }, normal);
  const inner = Array.from({ length: INNER_DIMENSIONS }, () => some(dimension));
  const common = some(dimension);
  const topics = Array.from({ length: TOPICS }, () => some(INNER_DIMENSIONS));
  // A few of them are large.
  const oneOf = <T>(all: readonly T[]): T | undefined => all[Math.floor(all.length * random() ** 1.5)];
  const parts = Array.from(
    { length: TOPICS * 10 },
    () => oneOf(topics)?.map((at) => at + 0.6 * normal()) ?? [],
  );
  return () => {
    const vector = Float32Array.from(common, (at) => 4 * at + 1.5 * normal());
    for (const [axis, at] of (oneOf(parts) ?? []).entries()) {
      const length = at + 0.5 * normal();
      for (const [place, along] of (inner[axis] ?? []).entries())
        vector[place] = (vector[place] ?? 0) + length * along;
    }
    const length = Math.hypot(...vector);
    return vector.map((at) => at / length);
  };
}

const INNER_DIMENSIONS = 48;
const TOPICS = 300;
