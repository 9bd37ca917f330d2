import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../../extension/src/base/json.ts';
import {
  evaluate,
  isQuiet,
  preview,
  previewText,
  readAlertRules,
  ruleMistakeText,
  settingSource,
  stateText,
  timeOf,
} from '../../../extension/src/core/observability/alerts/index.ts';
import type {
  AlertData,
  AlertRule,
  AlertState,
} from '../../../extension/src/core/observability/alerts/index.ts';
import type {
  Fact,
  ModelFact,
  RunFact,
  ToolFact,
} from '../../../extension/src/core/observability/metrics/index.ts';
import { pauseWords } from '../../../extension/src/vscode/commands/pause-words.ts';

/** A Wednesday at noon, wherever the test runs. */
const NOON = new Date(2026, 9, 7, 12).getTime();
const MINUTE = 60_000;

function rule(value: Json): AlertRule {
  const { rules, mistakes } = readAlertRules([settingSource('test', { x: value })]);
  assert.deepEqual(mistakes, []);
  const found = rules.find(({ name }) => name === 'x');
  assert.ok(found);
  return found.rule;
}

const common = { agent: 'coder', route: 'code', user: undefined };
const model = (minute: number, more: Partial<ModelFact> = {}): ModelFact => ({
  ...{ kind: 'model', run: 'r-1', at: NOON + minute * MINUTE, ...common, model: 'p/m', durationMs: 1000 },
  ...{ firstTokenMs: 100, inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, usd: 1, priced: true },
  ...{ estimated: false, retries: 0, failed: false, ...more },
});
const tool = (minute: number, more: Partial<ToolFact> = {}): ToolFact => ({
  ...{ kind: 'tool', run: 'r-1', at: NOON + minute * MINUTE, ...common, tool: 'shell_run', durationMs: 10 },
  ...{ cached: false, retries: 0, failed: false, repeats: 1, ...more },
});
const run = (minute: number, status: RunFact['status'], more: Partial<RunFact> = {}): RunFact => ({
  ...{ kind: 'run', run: 'r-1', at: NOON, ...common, status, until: NOON + minute * MINUTE, activeMs: 0 },
  ...{ isPart: false, ...more },
});

function data(facts: readonly Fact[], more: Partial<AlertData> = {}): AlertData {
  const sorted = facts.toSorted((a, b) => timeOf(a) - timeOf(b));
  return { facts: sorted, live: undefined, budget: undefined, containers: undefined, ...more };
}

/** The states at a minute, as a person would say them. */
function states(
  value: Json,
  facts: readonly Fact[],
  minute: number,
  more: Partial<AlertData> = {},
): string[] {
  const found = evaluate(rule(value), data(facts, more), NOON + minute * MINUTE).states;
  return [...found.values()].map(
    ({ subject, level, value: is }) => `${subject}${subject && ' '}${level} ${is}`,
  );
}

test('each measure reads what it is named after', () => {
  const failing = [
    model(1, { failed: true }),
    model(2),
    model(3, { failed: true }),
    model(-90, { failed: true }),
  ];
  const rate = { measure: 'error-rate', of: 'models', warn: 0.5, alert: 0.9 };
  assert.deepEqual(states(rate, failing, 5), [`warning ${2 / 3}`]);
  assert.deepEqual(states({ ...rate, least: 4 }, failing, 5), ['no-data undefined']);
  assert.deepEqual(states({ ...rate, least: 4, noData: 'warn' }, failing, 5), ['warning undefined']);
  assert.deepEqual(states({ ...rate, of: 'runs' }, [run(1, 'failed'), run(2, 'stopped')], 5), ['alert 1']);
  assert.deepEqual(states({ ...rate, of: 'tools' }, [tool(1), tool(2, { failed: true })], 5), [
    'warning 0.5',
  ]);
  const slow = [1, 2, 3].map((minute) => model(minute, { durationMs: minute * 10_000 }));
  assert.deepEqual(states({ measure: 'latency', warn: 30 }, slow, 5), ['warning 30']);
  const paid = [model(1), model(2, { run: 'r-1-4' }), model(3, { run: 'r-2', usd: undefined })];
  assert.deepEqual(states({ measure: 'run-cost', alert: 2 }, paid, 5), ['r-1 alert 2', 'r-2 ok 0']);
  const yesterday = model(-13 * 60, { usd: 50 });
  assert.deepEqual(states({ measure: 'day-cost', warn: 3 }, [yesterday, ...paid], 5), ['ok 2']);
  assert.deepEqual(states({ measure: 'loop', warn: 3 }, [tool(1, { repeats: 4 })], 5), ['r-1 warning 4']);
  const broken = [tool(0, { failed: true }), tool(1), tool(2, { failed: true }), tool(3, { failed: true })];
  assert.deepEqual(states({ measure: 'tool-failures', warn: 2 }, broken, 5), ['shell_run warning 2']);
  assert.deepEqual(states({ measure: 'budget', warn: 0.8, alert: 1 }, [], 5, { budget: 0.85 }), [
    'warning 0.85',
  ]);
  assert.deepEqual(states({ measure: 'containers', warn: 1 }, [], 5), ['no-data undefined']);
  assert.deepEqual(states({ measure: 'containers', warn: 1 }, [], 5, { containers: 2 }), ['warning 2']);
  assert.deepEqual(states({ measure: 'day-cost', warn: 1, only: { agent: 'writer' } }, paid, 5), [
    'no-data undefined',
  ]);
});

