import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent } from '../../../extension/src/protocol/run-event.ts';
import { folded, foldsOf } from '../../../webview/src/folds.ts';
import type { Folds } from '../../../webview/src/folds.ts';
import { keyOf } from '../../../webview/src/outline.ts';
import type { Model } from '../../../webview/src/model.ts';
import { beside, find, laneOf } from '../../../webview/src/timeline/find.ts';
import type { Layout } from '../../../webview/src/timeline/layout.ts';
import { between, usageOf } from '../../../webview/src/timeline/usage.ts';
import { timelineWords } from '../../../webview/src/timeline/words.ts';
import { nestedRuns, ROOT } from '../../support/nested-runs.ts';
import { RecordedRun } from '../../support/recorded-run.ts';
import { RecordedTeam } from '../../support/recorded-team.ts';
import { openTeamPage } from '../../support/team-page.ts';

/** The rows of the timeline in words: `+` an open header, `-` a closed one, and the steps of each lane. */
function drawn({ blocks, slots }: Layout): readonly string[] {
  const rows: string[][] = [];
  for (const { branch, spans, top } of blocks) {
    spans.lanes.forEach((lane, index) => {
      const steps = Array.from({ length: lane.count }, (_, at) => branch.run.steps[lane.steps[at] ?? -1]?.id);
      (rows[top + index] ??= []).push(steps.join(' '));
    });
  }
  for (const { top, headers } of slots) {
    rows[top] = headers.map(({ agent, block }) => `${block ? '+' : '-'}${agent}`);
  }
  return rows.map((row) => row.join(' | '));
}
const listed = ({ rows }: Model) =>
  rows.map((row) => `${'  '.repeat(row.level - 1)}${keyOf(row)?.replace(ROOT, 'run') ?? 'run'}`);
const open = (team: RecordedTeam, folds?: Folds) => openTeamPage(team, folds).draw();
/** A run of the team that was started by step 1 of the one before it, and so on. */
function chain(length: number): RecordedTeam {
  const runs = Array.from({ length }, (_, at) =>
    new RecordedRun(`r-${String(at)}`, at).start('Go deeper', `agent ${String(at)}`),
  );
  runs.forEach((run, at) => {
    run.begin('1', 'agent', `agent ${String(at + 1)}`, {}, { child: `r-${String(at + 1)}` });
  });
  const [root] = runs;
  assert.ok(root);
  return new RecordedTeam(root, ...runs.slice(1));
}

test('sub-runs stand below the lanes of the run, grouped by agent, and theirs below them', () => {
  assert.deepEqual(drawn(open(nestedRuns()).layout), [
    '1 2 3 4 5 6 7 9',
    '8',
    '+reader | +reader',
    '1 2 3 | 1 2 3',
    '+helper',
    '1 2',
    '+tester',
    '1',
    '+tester',
    '1 2',
  ]);
});

test('the steps of sub-runs are lines under the step that started them', () => {
  assert.deepEqual(listed(open(nestedRuns()).model).slice(6, 15), [
    '    run-3/3',
    '  4',
    '  5',
    '  6',
    '    run-6/1',
    '    run-6/2',
    '      run-6-2/1',
    '      run-6-2/2',
    '    run-6/3',
  ]);
});

test('a sub-run that is closed is not asked for, and not again when it is opened a second time', () => {
  const team = nestedRuns();
  const page = openTeamPage(team, foldsOf(['6', '7', '8']));
  const { model, layout } = page.draw();
  assert.deepEqual(drawn(layout).slice(2), ['+reader | -reader', '1 2 3', '-tester', '-tester']);
  assert.deepEqual(page.asked, [{ type: 'sub-run', run: `${ROOT}-3` }]);
  const reader = model.outline.row('6');
  assert.ok(reader);
  for (const opens of [true, false, true]) {
    page.folds = folded(page.folds, reader, opens);
    page.draw();
  }
  assert.deepEqual(
    page.asked.map(({ run }) => run.replace(ROOT, 'run')),
    ['run-3', 'run-6', 'run-6-2'],
  );
  assert.equal(listed(page.draw().model).includes('    run-6/2'), true);
});

test('only the first of many are open from the start', () => {
  const root = new RecordedRun(ROOT, 0).start('Ask many', 'coder');
  const team = new RecordedTeam(root);
  for (let n = 1; n <= 40; n++) {
    const child = `${ROOT}-${String(n)}`;
    root.begin(String(n), 'agent', 'reader', {}, { child }).finish(String(n), 10, {});
    team.add(new RecordedRun(child, root.at - 10).start('Read', 'reader').begin('1', 'tool', 't', {}));
  }
  const page = openTeamPage(team);
  assert.equal(page.draw().layout.slots.length, 1, 'one follows the other, in the same rows');
  assert.equal(page.asked.length, 8);
});

