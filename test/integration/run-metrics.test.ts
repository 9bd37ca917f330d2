import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { MetricsQuery } from '../../extension/src/core/observability/metrics/index.ts';
import { openMetrics } from '../../extension/src/node/sqlite/index.ts';
import type { RunMetricsStore } from '../../extension/src/node/sqlite/index.ts';
import { emptyFolder, oldRunLog } from '../support/old-run-log.ts';
import { DAY_MS, logAt, recordRun } from '../support/recorded-log.ts';

const options = { signal: new AbortController().signal };

function world(t: TestContext) {
  const folder = emptyFolder(t);
  const [file, beside] = [path.join(folder, 'runs.db'), path.join(folder, 'metrics.db')];
  const { store, clock } = logAt(file);
  const open = (): RunMetricsStore => {
    const metrics = openMetrics(file, beside);
    t.after(() => metrics.dispose());
    return metrics;
  };
  t.after(() => store.dispose());
  return { store, clock, open, file, beside };
}

async function count(metrics: RunMetricsStore, query: MetricsQuery = {}): Promise<string> {
  const { runs, tools } = (await metrics.metrics(query, options)).total;
  return `${runs.count} runs, ${runs.parts} parts, ${runs.running} running, ${tools?.calls} tool calls`;
}

test('metrics follow the log: runs that grow, begin, come from elsewhere and go', async (t) => {
  const { store, clock, open } = world(t);
  const metrics = open();
  assert.equal(await count(metrics), '0 runs, 0 parts, 0 running, 0 tool calls');
  recordRun(store, 'r-1', { changes: true, subRuns: 2 });
  assert.equal(await count(metrics), '3 runs, 2 parts, 0 running, 1 tool calls');
  clock.now += DAY_MS;
  recordRun(store, 'r-2', { end: 'running' });
  assert.equal(await count(metrics), '4 runs, 2 parts, 1 running, 1 tool calls');
  store.importRun(store.exportRun('r-1'), 'r-3');
  assert.equal(await count(metrics), '7 runs, 4 parts, 1 running, 2 tool calls');
  store.remove('r-1');
  assert.equal(await count(metrics), '4 runs, 2 parts, 1 running, 1 tool calls');
  assert.equal(await count(metrics, { from: clock.now }), '1 runs, 0 parts, 1 running, 0 tool calls');
  store.importRun(store.exportRun('r-3'), 'r-1');
  assert.equal(await count(metrics), '7 runs, 4 parts, 1 running, 2 tool calls');
});

test('a group leads to its runs, newest first', async (t) => {
  const { store, clock, open } = world(t);
  for (const run of ['r-1', 'r-2', 'r-3']) {
    recordRun(store, run, { changes: run !== 'r-2' });
    clock.now += DAY_MS;
  }
  const metrics = open();
  const { groups } = await metrics.metrics({ by: 'tool' }, options);
  assert.deepEqual(
    groups.map(({ key, runs }) => [key, runs.count]),
    [['edit', 2]],
  );
  assert.deepEqual(await metrics.runs({ by: 'tool', key: 'edit', limit: 1 }, options), {
    runs: ['r-3'],
    count: 2,
  });
  const days = (await metrics.metrics({ by: 'day' }, options)).groups;
  assert.equal(days.length, 3);
  const behind = await metrics.runs({ by: 'day', start: days[1]?.start ?? 0, limit: 9 }, options);
  assert.deepEqual(behind, { runs: ['r-2'], count: 1 });
});

