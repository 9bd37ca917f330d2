import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openVectorTables, localVectors } from '../../../extension/src/node/lancedb/vectors/vector-tables.ts';
import { loadNative } from '../../../extension/src/node/lancedb/load.ts';
import { atLeast, inform, type Row } from '../support/row.ts';
import { clusteredVectors } from './clustered-vectors.ts';
import { percentile } from './percentile.ts';

/** How much of what an exact scan finds the table of vectors finds, and how fast, beside that scan by LanceDB itself. */
export async function vectorRows(place: string, count: number): Promise<Row[]> {
  mkdirSync(place, { recursive: true });
  const next = clusteredVectors(DIMENSION);
  const vectors = Array.from({ length: count }, next);
  const queries = Array.from({ length: QUERIES }, next);
  const native = await loadNative();
  const tables = openVectorTables(native, localVectors(place, 1_000));
  const connection = await native.lancedb.connect(join(place, 'vectors'));
  try {
    const table = await tables.open('bench', DIMENSION);
    for (let from = 0; from < count; from += ROWS_AT_ONCE)
      await table.add(
        vectors
          .slice(from, from + ROWS_AT_ONCE)
          .map((vector, at) => ({ content: String(from + at), vector })),
      );
    const start = performance.now();
    await table.tidy(Date.now());
    const tidied = performance.now() - start;
    const plain = await connection.openTable(table.name);
    const [ours, theirs]: [number[], number[]] = [[], []];
    let found = 0;
    for (const query of queries) {
      const begin = performance.now();
      const near = await table.nearest(query, NEAREST);
      const between = performance.now();
      await plain
        .query()
        .nearestTo(query)
        .distanceType('cosine')
        .bypassVectorIndex()
        .limit(NEAREST)
        .toArray();
      theirs.push(performance.now() - between);
      ours.push(between - begin);
      const exact = nearestOf(vectors, query);
      found += near.filter(({ content }) => exact.has(content)).length;
    }
    plain.close();
    return [
      inform(`vectors of ${String(DIMENSION)} numbers`, 'vectors', count),
      atLeast('vectors: recall@10 against an exact scan', 'of 1', 0.95, found / (QUERIES * NEAREST)),
      inform('vectors: query, half of them', 'ms', percentile(ours, 0.5)),
      inform('vectors: query, 95 of 100', 'ms', percentile(ours, 0.95)),
      inform('LanceDB without an index: query, half of them', 'ms', percentile(theirs, 0.5)),
      inform('vectors: making the index and compacting', 's', tidied / 1_000),
    ];
  } finally {
    connection.close();
    tables.close();
  }
}

/** By their names in the table. */
function nearestOf(vectors: readonly Float32Array[], query: Float32Array): ReadonlySet<string> {
  const similarities = vectors.map((vector, at) => {
    let sum = 0;
    for (let place = 0; place < DIMENSION; place++) sum += (vector[place] ?? 0) * (query[place] ?? 0);
    return { at, sum };
  });
  similarities.sort((a, b) => b.sum - a.sum);
  return new Set(similarities.slice(0, NEAREST).map(({ at }) => String(at)));
}

const DIMENSION = 384;
const NEAREST = 10;
const QUERIES = 100;
const ROWS_AT_ONCE = 5_000;
