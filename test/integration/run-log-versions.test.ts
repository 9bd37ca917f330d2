import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { replayRun } from '../../extension/src/core/orchestration/index.ts';
import { openRunStore } from '../../extension/src/node/sqlite/index.ts';
import { RUN_EVENT_VERSION } from '../../extension/src/protocol/run-event.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import { readPayload } from '../../extension/src/protocol/payload.ts';
import { emptyFolder, oldRunLog } from '../support/old-run-log.ts';

const now = (): number => Date.UTC(2026, 5, 1);

test('a log of version 1 opens, with every run as it was', (t) => {
  const file = oldRunLog(emptyFolder(t), 'v1');
  const store = openRunStore(file, now);
  t.after(() => store.dispose());
  assert.equal(store.movedAside, undefined);
  assert.deepEqual(
    store.list().map(({ id, status, steps, calls, origin, parent, pinned, undecided }) => ({
      ...{ id, status, steps, calls, origin, parent, pinned, undecided },
    })),
    [
      ['r-5', 'interrupted', 10, 3, false],
      ['r-4', 'paused', 9, 2, false],
      ['r-3', 'stopped', 7, 1, false],
      ['r-2', 'failed', 5, 0, false],
      ['r-1', 'succeeded', 18, 6, false],
    ].map(([id, status, steps, calls, undecided]) => ({
      ...{ id, status, steps, calls, undecided },
      ...{ origin: 'user', parent: undefined, pinned: false },
    })),
  );
  for (const { id } of store.list()) {
    const view = foldRun(store.read(id));
    assert.deepEqual(view?.origin, { kind: 'user' });
    for (const { input, output } of view.steps) {
      readPayload(store.getBlob, input);
      if (output) readPayload(store.getBlob, output);
    }
  }
});

test('runs of version 1 replay as they were recorded', async (t) => {
  const store = openRunStore(oldRunLog(emptyFolder(t), 'v1'), now);
  t.after(() => store.dispose());
  const verdicts = await Promise.all(
    store.list().map(async ({ id }) => [id, (await replayRun(store, id, () => undefined)).verdict]),
  );
  assert.deepEqual(Object.fromEntries(verdicts), {
    ...{ 'r-1': 'equal', 'r-2': 'equal', 'r-3': 'unfinished', 'r-4': 'unfinished', 'r-5': 'unfinished' },
  });
});

test('a log of version 2 opens, and its runs replay as they were recorded', async (t) => {
  const store = openRunStore(oldRunLog(emptyFolder(t), 'v2'), now);
  t.after(() => store.dispose());
  assert.equal(store.movedAside, undefined);
  const runs = store.list();
  assert.deepEqual(
    await Promise.all(
      runs.map(async ({ id, status, origin }) => {
        const { verdict } = await replayRun(store, id, () => undefined);
        return `${id} ${origin} ${status} ${verdict}`;
      }),
    ),
    [
      'r-6 replay succeeded equal',
      'r-5 fork succeeded equal',
      'r-4 user paused unfinished',
      'r-3 user succeeded equal',
      'r-2 user succeeded equal',
      'r-1 user succeeded equal',
    ],
  );
  assert.deepEqual(
    new Set(runs.flatMap(({ id }) => store.read(id)).map(({ v }) => v)),
    new Set([RUN_EVENT_VERSION]),
  );
});

test('a log of version 3 opens, and its runs replay as they were recorded', async (t) => {
  const store = openRunStore(oldRunLog(emptyFolder(t), 'v3'), now);
  t.after(() => store.dispose());
  assert.equal(store.movedAside, undefined);
  const runs = store.list();
  const verdicts = await Promise.all(
    runs.map(async ({ id, status, origin }) => {
      const { verdict } = await replayRun(store, id, () => undefined);
      return `${id} ${origin} ${status} ${verdict}`;
    }),
  );
  assert.deepEqual(verdicts, [
    'r-5 replay succeeded equal',
    'r-4 fork succeeded equal',
    'r-3 user paused unfinished',
    'r-2 user succeeded equal',
    'r-1 user succeeded equal',
  ]);
  const events = runs.flatMap(({ id }) => store.read(id));
  assert.deepEqual(new Set(events.map(({ v }) => v)), new Set([RUN_EVENT_VERSION]));
});

