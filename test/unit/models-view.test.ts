import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StrataError } from '../../extension/src/base/errors.ts';
import { ACCOUNTS } from '../../extension/src/core/models/index.ts';
import type {
  BudgetState,
  DeploymentState,
  ModelsState,
  RouteState,
} from '../../extension/src/core/models/index.ts';
import { Countdown } from '../../extension/src/vscode/models/countdown.ts';
import { childrenOf, idOf, nodesOf, type ModelsNode } from '../../extension/src/vscode/models/nodes.ts';
import { rowOf, type Row } from '../../extension/src/vscode/models/rows.ts';
import { keyNameFor } from '../../extension/src/vscode/models/where-written.ts';

const now = Date.UTC(2026, 10, 26, 12);
const nothing = { calls: 0, tokens: 0, usd: 0, unpriced: 0 };
const FILE = '.strata/models.jsonc';
const THERE_IS_NO_KEY = 'There is no key. Set it with “Strata: Set API Key”.';

function deployment(model: string, more: Partial<DeploymentState> = {}): DeploymentState {
  return {
    deployment: { id: `openai/${model}`, provider: 'openai', model, keyName: 'openai' },
    from: FILE,
    ...{ inFlight: 0, answered: 0, failed: 0, today: nothing },
    ...more,
  };
}

const cooling = (seconds: number) => ({
  cooling: { until: now + seconds * 1000, reason: 'rate-limit 429' },
});

function route(deployments: readonly DeploymentState[], strategy: RouteState['strategy'] = 'ordered') {
  return { name: 'code', strategy, deployments };
}

function state(routes: readonly RouteState[], budgets: readonly BudgetState[] = []): ModelsState {
  return { routes, budgets, demoOnly: false, today: nothing };
}

function rows(given: ModelsState, at = now): Row[] {
  const all = (node: ModelsNode): ModelsNode[] => [node, ...childrenOf(node).flatMap(all)];
  return nodesOf('/f', given)
    .flatMap(all)
    .map((node) => rowOf(node, at));
}

/** Each row as `label | description | icon | context`. */
function check(given: ModelsState, expected: readonly string[]): void {
  assert.deepEqual(
    rows(given).map(({ label, description, icon, context }) =>
      [label, description, icon?.id, context].join(' | '),
    ),
    expected,
  );
}

test('a route says where its next call goes, and its deployments how they are', () => {
  const used = { firstTokenMs: 812, answered: 12, failed: 2 };
  check(state([route([deployment('a', used), deployment('b', { inFlight: 2, answered: 1 })])]), [
    'code | → a | compass | route.written',
    'openai/a | 812 ms to first token · 12 calls · 2 failed | pass | deployment.key.written',
    'openai/b | 2 calls under way · 1 call | loading~spin | deployment.key.written',
    'Spending | nothing today | credit-card | spending',
  ]);
});

test('what cools down is passed over, and counts the seconds', () => {
  const given = state([route([deployment('a', cooling(20.2)), deployment('b')])]);
  check(given, [
    'code | → b, since a cools down | warning | route.written',
    'openai/a | cools down for 21 s after rate-limit 429 | clockface | deployment.key.cooling.written',
    'openai/b | not called yet | circle-large-outline | deployment.key.written',
    'Spending | nothing today | credit-card | spending',
  ]);
  assert.equal(
    rows(state([route([deployment('a', cooling(300))])]))[1]?.description,
    'cools down for 5 min after rate-limit 429',
  );
  assert.equal(rows(given, now + 15_000)[1]?.description, 'cools down for 6 s after rate-limit 429');
  assert.equal(rows(given, now + 20_200)[1]?.description, 'not called yet');
  assert.equal(rows(given, now + 20_200)[0]?.description, '→ a');
});

test('a deployment without a key is no choice, and one that cools is the last', () => {
  const unset = deployment('a', { problem: THERE_IS_NO_KEY });
  const next = (deployments: readonly DeploymentState[], strategy?: RouteState['strategy']) =>
    rows(state([route(deployments, strategy)]))[0]?.description;
  assert.equal(next([unset, deployment('b')]), '→ b, since a has no key');
  assert.equal(next([unset, deployment('b', cooling(5))]), '→ b, though it cools down');
  assert.equal(next([unset]), '→ nothing that can be called');
  assert.equal(
    next([deployment('b', cooling(90)), deployment('c', cooling(5))]),
    '→ c, though it cools down',
  );
  assert.equal(next([deployment('b', cooling(300)), unset]), '→ b, though it cools down');
});

