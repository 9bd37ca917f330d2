import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readRunEvent } from '../../extension/src/protocol/modernize.ts';
import { RUN_EVENT_VERSION, STEP_KINDS } from '../../extension/src/protocol/run-event.ts';
import type { Rating } from '../../extension/src/protocol/run-event.ts';
import { applyEvent, foldRun } from '../../extension/src/protocol/run-view.ts';

function sample(name: string): readonly string[] {
  const file = new URL(`../fixtures/run-log/${name}.jsonl`, import.meta.url);
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}

const lines = sample('v4');

test('every kind of event that is written today opens, with nothing lost on the way', () => {
  for (const line of lines) assert.deepEqual(readRunEvent(JSON.parse(line)), JSON.parse(line));
});

for (const version of ['v2', 'v3']) {
  test(`every kind of event that version ${version.slice(1)} has written opens as one of today`, () => {
    for (const line of sample(version)) {
      const written = JSON.parse(line) as object;
      assert.deepEqual(readRunEvent(written), { ...written, v: RUN_EVENT_VERSION });
    }
  });
}

test('what is known of a tool call is kept, and the models that its server asked are paid for', () => {
  const events = lines.map((line) => readRunEvent(JSON.parse(line)));
  const view = foldRun(events.filter(({ run }) => run === 'r-main'));
  const tool = view?.steps.find(({ kind }) => kind === 'tool')?.tool;
  assert.equal(tool?.server, 'web');
  assert.deepEqual(
    tool.connections?.map(({ host, allowed }) => `${host} ${allowed ? 'reached' : 'refused'}`),
    ['example.com reached', 'evil.example refused'],
  );
  assert.equal(tool.sampled?.length, 1);
});

test('the sample has every kind of step, and folds', () => {
  const events = lines.map((line) => readRunEvent(JSON.parse(line)));
  const view = foldRun(events.filter(({ run }) => run === 'r-main'));
  assert.deepEqual(new Set(view?.steps.map(({ kind }) => kind)), new Set(STEP_KINDS));
  assert.equal(view?.status, 'succeeded');
  assert.equal(view.changes, 'discarded');
  assert.deepEqual(view.totals, {
    ...{ subSteps: 3, calls: 4, inputTokens: 140, outputTokens: 32 },
    ...{ usd: 0.21100000000000002, unpriced: 1, priced: 3, estimated: true },
  });
  assert.equal(new Set(events.map(({ type }) => type)).size, 14);
});

test('what a person says of a run is kept until they say otherwise, and forgetting takes all of it', () => {
  const events = lines.map((line) => readRunEvent(JSON.parse(line))).filter(({ run }) => run === 'r-main');
  const view = foldRun(events);
  assert.deepEqual(view?.rating, {
    verdict: 'down',
    correction: 'Take the rate from the table.',
    memory: 'pinned',
  });
  const last = events.at(-1);
  assert.ok(last);
  const say = (rating: Rating) =>
    applyEvent(view, {
      v: RUN_EVENT_VERSION,
      run: 'r-main',
      seq: last.seq + 1,
      at: last.at,
      type: 'run.rated',
      rating,
    }).rating;
  assert.deepEqual(say({ verdict: 'none', correction: '' }), {
    verdict: undefined,
    correction: undefined,
    memory: 'pinned',
  });
  say({ verdict: 'up' });
  const nothing = { verdict: undefined, correction: undefined };
  assert.deepEqual(say({ memory: 'forgotten' }), { ...nothing, memory: 'forgotten' });
  assert.deepEqual(say({ verdict: 'up', memory: 'kept' }), { ...nothing, verdict: 'up', memory: 'kept' });
});

test('an event of a newer version is refused by name; what is none is no event', () => {
  assert.throws(() => readRunEvent({ v: RUN_EVENT_VERSION + 1, type: 'run.dreamed' }), {
    code: 'run-too-new',
  });
  for (const raw of [
    undefined,
    null,
    1,
    'v',
    {},
    { v: '1' },
    { v: 0 },
    { v: 2 },
    { v: 1, type: 'run.steered' },
  ])
    assert.throws(() => readRunEvent(raw), { name: /ZodError/ });
});
