import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent, RunEventBody } from '../../../extension/src/protocol/run-event.ts';
import { foldRun } from '../../../extension/src/protocol/run-view.ts';
import { createOutline } from '../../../webview/src/outline.ts';
import { ticks, timeScale } from '../../../webview/src/time-scale.ts';
import * as runs from '../../support/sample-runs.ts';

/** The run with steps of these ids, started in this order. */
function withSteps(...ids: readonly string[]) {
  const bodies = ids.map((step): RunEventBody => {
    const input = { inline: null };
    return {
      type: 'step.started',
      step,
      kind: 'tool',
      name: 't',
      effect: 'read',
      inputHash: '',
      input,
      attempt: 1,
    };
  });
  const view = foldRun(
    bodies.map((body, index): RunEvent => ({ v: 4, run: 'r', seq: index + 1, at: index, ...body })),
  );
  assert.ok(view);
  return view;
}
const drawn = (ids: readonly string[], collapsed: readonly string[] = []) =>
  createOutline(withSteps(...ids))
    .rows({ opens: ({ step }) => !collapsed.includes(step?.id ?? '') })
    .map(({ step, level }) => `${'  '.repeat(level - 1)}${step?.id ?? 'run'}`);

test('steps stand under the step around them, however they were mixed in time', () => {
  assert.deepEqual(drawn(['1', '2', '1.1', '2.1', '1.2', '1.1.1']), [
    'run',
    '  1',
    '    1.1',
    '      1.1.1',
    '    1.2',
    '  2',
    '    2.1',
  ]);
});

test('a step whose parent is missing stands under the next one up', () => {
  assert.deepEqual(drawn(['1', '1.7.3', '9.9']), ['run', '  1', '    1.7.3', '  9.9']);
});

test('collapsed steps hide what is inside', () => {
  assert.deepEqual(drawn(['1', '1.1', '1.1.1', '2'], ['1']), ['run', '  1', '  2']);
  assert.deepEqual(drawn(['1', '2'], ['']), ['run']);
});

test('1,000 levels', () => {
  const ids = Array.from({ length: 1000 }, (_, level) =>
    Array.from({ length: level + 1 }, () => '1').join('.'),
  );
  assert.equal(drawn(ids).length, 1001);
});

test('bars lie within the run, also when a clock went back or a step claims too much', () => {
  const run = runs.begun();
  run.begin('10', 'tool', 't', {}).wait(-60_000);
  run.append({ type: 'step.finished', step: '10', output: { inline: null }, durationMs: 3_600_000 });
  run.begin('11', 'tool', 't', {}).append({ type: 'run.finished', outcome: 'stopped' });
  const view = run.view();
  assert.ok(view);
  const scale = timeScale(view, run.at);
  for (const row of createOutline(view).rows({})) {
    const { step } = row;
    const { start, length } = scale.bar(row);
    assert.ok(
      start >= 0 && length >= 0 && start + length <= 1.000001,
      `${step?.id ?? 'run'} ${String(start)} ${String(length)}`,
    );
  }
});

test('the axis has round times and never too many', () => {
  assert.deepEqual(ticks(26_300, 330), [0, 10_000, 20_000]);
  assert.deepEqual(ticks(950, 400), [0, 500]);
  for (const total of [1, 50, 12_345, 3_600_000, 1e10]) {
    for (const width of [0, 60, 300, 2000])
      assert.ok(ticks(total, width).length <= Math.max(1, width / 90) + 1);
  }
});
