import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { replayRun } from '../../extension/src/core/orchestration/index.ts';
import { assertScenarioEnd, playScenario, scenarioNames, scenarioWorld } from '../support/kill-scenarios.ts';
import type { ScenarioName } from '../support/kill-scenarios.ts';

const child = path.join(import.meta.dirname, '..', 'support', 'kill-child.ts');
/** In a normal run one commit in so many is tried; `npm run test:soak` tries every one. */
const stride = process.env['STRATA_SOAK'] === '1' ? 1 : 9;
const LIMIT_MS = 60_000;

for (const name of scenarioNames) {
  test(`${name}: killed with SIGKILL at a commit, the next process ends the run the same`, async (t) => {
    const commits = await inHome(async (home) => {
      const { output } = await play(name, home, Number.MAX_SAFE_INTEGER, 'before');
      return Number(/commits (\d+)/.exec(output)?.[1]);
    });
    assert.ok(commits > 50, `${commits} commits`);
    const points: { at: number; when: 'before' | 'after' }[] = [];
    for (let at = 1; at <= commits; at += stride) points.push({ at, when: 'before' }, { at, when: 'after' });
    let tried = 0;
    const waiting = points.values();
    await Promise.all(
      Array.from({ length: availableParallelism() }, async () => {
        for (const { at, when } of waiting) {
          await inHome((home) => killAndResume(name, home, at, when));
          tried += 1;
        }
      }),
    );
    assert.equal(tried, points.length);
    t.diagnostic(`${tried} points tried of ${commits * 2}`);
  });
}

async function killAndResume(
  name: ScenarioName,
  home: string,
  at: number,
  when: 'before' | 'after',
): Promise<void> {
  const point = `${when} commit ${at}`;
  const { signal } = await play(name, home, at, when);
  assert.equal(signal, 'SIGKILL', point);
  const world = scenarioWorld(name, { home });
  try {
    const status = world.store.has('r-1') ? world.store.statusOf('r-1') : undefined;
    // Killed before anything of the run was written, there is nothing to go on with: it is begun.
    if (status !== 'succeeded') assert.equal((await playScenario(world, name)).status, 'succeeded', point);
    assertScenarioEnd(world, name, point);
    const report = await replayRun(world.store, 'r-1', () => undefined);
    assert.equal(report.verdict, 'equal', `${point}: ${JSON.stringify(report)}`);
  } finally {
    world.dispose();
  }
}

function play(
  name: ScenarioName,
  home: string,
  at: number,
  when: string,
): Promise<{ readonly output: string; readonly signal: string | undefined }> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [child, name, home, String(at), when],
      { timeout: LIMIT_MS, killSignal: 'SIGTERM' },
      (error, stdout, stderr) => {
        const signal = error?.signal ?? undefined;
        if (error && signal !== 'SIGKILL') reject(new Error(stderr || error.message));
        else resolve({ output: stdout, signal });
      },
    );
  });
}

async function inHome<T>(work: (home: string) => Promise<T>): Promise<T> {
  const home = await mkdtemp(path.join(tmpdir(), 'strata-kill-'));
  try {
    return await work(home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
