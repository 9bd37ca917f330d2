import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent, RunEventBody } from '../../extension/src/protocol/run-event.ts';
import { activeTime, applyEvent, foldRun, stepOf } from '../../extension/src/protocol/run-view.ts';

const started: RunEventBody = {
  type: 'run.started',
  origin: { kind: 'user' },
  agent: 'coder',
  task: 'Fix it',
  folder: '/w',
  route: 'code',
  isolation: 'copy',
  input: { inline: null },
  strata: '0',
};
const step = (id: string, attempt = 1): RunEventBody => ({
  type: 'step.started',
  step: id,
  kind: 'chat',
  name: 'code',
  effect: 'read',
  inputHash: 'h',
  input: { inline: null },
  attempt,
});
const reason = { code: 'x', message: 'y' };
/** Events at the times given before them. */
const log = (...entries: (number | RunEventBody)[]): RunEvent[] => {
  const events: RunEvent[] = [];
  let at = 0;
  for (const entry of entries) {
    if (typeof entry === 'number') at = entry;
    else events.push({ v: 4, run: 'r-1', seq: events.length + 1, at, ...entry });
  }
  return events;
};
const fold = (...entries: (number | RunEventBody)[]) => {
  const view = foldRun(log(...entries));
  assert.ok(view);
  return view;
};

test('time without the pause', () => {
  const view = fold(1000, started, 2000, { type: 'run.paused', reason }, 9000, {
    type: 'run.resumed',
    owner: 'o',
  });
  assert.deepEqual(view.gaps, [{ from: 2000, to: 9000 }]);
  assert.equal(activeTime(view, 10_000), 2000);
  assert.equal(activeTime(view, 5000), 1000);
});

test('while it is paused the clock stands still', () => {
  const view = fold(1000, started, 2000, { type: 'run.paused', reason });
  assert.equal(activeTime(view, 500_000), 1000);
});

test('time without the hours in which its process was dead', () => {
  const view = fold(
    1000,
    started,
    step('1'),
    3000,
    { type: 'step.output', step: '1', text: 'half' },
    90_000,
    { type: 'step.interrupted', step: '1', reason },
    90_001,
    { type: 'run.resumed', owner: 'o' },
  );
  assert.equal(activeTime(view, 91_001), 3000);
});

test('streamed text goes when the output is there', () => {
  const view = fold(1, started, step('1'), { type: 'step.output', step: '1', text: 'ab' });
  assert.equal(stepOf(view, '1')?.streamed, 'ab');
  const finished: RunEventBody = {
    type: 'step.finished',
    step: '1',
    output: { inline: 'ab' },
    durationMs: 1,
  };
  applyEvent(view, { v: 4, run: 'r-1', seq: 4, at: 2, ...finished });
  assert.equal(stepOf(view, '1')?.streamed, '');
});

test('a view that went through JSON folds on as if it had not', () => {
  const events = log(1, started, step('1'), step('2'), { type: 'run.paused', reason }, step('2', 2));
  const whole = foldRun(events);
  const half = JSON.parse(JSON.stringify(foldRun(events.slice(0, 3)))) as ReturnType<typeof foldRun>;
  let view = half;
  for (const event of events.slice(3)) view = applyEvent(view, event);
  assert.deepEqual(JSON.parse(JSON.stringify(view)), JSON.parse(JSON.stringify(whole)));
});
