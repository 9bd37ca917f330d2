import { readdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { atMost, inform, median, type Row } from '../support/row.ts';
import type { BenchServer } from './model-server.ts';
import { parseReplayed, parseResumed } from './reports.ts';
import type { Workers } from './workers.ts';

/** Tool calls; with a model call each, and the steps around them, the run has more than twice as many steps. */
const REPLAYED_CALLS = 250;
const RESUMED_CALLS = 500;

/** A recorded run of 500 steps, replayed where no network can be reached. */
export async function replayRows(
  workers: Workers,
  server: BenchServer,
  times: number,
): Promise<readonly Row[]> {
  const folder = await workers.folder();
  const session = await server.session({ steps: REPLAYED_CALLS });
  await workers.start('run-worker', { url: session.url, folder }).output;
  const before = await session.report();
  const job = { log: logIn(folder), run: onlyRun(folder), times };
  const found = parseReplayed(await workers.start('replay-worker', job).output);
  const after = await session.report();
  if (found.verdict !== 'equal' || found.steps < 2 * REPLAYED_CALLS)
    throw new Error(`The replay of ${found.steps} steps was ${found.verdict}`);
  return [
    atMost(`recorded replay of ${found.steps} steps`, 'ms', 1_000, median(found.wallMs)),
    atMost('requests that reached the server meanwhile', 'requests', 0, after.requests - before.requests),
    atMost('tries to reach the network meanwhile', 'tries', 0, found.blocked),
    inform('CPU of the replay', 'ms', median(found.cpuMs)),
  ];
}

/** A run of 1,000 steps whose process is killed while it waits for the model, taken up by a new process. */
export async function resumeRows(
  workers: Workers,
  server: BenchServer,
  times: number,
): Promise<readonly Row[]> {
  const started: number[] = [];
  const requested: number[] = [];
  const opened: number[] = [];
  let steps = 0;
  for (let time = 0; time < times; time += 1) {
    const folder = await workers.folder();
    const session = await server.session({ steps: RESUMED_CALLS, holdAt: RESUMED_CALLS });
    const first = workers.start('run-worker', { url: session.url, folder });
    const held = await Promise.race([session.held(), first.output]);
    if (typeof held === 'string') throw new Error(`The run ended by itself: ${held}`);
    first.process.kill('SIGKILL');
    await first.output;
    steps = stepsIn(folder);
    const job = { url: session.url, folder, resume: onlyRun(folder) };
    const found = parseResumed(await workers.start('run-worker', job).output);
    const { resumedAt } = await session.report();
    started.push(found.startedMs);
    opened.push(found.openMs);
    requested.push((resumedAt ?? Number.NaN) - found.askedAt);
  }
  const what = `resume of a run of ${steps} steps after kill -9`;
  return [
    atMost(`${what}, to the next live step in the log`, 'ms', 300, median(started)),
    atMost(`${what}, to its request at the model`, 'ms', 300, median(requested)),
    inform('opening the run log before that', 'ms', median(opened)),
  ];
}

function logIn(folder: string): string {
  const file = readdirSync(folder).find((name) => name.endsWith('.db'));
  if (file === undefined) throw new Error(`There is no run log in ${folder}`);
  return path.join(folder, file);
}

function onlyRun(folder: string): string {
  return String(query(folder, 'SELECT id FROM run')['id']);
}

function stepsIn(folder: string): number {
  return Number(query(folder, 'SELECT steps FROM run')['steps']);
}

function query(folder: string, sql: string): Record<string, unknown> {
  const database = new DatabaseSync(logIn(folder));
  try {
    return database.prepare(sql).get() ?? {};
  } finally {
    database.close();
  }
}
