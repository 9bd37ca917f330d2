import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packSteps, unpackSteps } from '../../../extension/src/protocol/panel-steps.ts';
import type { RunView, StepView } from '../../../extension/src/protocol/run-view.ts';
import { createOutline } from '../../../webview/src/outline.ts';
import { momentOf, positionsOf, runThen } from '../../../webview/src/past.ts';
import { matcherOf, NO_FILTER } from '../../../webview/src/step-filter.ts';
import type { StepFilter } from '../../../webview/src/step-filter.ts';
import { nestedRuns, ROOT } from '../../support/nested-runs.ts';
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

test('steps keep their ids, in whatever order they come', () => {
  const [step = assert.fail()] = viewOf().steps;
  const ids = [
    '1',
    '2',
    '2.1',
    '2.2',
    '2.2.1',
    '3',
    '3.1.1',
    '3.1',
    '10',
    '9',
    '9.9',
    '9.10',
    '2.2.2',
    '0',
    '0.1',
  ];
  const steps = ids.map((id): StepView => ({ ...step, id }));
  assert.deepEqual(
    unpackSteps(packSteps(steps, 0), 0).map(({ id }) => id),
    ids,
  );
});

test('a step that began before the one in front of it, and before its run, keeps its times', () => {
  const [step = assert.fail()] = viewOf().steps;
  const times = [5000, 4000, 900, 4000.25].map((startedAt): StepView => ({
    ...step,
    startedAt,
    durationMs: startedAt / 8,
  }));
  const arrived = unpackSteps(packSteps(times, 1000), 1000);
  assert.deepEqual(
    arrived.map(({ startedAt, durationMs }) => [startedAt, durationMs]),
    times.map(({ startedAt, durationMs }) => [startedAt, durationMs]),
  );
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
  const branches = [...createOutline(run).branches.values()];
  assert.equal(momentOf(branches, edit.startedAt - 1).newest?.id, '10');
  assert.deepEqual(runThen(run, Infinity).totals, run.totals);
  assert.equal(run.status, 'succeeded', 'the run itself is as it was');
});

test('positions are in order of time and lead through all steps', () => {
  const run = viewOf();
  const positions = [...positionsOf([run])];
  assert.equal(new Set(positions).size, positions.length);
  assert.ok(run.steps.every(({ startedAt }) => positions.includes(startedAt)));
  assert.deepEqual(
    positions,
    positions.toSorted((a, b) => a - b),
  );
  assert.equal(runThen(run, positions.at(-1) ?? 0).steps.length, run.steps.length);
});

test('the past of a run with sub-runs: whose step was the newest, and what they had come to so far', () => {
  const team = nestedRuns();
  const view = (id: string) => team.runs.get(id)?.view() ?? assert.fail(id);
  const run = view(ROOT);
  const outline = createOutline(run);
  for (const id of [`${ROOT}-6`, `${ROOT}-6-2`]) {
    const sub = view(id);
    const { origin } = sub;
    assert.ok(origin.kind === 'sub-run');
    outline.graft(sub, outline.rowOf(origin.run, origin.step) ?? assert.fail());
  }
  const branches = [...outline.branches.values()];
  const positions = positionsOf(branches.map((branch) => branch.run));
  assert.deepEqual(
    [...positions].map((at) => at - run.startedAt),
    [0, 180, 1580, 3920, 5020, 5140, 5840, 6000, 7300, 8100, 9600, 11_600, 12_600],
  );
  const check = (ms: number, expected: string) => {
    const at = run.startedAt + ms;
    const { begun, newest, of } = momentOf(branches, at);
    const { totals } = runThen(run, at, branches);
    const sums = `${String(totals.calls)} calls $${totals.usd.toFixed(3)} ${String(totals.subSteps)} inside`;
    assert.equal(`${String(begun)}: ${of?.run.agent ?? ''} ${newest?.id ?? ''}, ${sums}`, expected);
  };
  check(-1, '0:  , 0 calls $0.000 0 inside');
  check(5140, '7: reader 1, 4 calls $0.036 4 inside');
  check(5840, '9: helper 1, 5 calls $0.042 6 inside');
  check(7299, '10: helper 2, 5 calls $0.042 7 inside');
  check(7300, '11: reader 3, 6 calls $0.046 8 inside');
  // Now the sums of the sub-run stand in the step that started it.
  check(8100, '13: coder 8, 7 calls $0.052 8 inside');
  check(20_000, '14: coder 9, 9 calls $0.069 11 inside');
  assert.deepEqual(runThen(run, Infinity, branches).totals, run.totals);
});
