// What the router adds to a call, beside the bare SDK, another library and a gateway: all in turns, on one local server.
import { openWorld } from './router/processes.ts';
import { latencyRows, longRows, manyRows, memoryRows } from './router/rows.ts';
import type { BenchOptions, Row } from './support/row.ts';

const CALLS = 2_000;
const LONG_ROUNDS = 15;
const MANY_ROUNDS = 15;
const MEMORY_CALLS = 10_000;

/** STRATA_BENCH_SHARE, such as 0.1, makes all of it shorter. */
export async function run({ peers }: BenchOptions): Promise<readonly Row[]> {
  if (peers === undefined) throw new Error('The benchmark needs the packages that it compares with');
  const share = Number(process.env['STRATA_BENCH_SHARE'] ?? 1);
  const part = (count: number): number => Math.max(3, Math.ceil(count * share));
  const world = await openWorld(peers);
  try {
    return [
      ...(await latencyRows(world, part(CALLS))),
      ...(await longRows(world, part(LONG_ROUNDS))),
      ...(await manyRows(world, part(MANY_ROUNDS))),
      ...(await memoryRows(world, part(MEMORY_CALLS))),
    ];
  } finally {
    await world.dispose();
  }
}