test('another process goes on where this one stopped, and a run is read in parts', async (t) => {
  const { store, open } = world(t);
  const [one, other] = [open(), open()];
  recordRun(store, 'r-1', { end: 'running' });
  assert.equal(await count(one), '1 runs, 0 parts, 1 running, 0 tool calls');
  const lease = store.acquire.bind(store, 'r-1');
  assert.throws(lease, { code: 'run-owned' });
  store.append({ run: 'r-1', fence: 1 }, [
    { ...{ type: 'step.started', step: '9', kind: 'tool', name: 'a', effect: 'read' }, ...LATE },
  ]);
  assert.equal(await count(other), '1 runs, 0 parts, 1 running, 0 tool calls');
  store.append({ run: 'r-1', fence: 1 }, [
    { type: 'step.finished', step: '9', output: { inline: 1 }, durationMs: 3 },
    { type: 'run.finished', outcome: 'succeeded' },
  ]);
  assert.deepEqual(
    await Promise.all([count(one), count(other), count(open())]),
    Array<string>(3).fill('1 runs, 0 parts, 0 running, 1 tool calls'),
  );
});

const LATE = { inputHash: 'f'.repeat(64), input: { inline: 1 }, attempt: 1 };

test('the file may be lost, damaged or of another format: it is made anew', async (t) => {
  const { store, open, beside } = world(t);
  recordRun(store, 'r-1', { changes: true });
  const expected = '1 runs, 0 parts, 0 running, 1 tool calls';
  for (const harm of [
    () => rmSync(beside),
    () => writeFileSync(beside, 'no database at all '.repeat(1000)),
    () => execFileSync(process.execPath, ['-e', SCRIPT, beside, 'PRAGMA user_version = 99']),
    () => execFileSync(process.execPath, ['-e', SCRIPT, beside, 'UPDATE chunk SET data = zeroblob(7)']),
    () => execFileSync(process.execPath, ['-e', SCRIPT, beside, `UPDATE chunk SET kind = 'other'`]),
  ]) {
    for (const isHarmed of [false, true]) {
      if (isHarmed) harm();
      const metrics = open();
      assert.equal(await count(metrics), expected);
      metrics.dispose();
    }
  }
});

const SCRIPT = `const { DatabaseSync } = require('node:sqlite');
  const database = new DatabaseSync(process.argv[1]);
  database.exec(process.argv[2]);
  database.close();`;

test('a damaged run counts as far as it can be read, and logs of older formats count too', async (t) => {
  const { store, open, file } = world(t);
  recordRun(store, 'r-1', { changes: true });
  recordRun(store, 'r-2', { changes: true });
  execFileSync(process.execPath, [
    '-e',
    SCRIPT,
    file,
    `UPDATE event SET body = '{' WHERE run = 'r-2' AND seq = 9`,
  ]);
  assert.equal(await count(open()), '2 runs, 0 parts, 1 running, 1 tool calls');
  for (const name of ['v1', 'v2']) {
    const old = oldRunLog(emptyFolder(t), name);
    const log = logAt(old);
    const metrics = openMetrics(old, `${old}.metrics`);
    const { total } = await metrics.metrics({}, options);
    assert.ok(total.runs.count > 0 && (total.models?.calls ?? 0) > 0, name);
    metrics.dispose();
    log.store.dispose();
  }
});

test('many removed runs are taken out of the file', async (t) => {
  const { store, open, beside } = world(t);
  const metrics = open();
  for (let n = 0; n < 1101; n += 1) recordRun(store, `r-${n}`, { turns: 1, length: 1 });
  assert.match(await count(metrics), /^1101 runs/);
  for (let n = 0; n < 1100; n += 1) store.remove(`r-${n}`);
  assert.match(await count(metrics), /^1 runs/);
  const { runs } = await metrics.runs({ limit: 5 }, options);
  assert.deepEqual(runs, ['r-1100']);
  assert.match(beside, /metrics/);
});

test('it can be called off, and says when so much is asked that nobody could look at it', async (t) => {
  const { store, clock, open } = world(t);
  recordRun(store, 'r-1');
  clock.now += 3000 * DAY_MS;
  recordRun(store, 'r-2');
  const metrics = open();
  await assert.rejects(metrics.metrics({}, { signal: AbortSignal.abort(new Error('enough')) }), /enough/);
  await assert.rejects(metrics.metrics({ by: 'hour' }, options), { code: 'metrics-too-fine' });
  assert.match(await count(metrics), /^2 runs/);
});
