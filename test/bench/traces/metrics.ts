import path from 'node:path';
import { SPANS, SUBJECTS } from '../../../extension/src/core/observability/metrics/index.ts';
import { openMetrics, openRunStore } from '../../../extension/src/node/sqlite/index.ts';
import type { Row } from '../support/row.ts';
import { atMost, inform, median } from '../support/row.ts';
import { keepManyRuns } from './many-runs.ts';

const ROUNDS = 7;
const LIMIT_MS = 200;

/** Each grouping in turn, in the same process, after two rounds that only warm up; the runs are half a million calls. */
export async function metricsRows(folder: string, runs: number): Promise<Row[]> {
  const file = path.join(folder, 'runs.db');
  const store = openRunStore(file, Date.now);
  keepManyRuns(store, runs, new Date(2026, 0, 1).getTime(), 5 * 60_000);
  store.dispose();
  const { signal } = new AbortController();
  const cpu = async (work: () => Promise<unknown>): Promise<number> => {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const open = () => openMetrics(file, path.join(folder, 'metrics.db'));
  const first = open();
  const read = await cpu(() => first.metrics({}, { signal }));
  first.dispose();
  const again = open();
  const cold = await cpu(() => again.metrics({ by: 'agent' }, { signal }));
  const groupings = [...SUBJECTS, ...SPANS];
  const times = new Map(groupings.map((by): [string, number[]] => [by, []]));
  for (let round = 0; round < ROUNDS + 2; round += 1)
    for (const by of groupings) {
      const ms = await cpu(() => again.metrics({ by }, { signal }));
      if (round >= 2) times.get(by)?.push(ms);
    }
  again.dispose();
  return [
    inform(`CPU per run to read the log for the first time, ${runs} runs`, 'ms', read / runs),
    inform('CPU of the first question of a process', 'ms', cold),
    ...[...times].map(([by, list]) =>
      atMost(`CPU of metrics over ${runs} runs by ${by}`, 'ms', LIMIT_MS, median(list)),
    ),
  ];
}
