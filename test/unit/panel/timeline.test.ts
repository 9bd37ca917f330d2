import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunView } from '../../../extension/src/protocol/run-view.ts';
import { createOutline } from '../../../webview/src/outline.ts';
import type { Branch, Outline } from '../../../webview/src/outline.ts';
import { tickText } from '../../../webview/src/time-scale.ts';
import { Lane } from '../../../webview/src/timeline/lane.ts';
import { createSpans } from '../../../webview/src/timeline/spans.ts';
import { between, usageOf } from '../../../webview/src/timeline/usage.ts';
import { around, panned, revealing, whole, zoomed } from '../../../webview/src/timeline/viewport.ts';

import * as runs from '../../support/sample-runs.ts';

function trunkOf({ branches }: Outline): Branch {
  const [trunk] = branches.values();
  assert.ok(trunk);
  return trunk;
}
function spansOf(run: RunView) {
  const outline = createOutline(run);
  const spans = createSpans();
  spans.update(trunkOf(outline), run, outline, 0);
  return { spans, outline };
}
const lanesOf = (run: RunView | undefined) => {
  assert.ok(run);
  return spansOf(run).spans.lanes.map((lane) =>
    Array.from({ length: lane.count }, (_, at) => run.steps[lane.steps[at] ?? -1]?.id),
  );
};

test('what is inside of a step stands below it', () => {
  const lanes = lanesOf(runs.succeeded().view());
  assert.deepEqual(lanes[1], ['12.1', '12.2']);
  assert.equal(lanes.length, 2);
});

test('what goes on at the same time stands beside, and a lane is used again', () => {
  const run = runs.begun();
  run.begin('10', 'tool', 'a', {}).begin('11', 'tool', 'b', {}).finish('10', 100, {}).finish('11', 50, {});
  run.begin('12', 'tool', 'c', {}).finish('12', 10, {});
  assert.deepEqual(lanesOf(run.view()), [['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '12'], ['11']]);
});

test('a live run is taken in step by step, and comes to what it comes to as a whole', () => {
  const recorded = runs.succeeded();
  const run = recorded.view();
  assert.ok(run);
  const steps = run.steps.splice(0);
  const outline = createOutline(run);
  const spans = createSpans();
  for (const step of steps) {
    run.steps.push({ ...step, status: 'running', durationMs: undefined });
    spans.update(trunkOf(outline), run, outline, 0);
    run.steps[run.steps.length - 1] = Object.assign(run.steps.at(-1) ?? step, step);
  }
  spans.update(trunkOf(outline), run, outline, 0);
  const whole = recorded.view();
  assert.ok(whole);
  const ends = (lanes: readonly Lane[]) => lanes.map((lane) => [...lane.ends.slice(0, lane.count)]);
  assert.deepEqual(ends(spans.lanes), ends(spansOf(whole).spans.lanes));
});

test('a clock that went back, a step that claims too much, 1,000 levels', () => {
  const run = runs.begun();
  run.begin('10', 'tool', 't', {}).wait(-60_000);
  run.append({ type: 'step.finished', step: '10', output: { inline: null }, durationMs: 3_600_000 });
  let id = '11';
  for (let level = 0; level < 1000; level++, id += '.1') run.begin(id, 'tool', 't', {}).wait(1);
  const lanes = lanesOf(run.view());
  assert.equal(lanes.flat().length, 1010);
  assert.ok(lanes.length >= 1000);
});

test('a lane finds what is in a time and counts what is in a pixel', () => {
  const lane = new Lane();
  for (let at = 0; at < 1000; at++) lane.push(at * 10, at * 10 + 5, at % 4 === 0 ? 1 : 0, at === 500, at);
  assert.equal(lane.firstEndingAfter(5000), 500);
  assert.equal(lane.firstStartingAfter(5000), 501);
  assert.equal(lane.firstEndingAfter(1e9), 1000);
  assert.equal(lane.mainColour(0, 1000), 0);
  assert.equal(lane.mainColour(4, 5), 1);
  assert.equal(lane.failures(0, 500), 0);
  assert.equal(lane.failures(0, 501), 1);
  lane.end(900, 9004, true);
  assert.equal(lane.failures(501, 1000), 1);
});

test('tokens and cost of a part of the run', () => {
  const run = runs.succeeded().view();
  assert.ok(run);
  const usage = usageOf(run, createOutline(run).branches);
  const all = between(usage, usage.tokens, -1, Infinity);
  assert.equal(all, run.totals.inputTokens + run.totals.outputTokens);
  assert.ok(Math.abs(between(usage, usage.dollars, -1, Infinity) - run.totals.usd) < 1e-9);
  const half = run.steps[8]?.startedAt ?? 0;
  const first = between(usage, usage.tokens, -1, half - run.startedAt);
  assert.ok(first > 0 && first < all);
});

test('the viewport stays within the run, and what is at the pointer stays there', () => {
  const view = zoomed(whole(1000), 250, 2, 1000);
  assert.deepEqual(view, { from: 125, to: 625 });
  assert.deepEqual(panned(view, -500, 1000), { from: 0, to: 500 });
  assert.deepEqual(panned(view, 5000, 1000), { from: 500, to: 1000 });
  assert.deepEqual(zoomed(view, 300, 0.001, 1000), whole(1000));
  assert.deepEqual(zoomed(whole(1000), 0, 1e9, 1000), { from: 0, to: 2 });
  assert.deepEqual(revealing(view, 200, 300, 1000), view);
  assert.deepEqual(revealing(view, 900, 950, 1000), { from: 500, to: 1000 });
  assert.deepEqual(around(400, 500, 1000), { from: 300, to: 600 });
});

test('ticks are as exact as they are apart', () => {
  const text = (time: number, step: number) => tickText(time, step);
  assert.deepEqual(
    [text(0, 20), text(40, 20), text(5120, 20), text(5000, 1000), text(65_250, 50), text(7_440_000, 60_000)],
    ['0', '40 ms', '5.12 s', '5 s', '1:05.25', '2 h 4 min'],
  );
});
