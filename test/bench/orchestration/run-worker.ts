// Runs or resumes one run of Strata in a process of its own, so that it can be killed.
import * as z from 'zod';
import { resumeRun, startRun } from '../../../extension/src/core/orchestration/index.ts';
import type { Resumed } from './reports.ts';
import { openStrataWorld, runInput } from './strata-world.ts';
import { resultOf } from './task.ts';

const job = z.object({ url: z.string(), folder: z.string(), resume: z.string().optional() });
const { url, folder, resume } = job.parse(JSON.parse(process.argv[2] ?? ''));

const before = performance.now();
const { store, environment } = openStrataWorld({ url, folder, read: resultOf });
const opened = performance.now();
if (resume === undefined) await startRun(environment, runInput()).ended;
else {
  let startedMs = Number.POSITIVE_INFINITY;
  store.onDidAppend((events) => {
    const isStart = events.some(({ type }) => type === 'step.started');
    if (isStart) startedMs = Math.min(startedMs, performance.now() - opened);
  });
  const end = await resumeRun(environment, resume).ended;
  if (end.status !== 'succeeded') throw new Error(`The run ${end.status}`, { cause: end.error });
  const found: Resumed = {
    openMs: opened - before,
    startedMs,
    askedAt: performance.timeOrigin + opened,
  };
  console.log(JSON.stringify(found));
}
store.dispose();
