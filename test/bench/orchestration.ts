// What it costs that every step is kept, and what that buys: replay, resume, snapshots. Compared with agent loops of others.
import { startBenchServer } from './orchestration/model-server.ts';
import { cpuRows } from './orchestration/cpu.ts';
import { growthRows } from './orchestration/growth.ts';
import { replayRows, resumeRows } from './orchestration/replay.ts';
import { buildWorkers } from './orchestration/workers.ts';
import { run as snapshotRows } from './snapshot.ts';
import type { BenchOptions, Row } from './support/row.ts';

const ROUNDS = 5;

/** STRATA_BENCH_ROUNDS says how often each contender runs; 5 if it is not set. */
export async function run({ peers }: BenchOptions): Promise<readonly Row[]> {
  if (peers === undefined) throw new Error('The benchmark needs the packages that it compares with');
  const rounds = Math.max(1, Number(process.env['STRATA_BENCH_ROUNDS'] ?? ROUNDS));
  const progress = (text: string): void => console.error(text);
  const workers = await buildWorkers(peers);
  const server = await startBenchServer();
  try {
    return [
      ...(await cpuRows(workers, server, rounds, progress)),
      ...(await growthRows(workers, server, Math.ceil(rounds / 2), progress)),
      ...(await replayRows(workers, server, rounds)),
      ...(await resumeRows(workers, server, rounds)),
      ...(await snapshotRows()),
    ];
  } finally {
    server.close();
    await workers.dispose();
  }
}
