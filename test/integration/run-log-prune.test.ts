import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { RetentionPolicy } from '../../extension/src/core/orchestration/retention.ts';
import { emptyFolder, oldRunLog } from '../support/old-run-log.ts';
import { DAY_MS, logAt, readWhole, recordRun } from '../support/recorded-log.ts';

const never = new AbortController().signal;
const policy = (limits: Partial<RetentionPolicy>): RetentionPolicy => ({
  ...{ days: 0, runs: 0, bytes: 0 },
  ...limits,
});

function log(t: TestContext) {
  const file = path.join(emptyFolder(t), 'runs.db');
  const { store, clock } = logAt(file);
  t.after(() => store.dispose());
  const blobs = (): number => {
    const database = new DatabaseSync(file);
    const row = database.prepare('SELECT count(*) AS n FROM blob').get();
    database.close();
    return Number(row?.['n']);
  };
  return { file, store, clock, blobs };
}

test('old runs go with their sub-runs and all that only they used', async (t) => {
  const { store, clock, blobs } = log(t);
  recordRun(store, 'r-new0');
  const alone = blobs();
  recordRun(store, 'r-old1', { subRuns: 2 });
  store.append(store.acquire('r-new0'), [{ type: 'run.changes', decision: 'discarded', paths: [] }]);
  clock.now += 100 * DAY_MS;
  recordRun(store, 'r-new2');
  const told: string[] = [];
  store.onDidRemove((runs) => told.push(...runs));
  const pruned = await store.prune(policy({ runs: 1 }), clock.now, never);
  assert.deepEqual([...pruned.runs].sort(), ['r-old1', 'r-old1-4', 'r-old1-5']);
  assert.deepEqual(told, pruned.runs);
  assert.ok(pruned.bytes > 3 * 3 * 900, `${pruned.bytes} bytes`);
  assert.equal(blobs() > alone, true, 'the new run keeps its own');
  assert.ok(readWhole(store, 'r-new2') > 10);
  assert.deepEqual(
    store.list().map(({ id }) => id),
    ['r-new2', 'r-new0'],
    'the one that this process holds stays',
  );
});

test('what other runs share stays: a fork outlives the run that it came from', async (t) => {
  const { store, clock } = log(t);
  recordRun(store, 'r-first', { turns: 6 });
  const [started, ...steps] = store.read('r-first');
  assert.equal(started?.type, 'run.started');
  clock.now += DAY_MS;
  const fork = store.begin(
    'r-fork',
    { ...started, origin: { kind: 'fork', run: 'r-first', step: '2' } },
    steps.slice(0, 4),
  );
  assert.equal(fork.events.length, 5);
  store.append(fork.lease, [{ type: 'run.finished', outcome: 'succeeded' }]);
  store.release(fork.lease);
  const pruned = await store.prune(policy({ runs: 1 }), clock.now, never);
  assert.deepEqual(pruned.runs, ['r-first']);
  assert.ok(pruned.bytes > 0);
  assert.ok(readWhole(store, 'r-fork') >= 10);
});

test('a pinned run stays until it is let go', async (t) => {
  const { store, clock } = log(t);
  recordRun(store, 'r-kept');
  store.pin('r-kept', true);
  assert.equal(store.list()[0]?.pinned, true);
  clock.now += 1000 * DAY_MS;
  assert.deepEqual((await store.prune(policy({ days: 1 }), clock.now, never)).runs, []);
  store.pin('r-kept', false);
  assert.deepEqual((await store.prune(policy({ days: 1 }), clock.now, never)).runs, ['r-kept']);
  assert.throws(() => store.pin('r-kept', true), { code: 'run-not-found' });
});

test('one run can be removed, unless somebody works on it', async (t) => {
  const { store, clock, blobs } = log(t);
  recordRun(store, 'r-a', { subRuns: 1 });
  recordRun(store, 'r-b', { end: 'running' });
  assert.throws(() => store.remove('r-b'), { code: 'run-owned' });
  assert.throws(() => store.remove('r-none'), { code: 'run-not-found' });
  assert.deepEqual(store.remove('r-a'), ['r-a', 'r-a-4']);
  const before = blobs();
  assert.ok(
    (await store.prune(policy({}), clock.now, never)).bytes > 0,
    'the next sweep finds what is left of it',
  );
  assert.ok(blobs() < before);
  assert.equal((await store.prune(policy({}), clock.now, never)).bytes, 0);
});

