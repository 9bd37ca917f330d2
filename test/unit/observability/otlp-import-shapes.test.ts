import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMessage, runOfTrace } from '../../../extension/src/core/observability/otlp-import/index.ts';

import { START, imported, tree, message, runOf, type Given } from '../../support/otlp-spans.ts';

test('several at the top, one without a parent, one that holds itself, and a circle', () => {
  const at = (id: number, parent: number | undefined, at: number): Given => ({
    id,
    at,
    ...(parent === undefined ? {} : { parent }),
  });
  const { view } = imported([
    at(1, undefined, 5),
    at(2, 99, 1),
    at(3, 3, 2),
    at(4, 6, 3),
    at(5, 4, 4),
    at(6, 5, 6),
  ]);
  assert.deepEqual(tree(view.steps).sort(), [
    '1 node span 2',
    '2 node span 3',
    '3 node span 4',
    '3.1 node span 5',
    '3.1.1 node span 6',
    '4 node span 1',
  ]);
});

test('an end before the start, a clock that went back, and a span without an end', () => {
  const { view, events } = imported([
    { id: 1, name: 'root', at: 100, ms: 50 },
    { id: 2, parent: 1, at: 20, ms: -10 },
    { id: 3, parent: 2, at: 10, ms: 500 },
    { id: 4, parent: 1, at: 30, ms: null },
  ]);
  assert.deepEqual(tree(view.steps), ['1 node span 2', '1.1 node span 3', '2 node span 4']);
  assert.deepEqual(
    view.steps.map(({ durationMs, status }) => [durationMs, status]),
    [
      [0, 'finished'],
      [500, 'finished'],
      [undefined, 'interrupted'],
    ],
  );
  assert.match(view.steps[0]?.notes[0]?.text ?? '', /before its start/);
  assert.equal(view.startedAt, START + 10);
  assert.ok(
    events.findIndex((event) => event.type === 'step.started' && event.step === '1') <
      events.findIndex((event) => event.type === 'step.started' && event.step === '1.1'),
  );
});

test('1,000 levels are 1,000 levels, and deeper ones are beside the deepest', () => {
  const chain = Array.from({ length: 3000 }, (_, id): Given => ({
    id: id + 1,
    at: id,
    ms: 5000,
    ...(id === 0 ? {} : { parent: id }),
  }));
  const { view } = imported(chain);
  assert.equal(view.steps.length, 2999);
  const depths = view.steps.map(({ id }) => id.split('.').length);
  assert.equal(
    depths.reduce((most, one) => Math.max(most, one), 0),
    999,
  );
  assert.equal(view.steps[998]?.id, Array(999).fill('1').join('.'));
});

test('while spans come in, a missing parent says that there is more', () => {
  const { spans } = readMessage(message([{ id: 2, parent: 1 }]));
  assert.deepEqual(
    [runOf(spans, { isComing: true }).view.status, runOf(spans).view.status],
    ['stopped', 'succeeded'],
  );
});

test('what is the same in all calls is kept once', () => {
  const turns = Array.from({ length: 200 }, (_, index) => ({
    role: index % 2 ? 'assistant' : 'user',
    content: `${index} ${'x'.repeat(500)}`,
  }));
  const given = Array.from({ length: 100 }, (_, index): Given => ({
    id: index + 1,
    at: index,
    is: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.input.messages': JSON.stringify(turns.slice(0, index * 2 + 1)),
    },
  }));
  const { blobs } = runOfTrace(readMessage(message(given)).spans, {
    run: 'r',
    folder: '/w',
    version: '',
    costs: new Map(),
  });
  const size = [...blobs.values()].reduce((sum, text) => sum + text.length, 0);
  assert.ok(size < 400_000, `${size} characters for 200 turns of 500`);
});