test('a strategy decides where the next call goes, as far as it can be told', () => {
  const next = (strategy: RouteState['strategy'], ...deployments: readonly DeploymentState[]) =>
    rows(state([route(deployments, strategy)]))[0]?.description;
  const busy = deployment('a', { inFlight: 3, firstTokenMs: 900 });
  const quick = deployment('b', { inFlight: 1, firstTokenMs: 200 });
  assert.equal(next('least-busy', busy, quick), 'least-busy · → b');
  assert.equal(next('lowest-latency', busy, quick), 'lowest-latency · → b');
  assert.equal(next('lowest-latency', busy, quick, deployment('c')), 'lowest-latency · → c');
  assert.equal(next('weighted', busy, quick), 'weighted · → one of 2 by weight');
  assert.equal(next('lowest-cost', busy, quick), 'lowest-cost · → the cheapest of 2');
  assert.equal(next('weighted', busy, deployment('b', cooling(9))), 'weighted · → a, since b cools down');
});

test('two deployments of one model are told apart', () => {
  const here = deployment('m', cooling(9));
  const there = deployment('m', {
    deployment: { id: 'x', provider: 'openai', model: 'm', baseUrl: 'https://models.example.com/v1' },
  });
  const [first, , second] = rows(state([route([here, there])]));
  assert.equal(first?.description, '→ openai/m at models.example.com, since openai/m cools down');
  assert.equal(second?.description, 'not called yet · models.example.com');
  const ids = nodesOf('/f', state([route([here, here])])).flatMap((node) => childrenOf(node).map(idOf));
  assert.equal(new Set(ids).size, 2);
});

test('a model of an account is called by its maker, wherever its API lies', () => {
  const gemini = { id: 'x', provider: 'openai', model: 'gemini-2.5-pro', keyName: 'gemini' } as const;
  const baseUrl = ACCOUNTS.gemini.baseUrl;
  const own = deployment('', { deployment: { ...gemini, baseUrl } });
  const elsewhere = deployment('', { deployment: { ...gemini, baseUrl: 'https://proxy.example.com' } });
  const [, first, second] = rows(state([route([own, elsewhere])]));
  assert.deepEqual([first?.label, first?.description], ['gemini/gemini-2.5-pro', 'not called yet']);
  assert.equal(second?.description, 'not called yet · proxy.example.com');
});

test('a budget shows what is spent of it, and warns from 80 % on', () => {
  const budget = (scope: BudgetState['scope'], name: string, usd: number, limit: BudgetState['limit']) => ({
    ...{ scope, name, limit },
    spent: { calls: 3, tokens: 42_000, usd, unpriced: 0 },
  });
  const budgets = [
    budget('day', '', 0.41, { usd: 5 }),
    budget('workspace', '', 4.02, { usd: 5 }),
    budget('agent', 'coder', 1, { usd: 1 }),
    budget('route', 'fast', 0.0021, { usd: 100, tokens: 50_000 }),
    { ...budget('run', '', 0, { usd: 2, tokens: 1_000_000 }), spent: nothing },
  ];
  check(state([], budgets), [
    'Spending | nothing today | error | spending',
    'Today | $0.41 of $5.00 · 8 % | pie-chart | budget.fine',
    'This month | $4.02 of $5.00 · 80 % | warning | budget.near',
    'Agent coder | $1.00 of $1.00 · 100 % | error | budget.spent',
    'Route fast | 42k of 50k tokens · 84 % | warning | budget.near',
    'Each run | at most $2.00 or 1.0M tokens | pie-chart | budget.run',
  ]);
});

test('a cost that is not known is not shown as nothing', () => {
  const spent = (today: ModelsState['today']) => rows({ ...state([]), today })[0]?.description;
  assert.equal(spent({ calls: 2, tokens: 9, usd: 0, unpriced: 2 }), 'not priced today');
  assert.equal(spent({ calls: 2, tokens: 9, usd: 0.42, unpriced: 1 }), '≥ $0.42 today');
  assert.equal(spent({ calls: 2, tokens: 9, usd: 0, unpriced: 0 }), 'free today');
  assert.equal(spent({ calls: 2, tokens: 9, usd: 0.0004, unpriced: 0 }), '$0.0004 today');
});

