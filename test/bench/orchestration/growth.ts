import { atLeast, atMost, inform, median, type Row } from '../support/row.ts';
import type { Measurement } from './measured.ts';
import type { BenchServer } from './model-server.ts';
import { measure, type Workers } from './workers.ts';

const EARLY = 50;
const LATE = 1_000;
/** Steps on either side. */
const HALF = 20;
const STEPS = LATE + HALF;
const SIZE_EVERY = 10;
/** No context is ever condensed: each request is as large as the bare loop's. */
const WITHOUT_END = 100_000_000;

/**
 * Growth from step 50 to step 1,000, in windows of 40 steps. The request itself grows with the conversation, for whoever sends
 * it: what Strata adds is what it takes beyond the bare loop that sends the same requests. The rows about LangGraph.js are here
 * since they need runs of the same length.
 */
export async function growthRows(
  workers: Workers,
  server: BenchServer,
  rounds: number,
  progress: (text: string) => void,
): Promise<readonly Row[]> {
  const bare: Measurement[] = [];
  const same: Measurement[] = [];
  const usual: Measurement[] = [];
  const graph: Measurement[] = [];
  const agent: Measurement[] = [];
  const options = { steps: STEPS, sizeEvery: SIZE_EVERY };
  for (let round = 0; round < rounds; round += 1) {
    bare.push(await measure(workers, server, 'contenders/bare', { steps: STEPS }));
    same.push(
      await measure(workers, server, 'contenders/strata', { ...options, contextTokens: WITHOUT_END }),
    );
    usual.push(await measure(workers, server, 'contenders/strata', options));
    // These take minutes and gigabytes: once must do.
    if (round === 0) {
      graph.push(await measure(workers, server, 'contenders/langgraph-sqlite', options));
      agent.push(await measure(workers, server, 'contenders/create-agent', options));
    }
    progress(`round ${round + 1}: ${LATE} steps of each`);
  }
  const own = (at: number): number =>
    median(same.map((one, round) => cpuAround(one, at) - cpuAround(bare[round], at)));
  const total = (runs: readonly Measurement[], at: number): number =>
    median(runs.map((one) => cpuAround(one, at)));
  const bytes = (runs: readonly Measurement[], from: number, to: number): number =>
    median(runs.map((one) => (sizeAt(one, to) - sizeAt(one, from)) / (to - from)));
  const early = bytes(usual, EARLY - HALF, EARLY + HALF);
  const times = (runs: readonly Measurement[]): number =>
    (runs[0]?.cpuAt[LATE - 1] ?? Number.NaN) /
    median(usual.map(({ cpuAt }) => cpuAt[LATE - 1] ?? Number.NaN));
  return [
    atMost(
      `growth: CPU that Strata adds to the bare loop per step, same requests, step ${LATE} over step ${EARLY}`,
      '×',
      1.2,
      own(LATE) / own(EARLY),
    ),
    atMost(
      `growth: CPU per step, step ${LATE} over step ${EARLY}`,
      '×',
      1.2,
      total(usual, LATE) / total(usual, EARLY),
    ),
    atMost(
      `growth: bytes of the log per step, step ${LATE} over step ${EARLY}, nothing condensed`,
      '×',
      1.2,
      bytes(same, LATE - HALF, LATE + HALF) / bytes(same, EARLY - HALF, EARLY + HALF),
    ),
    atMost(
      `growth: bytes of the log per step, all steps up to ${LATE} over step ${EARLY}`,
      '×',
      1.2,
      bytes(usual, EARLY, LATE) / early,
    ),
    atLeast(
      `LangGraph.js agent (langchain createAgent) with SqliteSaver over Strata, N = ${LATE}`,
      '×',
      20,
      times(agent),
    ),
    atLeast(`LangGraph.js StateGraph with SqliteSaver over Strata, N = ${LATE}`, '×', 20, times(graph)),
    inform(`CPU per step at step ${EARLY}: Strata`, 'ms', total(usual, EARLY)),
    inform(`CPU per step at step ${LATE}: Strata`, 'ms', total(usual, LATE)),
    inform(`CPU per step at step ${LATE}: Strata, nothing condensed`, 'ms', total(same, LATE)),
    inform(`CPU per step at step ${EARLY}: bare`, 'ms', total(bare, EARLY)),
    inform(`CPU per step at step ${LATE}: bare`, 'ms', total(bare, LATE)),
    inform(`log per step at step ${EARLY}`, 'KB', early / 1000),
    inform(`${LATE} steps on the disk: Strata`, 'MB', sizeAt(usual[0], LATE) / 1e6),
    inform(`${LATE} steps on the disk: LangGraph.js StateGraph`, 'MB', sizeAt(graph[0], LATE) / 1e6),
    inform(`${LATE} steps on the disk: langchain createAgent`, 'MB', sizeAt(agent[0], LATE) / 1e6),
  ];
}

/** Milliseconds of CPU per step in the window. */
function cpuAround(measured: Measurement | undefined, step: number): number {
  const from = measured?.cpuAt[step - HALF - 1] ?? Number.NaN;
  const to = measured?.cpuAt[step + HALF - 1] ?? Number.NaN;
  return (to - from) / (2 * HALF);
}

function sizeAt(measured: Measurement | undefined, step: number): number {
  return measured?.sizeAt[step / SIZE_EVERY - 1] ?? Number.NaN;
}