test('a rule may be for one user, now and in a preview', () => {
  const paid = [
    model(1, { user: 'Ada' }),
    model(2, { user: 'Bo', run: 'r-2', usd: 7 }),
    model(3, { run: 'r-3', usd: 9 }),
  ];
  const of = (user: string): Json => ({ measure: 'day-cost', warn: 1, only: { user } });
  assert.deepEqual(states(of('Ada'), paid, 5), ['warning 1']);
  assert.deepEqual(states(of('Bo'), paid, 5), ['warning 7']);
  assert.deepEqual(states({ measure: 'run-cost', warn: 1, only: { user: 'Bo' } }, paid, 5), [
    'r-2 warning 7',
  ]);
  assert.deepEqual(states(of('Cy'), paid, 5), ['no-data undefined']);
  const firings = (user: string) => preview(rule(of(user)), paid, NOON, NOON + 5 * MINUTE);
  assert.deepEqual(
    [firings('Ada'), firings('Bo'), firings('Cy')].map((fired) => fired?.map(({ value }) => value)),
    [[1], [7], []],
  );
});

test('a run is too long only while it is worked on', () => {
  const long = { measure: 'run-time', warn: 30, window: '1d' };
  const facts = [run(0, 'running')];
  assert.deepEqual(states(long, facts, 29, { live: new Set(['r-1']) }), ['r-1 ok 29']);
  assert.deepEqual(states(long, facts, 30, { live: new Set(['r-1']) }), ['r-1 warning 30']);
  assert.deepEqual(states(long, facts, 30, { live: new Set() }), ['r-1 ok 0']);
  assert.deepEqual(states(long, [...facts, run(31, 'paused')], 40), ['r-1 ok 0']);
  assert.deepEqual(states(long, [run(5, 'running', { activeMs: 28 * MINUTE })], 10), ['r-1 warning 33']);
  assert.deepEqual(states(long, facts, 90), ['r-1 ok 0'], 'nothing was heard of it for an hour');
});

test('a level goes up at once, and down when the value has been well below for long enough', () => {
  const dollars = rule({ measure: 'budget', warn: 0.8, alert: 1, rearm: '10m' });
  let known: ReadonlyMap<string, AlertState> = new Map();
  const said: string[] = [];
  const steps: readonly (readonly [minute: number, value: number])[] = [
    ...([
      [0, 0.5],
      [1, 0.8],
      [2, 0.79],
      [3, 0.81],
      [4, 1.1],
      [5, 0.95],
      [6, 0.85],
    ] as const),
    ...([
      [10, 1.0],
      [11, 0.1],
      [20, 0.1],
      [21, 0.1],
      [22, 0.9],
    ] as const),
  ];
  for (const [minute, budget] of steps) {
    const { states: after, fired } = evaluate(dollars, data([], { budget }), NOON + minute * MINUTE, known);
    known = after;
    said.push(`${minute} ${after.get('')?.level}${fired.length > 0 ? ' fires' : ''}`);
  }
  assert.deepEqual(said, [
    ...[
      '0 ok',
      '1 warning fires',
      '2 warning',
      '3 warning',
      '4 alert fires',
      '5 alert',
      '6 alert',
      '10 alert',
    ],
    ...['11 alert', '20 alert', '21 ok', '22 warning fires'],
  ]);
  const state = known.get('');
  assert.ok(state);
  assert.equal(stateText('Budget', dollars, state), 'Budget: 90 %, warning from 80 %.');
});

test('a run goes by its task, cut to a line and without a link, and by its id where nobody knows it', () => {
  const long = rule({ measure: 'run-time', warn: 30, window: '1d' });
  const { states } = evaluate(long, data([run(0, 'running')]), NOON + 31 * MINUTE);
  const state = states.get('r-1');
  assert.ok(state);
  const check = (task: string | undefined, text: string): void =>
    assert.equal(stateText('A run takes long', long, state, task), text);
  const rest = '31 min, warning from 30 min.';
  check('Fix the till', `A run takes long (“Fix the till”): ${rest}`);
  check('Fix\n  the [till](command:x)', `A run takes long (“Fix the [till] (command:x)”): ${rest}`);
  check('x'.repeat(200), `A run takes long (“${'x'.repeat(59)}…”): ${rest}`);
  check(undefined, `A run takes long (r-1): ${rest}`);
  check(' \u202e', `A run takes long (r-1): ${rest}`);
  const failing = rule({ measure: 'tool-failures', warn: 1 });
  const tools = evaluate(failing, data([tool(1, { failed: true })]), NOON + 2 * MINUTE).states;
  const [ofTool] = [...tools.values()];
  assert.ok(ofTool);
  assert.match(
    stateText('A tool fails', failing, ofTool, 'Fix the till'),
    /^A tool fails \(shell_run\): 1, /,
  );
});

