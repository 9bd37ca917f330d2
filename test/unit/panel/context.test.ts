import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldRun } from '../../../extension/src/protocol/run-view.ts';
import type { ContextReport } from '../../../extension/src/protocol/context-report.ts';
import type { RunEventBody } from '../../../extension/src/protocol/run-event.ts';
import { slimEvent } from '../../../extension/src/vscode/trace-panel/slim.ts';
import { contextFacts, percent } from '../../../webview/src/context-facts.ts';

const report = (leftOut: ContextReport['leftOut']): ContextReport => ({
  budget: 92_000,
  tokens: 34_000,
  sections: [
    { section: 'system', messages: 1, tokens: 4_000 },
    { section: 'task', messages: 1, tokens: 500 },
    { section: 'pinned', messages: 0, tokens: 30 },
    { section: 'recalled', messages: 0, tokens: 470 },
    { section: 'condensed', messages: 1, tokens: 3_000 },
    { section: 'recent', messages: 12, tokens: 26_000 },
  ],
  leftOut,
});

const step = (id: string, kind: 'chat' | 'condense', context?: ContextReport): readonly RunEventBody[] => [
  {
    type: 'step.started',
    step: id,
    kind,
    name: kind,
    effect: 'read',
    inputHash: '',
    input: { inline: null },
    attempt: 1,
    ...(context ? { context } : {}),
  },
  { type: 'step.finished', step: id, output: { inline: null }, durationMs: 1 },
];

/** The facts of the last step of a run, as they come to the page. */
const factsOf = (...bodies: readonly RunEventBody[]) => {
  const events = bodies.map((body, index) =>
    slimEvent({ v: 4, run: 'r-1', seq: index + 1, at: index, ...body }),
  );
  const run = foldRun(events) ?? assert.fail();
  const last = run.steps.at(-1) ?? assert.fail();
  return contextFacts(last.context ?? assert.fail('the context is kept'), run, last);
};

test('the parts are named, and what is no message of its own says where it stands', () => {
  const { headline, rows, free, leftOut, summary } = factsOf(
    ...step('1', 'chat', report({ messages: 0, tokens: 0 })),
  );
  assert.equal(headline, `About ${(34_000).toLocaleString()} of ${(92_000).toLocaleString()} tokens (37 %).`);
  assert.deepEqual(
    rows.map(({ label, messages }) => `${label}: ${messages}`),
    [
      'Instructions and tools: 1',
      'Task: 1',
      'Your words on the way: in the summary',
      'Earlier runs: with the task',
      'Summary of older turns: 1',
      'Newest turns: 12',
    ],
  );
  assert.equal(free, 58_000);
  assert.equal(leftOut, undefined);
  assert.equal(summary, undefined);
});

test('what is left out names the newest summary of the same conversation', () => {
  const left = report({ messages: 34, tokens: 12_000 });
  const { leftOut, summary } = factsOf(
    ...step('1', 'condense'),
    ...step('2', 'condense'),
    ...step('3.1', 'condense'),
    ...step('4', 'chat', left),
  );
  assert.equal(
    leftOut,
    `34 older messages, about ${(12_000).toLocaleString()} tokens, are there only as a summary.`,
  );
  assert.equal(summary?.id, '2');
  assert.equal(factsOf(...step('1', 'condense'), ...step('3.2', 'chat', left)).summary, undefined);
});

test('a context above its budget has nothing free', () => {
  const over = { ...report({ messages: 0, tokens: 0 }), budget: 30_000 };
  const { free, headline } = factsOf(...step('1', 'chat', over));
  assert.equal(free, 0);
  assert.match(headline, /113 %/);
  assert.deepEqual(
    [percent(1, 1000), percent(0, 10), percent(1, 0), percent(1, 3)],
    ['<1 %', '0 %', '0 %', '33 %'],
  );
});