test('the file becomes smaller', async (t) => {
  const { file, store, clock } = log(t);
  for (let number = 0; number < 30; number += 1) recordRun(store, `r-${number}`, { length: 20_000 });
  await store.prune(policy({}), clock.now, never);
  const before = statSync(file).size;
  await store.prune(policy({ runs: 1 }), clock.now, never);
  assert.ok(statSync(file).size < before / 4, `${before} bytes, then ${statSync(file).size}`);
});

test('an old log is written anew once, and gives back room from then on', async (t) => {
  const file = oldRunLog(emptyFolder(t), 'v1');
  const { store, clock } = logAt(file);
  t.after(() => store.dispose());
  await store.prune(policy({}), clock.now, never);
  const look = new DatabaseSync(file);
  t.after(() => look.close());
  assert.equal(look.prepare('PRAGMA auto_vacuum').get()?.['auto_vacuum'], 2);
  assert.equal(look.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
  for (const { id } of store.list()) readWhole(store, id);
});

test('called off in the middle, it leaves a whole log, and the next one does the rest', async (t) => {
  const { store, clock, blobs } = log(t);
  for (let number = 10; number < 30; number += 1) recordRun(store, `r-${number}`);
  const control = new AbortController();
  let gone = 0;
  store.onDidRemove((runs) => {
    if ((gone += runs.length) === 10) control.abort();
  });
  await assert.rejects(store.prune(policy({ runs: 5 }), clock.now, control.signal), { name: 'AbortError' });
  assert.equal(store.list().length, 10);
  for (const { id } of store.list()) readWhole(store, id);
  const full = blobs();
  await store.prune(policy({ runs: 5 }), clock.now, never);
  assert.equal(store.list().length, 5);
  for (const { id } of store.list()) readWhole(store, id);
  assert.ok(blobs() < full / 2);
});

test('another process reads and writes while runs are removed', async (t) => {
  const { file, store, clock } = log(t);
  for (let number = 100; number < 160; number += 1) recordRun(store, `r-${number}`, { turns: 10 });
  const support = new URL('../support/recorded-log.ts', import.meta.url).href;
  const source = `
    const { logAt, readWhole, recordRun } = await import(${JSON.stringify(support)});
    const { store, clock } = logAt(process.argv[1]);
    clock.now += 5 * 86400000;
    let read = 0;
    for (let number = 0; number < 60; number += 1) {
      recordRun(store, 'r-other' + number, { turns: 4 });
      for (let kept = 150; kept < 160; kept += 3) read += readWhole(store, 'r-' + kept);
      for (let own = 0; own <= number; own += 7) read += readWhole(store, 'r-other' + own);
    }
    store.dispose();
    console.log(read);`;
  const other = promisify(execFile)(process.execPath, ['--input-type=module', '-e', source, file]);
  const state = { over: false };
  void other.finally(() => (state.over = true)).catch(() => undefined);
  let rounds = 0;
  for (let keep = 60; !state.over; keep = Math.max(10, keep - 5)) {
    const ours = store.list().filter(({ id }) => /^r-\d/.test(id));
    for (const { id } of ours.slice(keep)) store.remove(id);
    await store.prune(policy({}), clock.now, never);
    rounds += 1;
    await delay(5);
  }
  assert.ok(Number((await other).stdout) > 1000);
  assert.ok(rounds > 1);
  assert.equal(store.list({ limit: 100 }).length, 70);
  for (const { id } of store.list()) readWhole(store, id);
});

test('after any pruning every run that is left can be read whole', async (t) => {
  const { store, clock } = log(t);
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  let next = 1000;
  for (let round = 0; round < 25; round += 1) {
    for (let count = random(6); count >= 0; count -= 1) {
      const end = (['succeeded', 'paused', 'succeeded'] as const)[random(3)];
      const plan = { turns: 1 + random(5), subRuns: random(3), changes: random(4) === 0 };
      recordRun(store, `r-${(next += 1)}`, { ...plan, ...(end ? { end } : {}) });
    }
    clock.now += random(40) * DAY_MS;
    const any = store.list()[random(8)];
    if (any && random(3) === 0) store.pin(any.id, !any.pinned);
    const limits = policy({ days: random(2) * 60, runs: random(12), bytes: random(2) * 40_000 });
    const before = new Set(store.list().map(({ id }) => id));
    const { runs } = await store.prune(limits, clock.now, never);
    for (const { id } of store.list()) {
      before.delete(id);
      readWhole(store, id);
      for (const part of store.list({ parent: id })) readWhole(store, part.id);
    }
    assert.deepEqual([...before].sort(), runs.filter((id) => before.has(id)).sort());
  }
  assert.ok(next > 1060);
});