test('that a person paused a run is said once, and other reasons are told', () => {
  const paused = { code: 'paused-by-user', message: 'The run was paused.', action: 'Resume it to go on.' };
  assert.equal(pauseWords(paused), 'The run is paused. Resume it to go on.');
  const loop = { code: 'loop', message: 'It made the same call 8 times.', action: 'Steer it.' };
  assert.equal(pauseWords(loop), 'The run is paused. It made the same call 8 times. Steer it.');
  assert.equal(
    pauseWords({ code: 'x', message: 'It costs too much.' }),
    'The run is paused. It costs too much.',
  );
});

test('quiet times are times of the day and days, and go over midnight', () => {
  const night = { measure: 'budget', warn: 1, quiet: [{ from: '22:00', to: '07:00', days: ['wed'] }] };
  const { quiet } = rule(night);
  const at = (hours: number): boolean => isQuiet(quiet, NOON + hours * 60 * MINUTE);
  assert.deepEqual([at(0), at(10), at(18.9), at(19), at(34)], [false, true, true, false, false]);
  const weekend = rule({ ...night, quiet: [{ days: ['sat', 'sun'] }] }).quiet;
  assert.deepEqual([isQuiet(weekend, NOON), isQuiet(weekend, NOON + 3 * 24 * 60 * MINUTE)], [false, true]);
  const { fired } = evaluate(rule(night), data([], { budget: 2 }), NOON + 11 * 60 * MINUTE);
  assert.deepEqual(
    fired.map((one) => `${one.state.level} ${one.isQuiet}`),
    ['warning true'],
  );
});

test('the past says how often a rule would have fired', () => {
  const facts: Fact[] = [
    run(0, 'running'),
    tool(1),
    ...[200, 201, 202, 203].map((at) => tool(at, { failed: true })),
  ];
  const failing = rule({ measure: 'tool-failures', warn: 2, alert: 4 });
  const week = preview(failing, facts, NOON, NOON + 7 * 24 * 60 * MINUTE);
  assert.equal(previewText(week, 7), 'It would have fired 2 times in the last 7 days: 1 warning, 1 alert.');
  const long = preview(
    rule({ measure: 'run-time', warn: 30, window: '1d' }),
    facts,
    NOON,
    NOON + 300 * MINUTE,
  );
  assert.deepEqual(
    long?.map(({ subject, at }) => `${subject} ${(at - NOON) / MINUTE}`),
    ['r-1 31', 'r-1 200'],
    'it is heard of again after three hours',
  );
  assert.match(previewText(preview(rule({ measure: 'budget', warn: 1 }), facts, 0, NOON), 7), /No history/);
  assert.equal(previewText([], 7), 'It would not have fired in the last 7 days.');
});

test('a rule that cannot be read is told with its place, and the others go on', () => {
  const text = `{
    // of the team
    "rules": {
      "The day is expensive": { "measure": "day-cost", "warn": 3 },
      "Runs fail": false,
      "A run takes long": { "measure": "run-time", "warn": "long" },
      "other": { "measure": "latency", "wran": 3 },
      "turned": { "measure": "latency", "warn": 9, "alert": 3 },
      "late": { "measure": "latency", "warn": 9, "quiet": [{ "from": "25:00" }] }
    }
  }`;
  const { rules, mistakes } = readAlertRules([{ name: '.strata/alerts.jsonc', text, member: 'rules' }]);
  assert.deepEqual(mistakes.map(ruleMistakeText), [
    '.strata/alerts.jsonc: line 6, column 52: "rules.A run takes long.warn" must be a number',
    '.strata/alerts.jsonc: line 7, column 40: "rules.other.wran" is not known here. Did you mean “warn”?',
    '.strata/alerts.jsonc: line 7, column 7: "rules.other" must have "warn", "alert" or both',
    '.strata/alerts.jsonc: line 8, column 7: "rules.turned" must have an "alert" that is no smaller than its "warn"',
    '.strata/alerts.jsonc: line 9, column 62: "rules.late.quiet.0.from" must be a time of the day such as "22:00"',
  ]);
  const named = new Map(rules.map((one) => [one.name, one]));
  assert.equal(named.get('The day is expensive')?.rule.warn, 3);
  assert.equal(named.has('Runs fail'), false);
  assert.deepEqual(
    [named.get('A run takes long')?.from, named.get('A run takes long')?.rule.warn],
    ['Strata', 30],
  );
  const broken = readAlertRules([{ name: 'x', text: '{ "rules": ', member: 'rules' }]);
  assert.match(broken.mistakes.map(ruleMistakeText).join(), /x: line 1, column \d+: it is no JSON/);
  assert.ok(broken.rules.length > 5);
});