test('what is live is taken in event by event, and comes to what it comes to as a whole', () => {
  const whole = nestedRuns();
  const recorded = [...whole.runs.values()].flatMap(({ events }) => events);
  const inTime = recorded
    .map((event, index) => ({ event, index }))
    .sort((a, b) => a.event.at - b.event.at || a.index - b.index)
    .map(({ event }) => event);
  const root = new RecordedRun(ROOT, whole.root.events[0]?.at ?? 0);
  const team = new RecordedTeam(root);
  const take = (event: RunEvent): void => {
    const run = team.runs.get(event.run) ?? new RecordedRun(event.run, event.at);
    team.add(run);
    run.events.push(event);
  };
  const [first, ...more] = inTime;
  assert.ok(first);
  take(first);
  const page = openTeamPage(team);
  for (const event of more) {
    take(event);
    page.append([event]);
    page.draw();
  }
  assert.deepEqual(drawn(page.draw().layout), drawn(open(whole).layout));
  const times = ({ blocks }: Layout) =>
    [...blocks]
      .sort((a, b) => a.top - b.top || a.start - b.start)
      .map(({ spans }) => spans.lanes.map((lane) => [...lane.ends.slice(0, lane.count)]));
  assert.deepEqual(times(page.draw().layout), times(open(whole).layout));
});

test('a lost event of a sub-run is asked for, and nothing else', () => {
  const page = openTeamPage(nestedRuns({ live: true }));
  page.draw();
  const before = page.asked.length;
  const late = { v: 4, run: `${ROOT}-8`, seq: 99, at: 0, type: 'step.output', step: '2', text: '…' } as const;
  page.append([late]);
  assert.deepEqual(page.asked.slice(before), [{ type: 'sub-run', run: `${ROOT}-8`, after: 4 }]);
});

test('a sub-run that was pruned, or has not begun, is a header that says so', () => {
  const team = nestedRuns({ live: true });
  for (const step of ['3', '8']) team.runs.delete(`${ROOT}-${step}`);
  const { model, layout } = open(team);
  assert.ok(drawn(layout).includes('-reader | +reader'));
  const note = (step: string) => model.subRuns.note(model.outline.row(step) ?? assert.fail());
  assert.equal(note('3'), 'its run is not in the log any more');
  assert.equal(note('8'), 'its run has not begun');
  assert.equal(model.outline.row('3')?.expandable, false);
});

test('a run that is its own sub-run, and one that two steps started, are shown once', () => {
  const root = new RecordedRun('r-a', 0).start('Go round', 'a');
  const other = new RecordedRun('r-b', 0).start('Go on', 'b');
  root.begin('1', 'agent', 'b', {}, { child: 'r-b' }).begin('2', 'agent', 'b', {}, { child: 'r-b' });
  other.begin('1', 'agent', 'a', {}, { child: 'r-a' }).begin('2', 'agent', 'b', {}, { child: 'r-b' });
  const page = openTeamPage(new RecordedTeam(root, other));
  const { model, layout } = page.draw();
  assert.equal(page.asked.length, 1);
  assert.deepEqual(listed(model), ['run', '  1', '    r-b/1', '    r-b/2', '  2']);
  assert.equal(layout.blocks.length, 2);
  for (const key of ['2', 'r-b/1', 'r-b/2']) {
    const row = model.outline.row(key);
    assert.equal(row && model.subRuns.note(row), 'its steps are shown at another step');
  }
});

test('1,000 levels of sub-runs: two are open, and all when all are opened', () => {
  const team = chain(1000);
  const page = openTeamPage(team);
  page.draw();
  assert.equal(page.asked.length, 2);
  page.folds = foldsOf([], ['1', ...Array.from({ length: 999 }, (_, at) => `r-${String(at + 1)}/1`)]);
  const { model, layout } = page.draw();
  assert.equal(model.rows.length, 1001);
  assert.equal(layout.blocks.length, 1000);
  assert.equal(layout.rows, 2000);
  const deepest = model.outline.row('r-999/1');
  assert.equal(deepest && laneOf(layout, deepest), 1998);
});

test('agents that work at the same time have rows of their own, up to a number of them', () => {
  const root = new RecordedRun(ROOT, 0).start('Ask many at once', 'coder');
  for (let n = 1; n <= 300; n++) root.begin(String(n), 'agent', 'reader', {}, { child: `none-${String(n)}` });
  const { layout } = open(new RecordedTeam(root));
  assert.equal(layout.slots.length, 64);
  assert.equal(layout.slots.flatMap(({ headers }) => headers).length, 300);
});