test('a run of version 1 goes on in the version of today', (t) => {
  const store = openRunStore(oldRunLog(emptyFolder(t), 'v1'), now);
  t.after(() => store.dispose());
  const lease = store.acquire('r-4');
  const before = store.read('r-4').length;
  store.append(lease, [{ type: 'run.resumed', owner: 'somebody' }]);
  store.append(lease, [{ type: 'run.steered', steering: { text: 'Faster.' } }]);
  const events = store.read('r-4');
  assert.equal(events.length, before + 2);
  assert.deepEqual(new Set(events.map(({ v }) => v)), new Set([RUN_EVENT_VERSION]));
  assert.deepEqual(foldRun(events)?.steering, [{ text: 'Faster.' }]);
});

test('processes that open an old log at the same moment bring it up to date once', async (t) => {
  const folder = emptyFolder(t);
  const file = oldRunLog(path.join(folder), 'v1');
  const source = `
    import { workerData, parentPort } from 'node:worker_threads';
    const { openRunStore } = await import(workerData.module);
    const store = openRunStore(workerData.file, Date.now);
    parentPort.postMessage({ aside: store.movedAside, runs: store.list().length, events: store.read('r-1').length });
    store.dispose();`;
  const module = new URL('../../extension/src/node/sqlite/index.ts', import.meta.url).href;
  const workers = Array.from(
    { length: 4 },
    () =>
      new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
        workerData: { module, file },
      }),
  );
  t.after(() => Promise.all(workers.map((worker) => worker.terminate())));
  const reports = await Promise.all(
    workers.map(async (worker) => (await once(worker, 'message'))[0] as unknown),
  );
  const store = openRunStore(file, now);
  t.after(() => store.dispose());
  for (const report of reports)
    assert.deepEqual(report, { aside: undefined, runs: 5, events: store.read('r-1').length });
});

test('a migration that is cut off leaves the old log as it was', (t) => {
  const file = oldRunLog(emptyFolder(t), 'v1');
  const old = new DatabaseSync(file);
  // Something in the way of its last part.
  old.exec('CREATE TABLE upkeep (wrong INTEGER); CREATE VIEW blob_1 AS SELECT 1');
  assert.throws(() => openRunStore(file, now), { code: 'storage-failed' });
  assert.equal(old.prepare('PRAGMA user_version').get()?.['user_version'], 1);
  old.exec('DROP TABLE upkeep; DROP VIEW blob_1');
  old.close();
  const store = openRunStore(file, now);
  t.after(() => store.dispose());
  assert.equal(store.list().length, 5);
});

test('a log of a newer format is refused and left alone', (t) => {
  const file = oldRunLog(emptyFolder(t), 'v1');
  const newer = new DatabaseSync(file);
  newer.exec('PRAGMA user_version = 99');
  assert.throws(() => openRunStore(file, now), {
    code: 'log-too-new',
    message: /newer Strata \(format 99\)/,
  });
  assert.equal(newer.prepare('SELECT count(*) AS n FROM run').get()?.['n'], 5);
  newer.close();
});

test('a run of a newer Strata is refused, and the others open', (t) => {
  const file = oldRunLog(emptyFolder(t), 'v1');
  const store = openRunStore(file, now);
  t.after(() => store.dispose());
  const newer = new DatabaseSync(file);
  newer.exec(`UPDATE event SET body = replace(body, '"v":1', '"v":5') WHERE run = 'r-2' AND seq = 4`);
  newer.close();
  assert.throws(() => store.read('r-2'), { code: 'run-too-new', action: /^Update Strata/ });
  assert.equal(foldRun(store.read('r-1'))?.status, 'succeeded');
});

test('changes that wait for a decision are found in an old log', (t) => {
  const file = oldRunLog(emptyFolder(t), 'v1');
  const old = new DatabaseSync(file);
  old.exec(`DELETE FROM event WHERE body LIKE '%"type":"run.changes"%'`);
  old.close();
  const store = openRunStore(file, now);
  t.after(() => store.dispose());
  assert.deepEqual(
    store.list().flatMap(({ id, undecided }) => (undecided ? [id] : [])),
    ['r-1'],
  );
});
