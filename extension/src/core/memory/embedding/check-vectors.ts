import { badVectors } from './errors.ts';

/**
 * What an embedder answered, as vectors of length 1, or the reason why it cannot be used. A vector that is not finite or all
 * zeros would be near to everything or to nothing for as long as it stands in the index.
 */
export function checkVectors(
  found: readonly (readonly number[] | Float32Array)[],
  expected: { readonly count: number; readonly dimension: number | undefined },
): Float32Array[] {
  if (found.length !== expected.count)
    throw badVectors(`${String(found.length)} vectors for ${String(expected.count)} texts`);
  const dimension = expected.dimension ?? found[0]?.length;
  return found.map((values) => {
    if (values.length !== dimension)
      throw badVectors(`a vector of ${String(values.length)} numbers in place of ${String(dimension)}`);
    return unit(values);
  });
}

/** At most what LanceDB and a memory of 100,000 chunks can bear; the largest models give 4,096. */
const MOST_DIMENSIONS = 8_192;

function unit(values: readonly number[] | Float32Array): Float32Array {
  if (values.length === 0) throw badVectors('an empty vector');
  if (values.length > MOST_DIMENSIONS) throw badVectors(`vectors of ${String(values.length)} numbers`);
  const vector = Float32Array.from(values);
  let sum = 0;
  for (const value of vector) sum += value * value;
  if (!Number.isFinite(sum)) throw badVectors('a vector that holds something other than numbers');
  if (sum === 0) throw badVectors('a vector of zeros');
  const length = Math.sqrt(sum);
  return vector.map((value) => value / length);
}