test('the keyboard goes into a sub-run and out of it again', () => {
  const { model, layout } = open(nestedRuns(), foldsOf(['3', '7', '8']));
  const walk = (by: 1 | -1): readonly string[] => {
    const keys: string[] = [];
    let at = model.outline.row(by > 0 ? undefined : '9');
    while (at && keys.length < 30) {
      const next = beside(layout, model, at, by);
      if (!next || next === at) break;
      keys.push(keyOf(next)?.replace(`${ROOT}-`, '') ?? 'run');
      at = next;
    }
    return keys;
  };
  const there = ['1', '2', '3', '4', '5', '6', '6/1', '6/2', '6-2/1', '6-2/2', '6/3', '7', '8', '9'];
  assert.deepEqual(walk(1), there);
  assert.deepEqual(walk(-1), there.slice(0, -1).reverse());
});

test('a click finds headers and the steps below them', () => {
  const { model, layout } = open(nestedRuns());
  const at = (row: number, time: number) => find(model, layout, row, time, 1);
  const key = (row: number, time: number) => {
    const found = at(row, time);
    return found && keyOf(found.row)?.replace(ROOT, 'run');
  };
  assert.equal(at(2, 2000)?.header?.agent, 'reader');
  assert.deepEqual([key(2, 2000), key(2, 6000), key(2, 4500)], ['3', '6', undefined]);
  assert.deepEqual([key(3, 2000), key(3, 6500), key(5, 6500)], ['run-3/1', 'run-6/2', 'run-6-2/2']);
  assert.equal(key(200, 10), undefined);
});

test('tokens and cost are those of the whole, whether a sub-run is here or not', () => {
  const team = nestedRuns();
  const { totals } = team.root.view() ?? assert.fail();
  for (const folds of [foldsOf(), foldsOf(['3', '6', '7', '8']), foldsOf([`${ROOT}-6/2`])]) {
    const { run, outline } = open(team, folds).model;
    const usage = usageOf(run, outline.branches);
    assert.equal(between(usage, usage.tokens, -1, Infinity), totals.inputTokens + totals.outputTokens);
    assert.ok(Math.abs(between(usage, usage.dollars, -1, Infinity) - totals.usd) < 1e-9);
  }
});

test('what a fork took over takes none of its time, sub-runs neither', () => {
  const source = nestedRuns();
  const fork = new RecordedRun('r-fork', 1e13).start('Fork', 'coder', {
    origin: { kind: 'fork', run: ROOT, step: '4' },
  });
  fork.begin('1', 'agent', 'reader', {}, { child: `${ROOT}-3` });
  fork.append({ type: 'step.finished', step: '1', output: { inline: null }, durationMs: 2340 });
  fork.wait(50).begin('2', 'chat', 'code', {}).finish('2', 400, {});
  const reader = source.runs.get(`${ROOT}-3`) ?? assert.fail();
  const { layout } = open(new RecordedTeam(fork, reader));
  const [, block] = layout.blocks;
  assert.deepEqual([block?.start, block?.end], [0, 0]);
  const lane = block?.spans.lanes[0];
  assert.deepEqual([...(lane?.ends.slice(0, lane.count) ?? [])], [0, 0, 0]);
});

test('a step that is tried again shows the sub-run of its last try', () => {
  const root = new RecordedRun(ROOT, 0).start('Try', 'coder');
  const first = new RecordedRun(`${ROOT}-1`, 0).start('Try', 'reader').begin('1', 'tool', 'first', {});
  const second = new RecordedRun(`${ROOT}-1-retry1`, 0)
    .start('Try', 'reader')
    .begin('1', 'tool', 'second', {});
  const team = new RecordedTeam(root, first, second);
  root.begin('1', 'agent', 'reader', {}, { child: first.id });
  const page = openTeamPage(team);
  page.draw();
  const before = root.events.length;
  root.begin('1', 'agent', 'reader', {}, { child: second.id, attempt: 1, retry: 1 });
  page.append(root.events.slice(before));
  const { model, layout } = page.draw();
  assert.deepEqual(
    model.rows.map(({ step }) => step?.name),
    [undefined, 'reader', 'second'],
  );
  assert.equal(layout.blocks.length, 2);
});

test('the timeline says how many sub-runs there are', () => {
  const { model, layout } = open(nestedRuns(), foldsOf(['6']));
  assert.match(timelineWords(model, layout, 12_600), /^Timeline: 9 steps over 12\.6 s, 4 sub-runs, 3 open$/);
});
