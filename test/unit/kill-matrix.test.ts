import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayRun } from '../../extension/src/core/orchestration/index.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import { dyingLog } from '../support/dying-log.ts';
import {
  ALL_KINDS,
  assertScenarioEnd,
  kindsOf,
  playScenario,
  scenarioNames,
  scenarioWorld,
} from '../support/kill-scenarios.ts';
import type { ScenarioName } from '../support/kill-scenarios.ts';

/** Dying inside a test's own process is fast, so every point is tried; `kill-matrix` among the integration tests uses SIGKILL. */
for (const name of scenarioNames) {
  test(`${name}: dead before or after any commit, the run ends the same and changes nothing twice`, async (t) => {
    const commits = await commitsOf(name);
    let points = 0;
    for (let at = 1; at <= commits; at += 1) {
      for (const when of ['before', 'after'] as const) {
        let alive = false;
        const log = dyingLog(at, when, () => {
          if (!alive) throw new Error('storage-crash');
        });
        const world = scenarioWorld(name, { wrapStore: log.wrap });
        try {
          await playScenario(world, name).catch(() => undefined);
          alive = true;
          if (!world.store.has('r-1')) continue;
          const status = foldRun(world.store.read('r-1'))?.status;
          if (status !== 'succeeded') {
            const end = await playScenario(world, name);
            assert.equal(end.status, 'succeeded', `${when} commit ${at}: ${String(end.error)}`);
          }
          assertScenarioEnd(world, name, `${when} commit ${at}`);
          const report = await replayRun(world.store, 'r-1', () => undefined);
          assert.equal(report.verdict, 'equal', `${when} commit ${at}: ${JSON.stringify(report)}`);
          points += 1;
        } finally {
          world.dispose();
        }
      }
    }
    t.diagnostic(`${points} points tried, ${commits} commits`);
  });
}

test('between them the scenarios hold every kind of step', async () => {
  const kinds = new Set<string>();
  for (const name of scenarioNames) {
    const world = scenarioWorld(name);
    await playScenario(world, name);
    for (const kind of kindsOf(world)) kinds.add(kind);
    world.dispose();
  }
  assert.deepEqual(
    [...ALL_KINDS].filter((kind) => !kinds.has(kind)),
    [],
  );
});

async function commitsOf(name: ScenarioName): Promise<number> {
  const log = dyingLog(Number.POSITIVE_INFINITY, 'before', () => undefined);
  const world = scenarioWorld(name, { wrapStore: log.wrap });
  await playScenario(world, name);
  world.dispose();
  return log.commits();
}
