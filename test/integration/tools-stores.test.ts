import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createRateLimits, type KeptResult } from '../../extension/src/core/tools/index.ts';
import { openBuckets, openToolCache } from '../../extension/src/node/sqlite/index.ts';
import { emptyFolder } from '../support/old-run-log.ts';

let time = 1_000_000;
const now = (): number => time;

function cache(t: TestContext, file: string, most?: number) {
  const store = openToolCache(file, now, most);
  t.after(() => store.dispose());
  return store;
}

function said(text: string): KeptResult {
  return { content: [{ type: 'text', text }], at: time, run: 'r-1' };
}

test('what is kept is there in the next process, until its time is over', (t) => {
  const file = path.join(emptyFolder(t), 'tool-cache.db');
  const first = cache(t, file);
  const whole: KeptResult = { ...said('a'), structured: { n: 1 }, raw: { content: [] } };
  first.set('for ever', whole, undefined);
  first.set('a while', said('b'), time + 1_000);
  first.dispose();
  const second = cache(t, file);
  assert.deepEqual(second.get('for ever'), whole);
  assert.deepEqual(second.get('a while')?.content, [{ type: 'text', text: 'b' }]);
  assert.equal(second.get('never'), undefined);
  time += 1_000;
  assert.equal(second.get('a while'), undefined);
});

test('beyond its size, what was not used for longest goes', (t) => {
  const store = cache(t, path.join(emptyFolder(t), 'c.db'), 4_000);
  for (const key of ['a', 'b', 'c']) {
    time += 1;
    store.set(key, said('x'.repeat(1_000)), undefined);
  }
  time += 120_000;
  assert.ok(store.get('a'), 'used again');
  store.set('d', said('x'.repeat(1_000)), undefined);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].filter((key) => store.get(key)),
    ['a', 'c', 'd'],
  );
  store.set('huge', said('x'.repeat(5_000)), undefined);
  assert.equal(store.get('huge'), undefined);
  assert.ok(store.get('d'), 'what does not fit pushes nothing out');
});

test('a file that is garbage, of another format, or damaged while it is open is begun anew', (t) => {
  const folder = emptyFolder(t);
  const garbage = path.join(folder, 'garbage.db');
  writeFileSync(garbage, 'no database at all, '.repeat(1_000));
  const store = cache(t, garbage);
  assert.equal(store.get('a'), undefined);
  store.set('a', said('1'), undefined);
  assert.ok(store.get('a'));

  const newer = path.join(folder, 'newer.db');
  const other = new DatabaseSync(newer);
  other.exec('CREATE TABLE kept (other TEXT); PRAGMA user_version = 99');
  other.close();
  const begun = cache(t, newer);
  begun.set('a', said('1'), undefined);
  assert.ok(begun.get('a'));

  const odd = new DatabaseSync(garbage);
  odd.exec(`UPDATE kept SET result = '{"content":"no list"}'`);
  odd.close();
  assert.equal(store.get('a'), undefined, 'a row that cannot be read was not kept');
});

test('a place where nothing can be written keeps nothing, and says nothing', (t) => {
  const file = path.join(emptyFolder(t), 'file');
  writeFileSync(file, '');
  const store = cache(t, path.join(file, 'below', 'c.db'));
  store.set('a', said('1'), undefined);
  assert.equal(store.get('a'), undefined);
  const buckets = openBuckets(path.join(file, 'below', 'b.db'), now);
  t.after(() => buckets.dispose());
  let seen: number | undefined;
  buckets.update('x', () => 7);
  buckets.update('x', (full) => {
    seen = full;
    return undefined;
  });
  assert.equal(seen, 7, 'the process counts for itself');
});

test('several processes share what is kept and what is left of a limit', async (t) => {
  const folder = emptyFolder(t);
  const source = `
    import { workerData, parentPort } from 'node:worker_threads';
    const { openToolCache, openBuckets } = await import(workerData.sqlite);
    const { createRateLimits } = await import(workerData.tools);
    const cache = openToolCache(workerData.cache, Date.now);
    const shared = openBuckets(workerData.buckets, Date.now);
    const limits = createRateLimits({
      rules: { '*': [{ calls: 50, seconds: 3600, scope: 'user', when: 'refuse' }] },
      folder: workerData.cache, shared, now: Date.now, wait: () => Promise.resolve(),
    });
    let admitted = 0;
    for (let i = 0; i < 100; i += 1) {
      cache.set('key ' + workerData.n + ' ' + i, { content: [{ type: 'text', text: 'x' }], at: 1 }, undefined);
      const { kind } = await limits.admit('web_fetch', { signal: new AbortController().signal });
      if (kind === 'admitted') admitted += 1;
    }
    cache.dispose();
    shared.dispose();
    parentPort.postMessage(admitted);`;
  const url = (file: string): string => new URL(`../../extension/src/${file}`, import.meta.url).href;
  const [cacheFile, buckets] = [path.join(folder, 'c.db'), path.join(folder, 'b.db')];
  const workers = [1, 2, 3].map(
    (n) =>
      new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
        workerData: {
          ...{ n, cache: cacheFile, buckets },
          ...{ sqlite: url('node/sqlite/index.ts'), tools: url('core/tools/index.ts') },
        },
      }),
  );
  t.after(() => Promise.all(workers.map((worker) => worker.terminate())));
  const admitted = await Promise.all(
    workers.map(async (worker) => Number((await once(worker, 'message'))[0])),
  );
  assert.equal(
    admitted.reduce((sum, one) => sum + one, 0),
    50,
  );
  const store = openToolCache(cacheFile, Date.now);
  t.after(() => store.dispose());
  // One that others kept from writing for too long has not kept that answer.
  const keys = Array.from({ length: 100 }, (_, i) => i);
  for (const n of [1, 2, 3])
    assert.ok(
      keys.some((i) => store.get(`key ${n} ${i}`)),
      `of process ${n}`,
    );
});

test('a limit holds on after the process has ended', async (t) => {
  const file = path.join(emptyFolder(t), 'b.db');
  const admit = async (): Promise<string> => {
    const shared = openBuckets(file, now);
    const limits = createRateLimits({
      rules: { web_fetch: [{ calls: 1, seconds: 60, scope: 'folder', when: 'refuse' }] },
      ...{ folder: '/f', shared, now, wait: () => Promise.resolve() },
    });
    const admission = await limits.admit('web_fetch', { signal: new AbortController().signal });
    shared.dispose();
    return admission.kind === 'refused' ? admission.text : admission.kind;
  };
  assert.equal(await admit(), 'admitted');
  time += 20_000;
  assert.equal(
    await admit(),
    'web_fetch was not called: there may be 1 call in 60 s in this folder. Try again in 40 s, or go on without it.',
  );
  time += 40_000;
  assert.equal(await admit(), 'admitted');
});
