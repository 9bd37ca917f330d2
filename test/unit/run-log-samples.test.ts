import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readRunEvent } from '../../extension/src/protocol/modernize.ts';
import { STEP_KINDS } from '../../extension/src/protocol/run-event.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';

const lines = readFileSync(new URL('../fixtures/run-log/v2.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

test('every kind of event that version 2 has written opens, with nothing lost on the way', () => {
  for (const line of lines) assert.deepEqual(readRunEvent(JSON.parse(line)), JSON.parse(line));
});

test('the sample has every kind of step, and folds', () => {
  const events = lines.map((line) => readRunEvent(JSON.parse(line)));
  const view = foldRun(events.filter(({ run }) => run === 'r-main'));
  assert.deepEqual(new Set(view?.steps.map(({ kind }) => kind)), new Set(STEP_KINDS));
  assert.equal(view?.status, 'succeeded');
  assert.equal(view.changes, 'discarded');
  assert.deepEqual(view.totals, {
    ...{ subSteps: 3, calls: 3, inputTokens: 130, outputTokens: 30 },
    ...{ usd: 0.21000000000000002, unpriced: 1, priced: 2, estimated: true },
  });
  assert.equal(new Set(events.map(({ type }) => type)).size, 13);
});

test('an event of a newer version is refused by name; what is none is no event', () => {
  assert.throws(() => readRunEvent({ v: 3, type: 'run.dreamed' }), { code: 'run-too-new' });
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
