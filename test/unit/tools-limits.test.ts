import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createRateLimits,
  type BucketStore,
  type RateRule,
  type RateRules,
} from '../../extension/src/core/tools/index.ts';

/** A clock that only waiting moves on. */
function world(rules: RateRules) {
  let time = 1_700_000_000_000;
  const numbers = new Map<string, number>();
  const shared: BucketStore = {
    update: (bucket, next) => {
      const number = next(numbers.get(bucket));
      if (number !== undefined) numbers.set(bucket, number);
    },
  };
  const limits = createRateLimits({
    ...{ rules, folder: '/f', shared, now: () => time },
    wait: (ms, signal) => {
      signal.throwIfAborted();
      time += ms;
      return Promise.resolve();
    },
  });
  return {
    pass: (ms: number): void => void (time += ms),
    now: () => time,
    buckets: () => [...numbers.keys()],
    call: async (tool: string, run = 'r-1', signal = new AbortController().signal): Promise<string> => {
      const notes: string[] = [];
      const admission = await limits.admit(tool, {
        signal,
        context: { run, step: '1', traceparent: '' },
        onNote: (_, text) => notes.push(text),
      });
      if (admission.kind === 'refused') return `refused: ${admission.text}`;
      return admission.waitedMs === 0 ? 'now' : `waited ${admission.waitedMs}: ${notes.join()}`;
    },
  };
}

const rule = (more: Partial<RateRule>): RateRule => ({
  ...{ calls: 10, seconds: 60, scope: 'run', when: 'refuse' },
  ...more,
});

test('as many as the bucket holds come at once, then one by one as it fills', async () => {
  const { call, pass } = world({ 'web_*': [rule({ burst: 3 })] });
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => call('web_fetch'))), ['now', 'now', 'now']);
  const refused =
    'refused: web_fetch was not called: there may be 10 calls in 60 s in one run. Try again in 6 s, or go on without it.';
  assert.equal(await call('web_fetch'), refused);
  pass(5_999);
  assert.match(await call('web_fetch'), /Try again in 1 ms/);
  pass(1);
  assert.equal(await call('web_fetch'), 'now');
  assert.equal(await call('files_read'), 'now', 'another tool');
  pass(3_600_000);
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => call('web_fetch'))), ['now', 'now', 'now']);
  assert.match(await call('web_fetch'), /^refused/, 'it holds no more than when full');
});

test('ten thousand calls come out as the rule says', async () => {
  const { call, now } = world({ '*': [rule({ calls: 100, seconds: 10, burst: 20, when: 'wait' })] });
  const begun = now();
  for (let i = 0; i < 10_000; i += 1) await call('a_b');
  // 20 at once, and 100 ms for each one after.
  assert.equal(now() - begun, (10_000 - 20) * 100);
});

test('calls that wait side by side each have their turn', async () => {
  const { call } = world({ a_b: [rule({ calls: 1, seconds: 2, burst: 1, when: 'wait' })] });
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => call('a_b'))), [
    'now',
    'waited 2000: a_b waits 2 s: there may be 1 call in 2 s in one run.',
    // The clock of this test has been moved on by the one before, as nobody else does.
    'waited 2000: a_b waits 2 s: there may be 1 call in 2 s in one run.',
  ]);
});

test('who would have to wait for too long is refused, and takes nobody’s turn', async () => {
  const { call, pass } = world({
    a_b: [rule({ calls: 1, seconds: 40, burst: 1, when: 'wait', waitSeconds: 30 })],
  });
  assert.equal(await call('a_b'), 'now');
  assert.match(await call('a_b'), /^refused: .* Try again in 40 s/);
  assert.match(await call('a_b'), /Try again in 40 s/, 'the refused one took nothing');
  pass(10_000);
  assert.match(await call('a_b'), /^waited 30000/);
});

test('a call that is called off while it waits gives its turn back', async () => {
  const { call } = world({ a_b: [rule({ calls: 1, seconds: 10, burst: 1, when: 'wait' })] });
  await call('a_b');
  await assert.rejects(call('a_b', 'r-1', AbortSignal.abort(new Error('enough'))), /enough/);
  assert.match(await call('a_b'), /^waited 10000/);
});

test('a run counts with its sub-runs; folder and user are shared', async () => {
  const one = rule({ calls: 1, burst: 1 });
  const run = world({ a_b: [one] });
  assert.equal(await run.call('a_b', 'r-abc'), 'now');
  assert.match(await run.call('a_b', 'r-abc-3_1'), /^refused/);
  assert.equal(await run.call('a_b', 'r-xyz'), 'now');
  assert.deepEqual(run.buckets(), []);
  const both = world({
    'a_*': [{ ...one, scope: 'folder' }],
    '*_b': [{ ...one, scope: 'user', calls: 2, burst: 2 }],
  });
  assert.equal(await both.call('a_b', 'r-1'), 'now');
  assert.match(
    await both.call('a_c', 'r-2'),
    /^refused: .* in this folder/,
    'the tools of a pattern share a bucket',
  );
  assert.equal(await both.call('x_b'), 'now');
  assert.match(await both.call('x_b'), /^refused: .* by one user/);
  assert.deepEqual(both.buckets(), ['/f a_* 1/60/1', 'user *_b 2/60/2']);
});

test('what one limit refuses costs no token of another', async () => {
  const { call } = world({
    'a_*': [rule({ calls: 5, burst: 5 })],
    a_b: [rule({ calls: 1, burst: 1 })],
  });
  assert.equal(await call('a_b'), 'now');
  for (let i = 0; i < 10; i += 1) assert.match(await call('a_b'), /^refused/);
  const others = await Promise.all([1, 2, 3, 4].map(() => call('a_c')));
  assert.deepEqual(others, ['now', 'now', 'now', 'now']);
});

test('a clock that was put back shuts nobody out', async () => {
  const { call, pass } = world({ a_b: [rule({ calls: 1, seconds: 60, burst: 1, scope: 'user' })] });
  await call('a_b');
  pass(-86_400_000);
  assert.match(await call('a_b'), /Try again in 60 s/);
  pass(60_000);
  assert.equal(await call('a_b'), 'now');
});