test('with the demo model alone there are no rows, unless a budget is set', () => {
  const demo = { ...state([route([deployment('demo')])]), demoOnly: true };
  assert.deepEqual(nodesOf('/f', demo), []);
  const budget: BudgetState = { scope: 'day', name: '', limit: { usd: 1 }, spent: nothing };
  assert.equal(nodesOf('/f', { ...demo, budgets: [budget] }).length, 2);
});

test('a mistake is a row that leads to its place', () => {
  const error = new StrataError('models-config', `${FILE}:3:5: “routes.code” is empty.`, 'Correct the file.');
  const row = rowOf({ type: 'trouble', folder: '/f', error }, now);
  assert.deepEqual(
    [row.label, row.description, row.command],
    ['models.jsonc:3', '“routes.code” is empty.', 'open'],
  );
  assert.match(row.spoken, /Correct the file/);
  assert.equal(rowOf({ type: 'trouble', error: new Error('It is gone.') }, now).command, 'refresh');
});

test('a screen reader is told what the icons say', () => {
  const unset = deployment('a', { problem: THERE_IS_NO_KEY });
  assert.deepEqual(
    rows(state([route([unset, deployment('b')], 'least-busy')])).map(({ spoken }) => spoken),
    [
      'route code, least-busy, next call: b',
      `deployment openai/a, no key, ${THERE_IS_NO_KEY}`,
      'deployment openai/b, not called yet',
      'spending, today nothing yet',
    ],
  );
});

test('names of models cannot draw in the view', () => {
  const evil = deployment('m\u202e\n$(trash) **x**');
  const [, row] = rows(state([route([evil])]));
  assert.equal(row?.label, 'openai/m \\$(trash) **x**');
});

test('a key is kept under the name by which its deployment asks for it', () => {
  const named = (provider: 'openai' | 'anthropic' | 'ollama', keyName?: string) =>
    keyNameFor({ id: 'x', provider, model: 'm', ...(keyName === undefined ? {} : { keyName }) });
  assert.equal(named('openai', 'openai'), 'openai');
  assert.equal(named('anthropic', 'env:ANTHROPIC_API_KEY'), 'anthropic');
  assert.equal(named('openai', 'work@https://models.example.com'), 'work@https://models.example.com');
  assert.equal(named('openai'), undefined);
  assert.equal(named('ollama'), undefined);
});

/** A clock that a test turns, with the timers that were set on it. */
function virtualClock() {
  let time = now;
  const timers = new Map<() => void, number>();
  return {
    now: () => time,
    after: (ms: number, callback: () => void) => {
      timers.set(callback, time + ms);
      return { dispose: () => void timers.delete(callback) };
    },
    waiting: () => timers.size,
    turn: (ms: number) => {
      const end = time + ms;
      for (;;) {
        const [next] = [...timers].sort((a, b) => a[1] - b[1]);
        if (!next || next[1] > end) break;
        time = next[1];
        timers.delete(next[0]);
        next[0]();
      }
      time = end;
    },
  };
}

test('rows count down while they can be seen and something cools, and not otherwise', () => {
  const clock = virtualClock();
  const said: string[] = [];
  const countdown = new Countdown({
    ...clock,
    onTick: (nodes) => said.push(...nodes.map((node) => String(rowOf(node, clock.now()).description))),
    onOver: () => said.push('over'),
  });
  const one = deployment('a', cooling(3.4));
  const nodes = nodesOf(
    '/f',
    state([route([one, deployment('b')]), { ...route([deployment('c')]), name: 'fast' }]),
  );
  countdown.show(nodes);
  assert.equal(clock.waiting(), 0, 'nobody looks');
  countdown.setVisible(true);
  clock.turn(3_399);
  assert.deepEqual(said, [
    'cools down for 3 s after rate-limit 429',
    'cools down for 2 s after rate-limit 429',
    'cools down for 1 s after rate-limit 429',
  ]);
  clock.turn(1);
  assert.equal(said.at(-1), 'over');
  assert.equal(clock.waiting(), 0, 'nothing cools');

  countdown.show(nodesOf('/f', state([route([deployment('a', cooling(60))])])));
  assert.equal(clock.waiting(), 1);
  countdown.setVisible(false);
  assert.equal(clock.waiting(), 0);
  countdown.setVisible(true);
  countdown.dispose();
  assert.equal(clock.waiting(), 0);
});
