import { atLeast, atMost, inform, median, type Row } from '../support/row.ts';
import type { Answer } from './answer.ts';
import type { Measured, Name, World } from './processes.ts';

const ALL: readonly Name[] = ['bare', 'strata', 'ai', 'portkey'];
const OTHERS = { ai: 'ai', portkey: '@portkey-ai/gateway' } as const;
const MEGABYTE = 1024 * 1024;

/** A short answer after the other: what each adds to a call. */
export async function latencyRows(world: World, calls: number): Promise<readonly Row[]> {
  const answer: Answer = { chunks: 20, written: 'packed' };
  const found = await world.measure({ names: ALL, answer, rounds: calls, warmUp: 300, parallel: 1 });
  const added = (name: Name, share: number): number =>
    quantile(timesOf(found, name), share) - quantile(timesOf(found, 'bare'), share);
  return [
    atMost('added to a streamed completion over the bare SDK, p50', 'ms', 0.5, added('strata', 0.5)),
    atMost('added to a streamed completion over the bare SDK, p99', 'ms', 2, added('strata', 0.99)),
    ...(Object.keys(OTHERS) as (keyof typeof OTHERS)[]).flatMap((name) => [
      atMost(`Strata over ${OTHERS[name]}, a streamed completion, p50`, '×', 1, p50(found, 'strata', name)),
      inform(`added by ${OTHERS[name]}, p50`, 'ms', added(name, 0.5)),
      inform(`added by ${OTHERS[name]}, p99`, 'ms', added(name, 0.99)),
    ]),
    inform('a streamed completion by the bare SDK, p50', 'ms', quantile(timesOf(found, 'bare'), 0.5)),
    inform('a streamed completion by the bare SDK, p99', 'ms', quantile(timesOf(found, 'bare'), 0.99)),
  ];
}

/** One long answer: what each adds to a chunk. */
export async function longRows(world: World, rounds: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const written of ['apart', 'packed'] as const) {
    const how = written === 'apart' ? 'each in a write of its own' : 'as many in a packet as fit';
    const answer: Answer = { chunks: 10_000, written };
    const found = await world.measure({ names: ALL, answer, rounds, warmUp: 3, parallel: 1 });
    rows.push(
      atMost(`10,000 chunks, ${how}: Strata over the bare SDK`, '×', 1.1, ratio(found, 'strata', 'bare')),
      ...(Object.keys(OTHERS) as (keyof typeof OTHERS)[]).map((name) =>
        atMost(`10,000 chunks, ${how}: Strata over ${OTHERS[name]}`, '×', 1, ratio(found, 'strata', name)),
      ),
      ...ALL.map((name) => inform(`10,000 chunks, ${how}: ${name}`, 'ms', median(timesOf(found, name)))),
    );
  }
  return rows;
}

/** Many at once, as a team of agents has them. */
export async function manyRows(world: World, rounds: number): Promise<readonly Row[]> {
  const answer: Answer = { chunks: 200, written: 'apart' };
  const found = await world.measure({ names: ALL, answer, rounds, warmUp: 3, parallel: 64 });
  return [
    atLeast(
      '64 streams at once: throughput of Strata over the bare SDK',
      '×',
      0.95,
      ratio(found, 'bare', 'strata'),
    ),
    ...(Object.keys(OTHERS) as (keyof typeof OTHERS)[]).map((name) =>
      atLeast(
        `64 streams at once: throughput of Strata over ${OTHERS[name]}`,
        '×',
        1,
        ratio(found, name, 'strata'),
      ),
    ),
    ...ALL.map((name) => inform(`64 streams at once: ${name}`, 'ms', median(timesOf(found, name)))),
  ];
}

/** The heap after a garbage collection, at the start of many calls and at their end. */
export async function memoryRows(world: World, calls: number): Promise<readonly Row[]> {
  const answer: Answer = { chunks: 20, written: 'packed' };
  const every = Math.ceil(calls / 10);
  const { heap } = await world.measure({
    names: ['strata'],
    answer,
    rounds: calls,
    // Code that is compiled and prices that are found count for nothing.
    warmUp: 2_000,
    parallel: 1,
    heapEvery: every,
  });
  const grown = median(heap.slice(-3)) - median(heap.slice(0, 3));
  return [
    atMost(`heap that ${calls} calls leave behind`, 'MB', 0.5, grown / MEGABYTE),
    inform('heap after them', 'MB', (heap.at(-1) ?? 0) / MEGABYTE),
  ];
}

function timesOf(found: Measured, name: Name): readonly number[] {
  const times = found.times[name];
  if (times === undefined) throw new Error(`${name} was not measured`);
  return times;
}

/** Taken within a round, which what slows the machine down does to all alike. */
function ratio(found: Measured, over: Name, under: Name): number {
  const below = timesOf(found, under);
  return median(timesOf(found, over).map((time, round) => time / (below[round] ?? Number.NaN)));
}

function p50(found: Measured, over: Name, under: Name): number {
  return quantile(timesOf(found, over), 0.5) / quantile(timesOf(found, under), 0.5);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
