import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packSteps, unpackSteps } from '../../../extension/src/protocol/panel-steps.ts';
import type { RunView, StepView } from '../../../extension/src/protocol/run-view.ts';
import { createOutline } from '../../../webview/src/outline.ts';
import { newestThen, positionsOf, runThen } from '../../../webview/src/past.ts';
import { matcherOf, NO_FILTER } from '../../../webview/src/step-filter.ts';
import type { StepFilter } from '../../../webview/src/step-filter.ts';
import * as runs from '../../support/sample-runs.ts';

const viewOf = (run = runs.succeeded()): RunView => run.view() ?? assert.fail();

/** What the list, the timeline and the header need of a step. */
const needed = ({ model, files, ...step }: StepView) => ({
  ...step,
  ...{ input: '', inputHash: '', output: step.output !== undefined },
  ...{ context: undefined, notes: [], tool: undefined },
  files: files?.paths,
  model: model && [model.provider, model.model, model.usage.input, model.usage.output, model.cost],
});

for (const make of [runs.succeeded, runs.paused, runs.failed, runs.resumed, runs.hostile, runs.demo]) {
  test(`steps arrive as they were sent: ${make.name}`, () => {
    const { steps, startedAt } = viewOf(make());
    const arrived = unpackSteps(packSteps(steps, startedAt), startedAt);
    assert.deepEqual(arrived.map(needed), steps.map(needed));
  });
}

test('no steps are no steps', () => {
  assert.deepEqual(unpackSteps(packSteps([], 0), 0), []);
});

const found = (filter: Partial<StepFilter>) => {
  const rows = createOutline(viewOf()).rows({
    opens: ({ step }) => step?.id !== '12',
    matches: matcherOf({ ...NO_FILTER, ...filter }),
  });
  return rows.map(({ step }) => step?.id ?? 'run').join(' ');
};

test('a filter finds words, kinds and failures, with what they are inside of', () => {
  assert.equal(found({ text: 'shell' }), 'run 8 12 12.2');
  assert.equal(found({ text: 'TILL files_EDIT' }), 'run 11');
  assert.equal(found({ kind: 'chat' }), 'run 5 7 9 12 12.1 13');
  assert.equal(found({ errorsOnly: true }), 'run 8');
  assert.equal(found({ kind: 'chat', errorsOnly: true }), 'run');
  assert.equal(found({ text: 'nowhere' }), 'run');
});

test('the run as it was: what had begun, what had been paid, what had been changed', () => {
  const run = viewOf();
  const edit = run.steps.find(({ id }) => id === '11') ?? assert.fail();
  const before = runThen(run, edit.startedAt);
  assert.equal(before.steps.at(-1)?.id, '11');
  assert.equal(before.steps.at(-1)?.status, 'running');
  assert.equal(before.steps.at(-1)?.files, undefined);
  assert.equal(before.totals.calls, 3);
  assert.equal(before.status, 'running');
  const after = runThen(run, edit.startedAt + (edit.durationMs ?? 0));
  assert.deepEqual(after.steps.find(({ id }) => id === '11')?.files?.paths, [
    'src/till.ts',
    'test/till.test.ts',
  ]);
  assert.equal(newestThen(run, edit.startedAt - 1), '10');
  assert.deepEqual(runThen(run, Infinity).totals, run.totals);
  assert.equal(run.status, 'succeeded', 'the run itself is as it was');
});

test('positions are in order of time and lead through all steps', () => {
  const run = viewOf();
  const positions = [...positionsOf(run)];
  assert.equal(positions.length, run.steps.length * 2);
  assert.deepEqual(
    positions,
    positions.toSorted((a, b) => a - b),
  );
  assert.equal(runThen(run, positions.at(-1) ?? 0).steps.length, run.steps.length);
});
