import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BudgetState, ModelsState, Spent } from '../../extension/src/core/models/index.ts';
import { costShown, type FolderState } from '../../extension/src/vscode/models/cost-shown.ts';

const nothing: Spent = { calls: 0, tokens: 0, usd: 0, unpriced: 0 };
const paid: Spent = { calls: 12, tokens: 34_000, usd: 0.42, unpriced: 0 };
const running = (agent: string, spent: Partial<Spent> = {}) => ({ agent, ...nothing, ...spent });

function folder(today: Spent, budgets: readonly BudgetState[] = [], name = 'shop'): FolderState {
  const state: ModelsState = { routes: [], demoOnly: false, today, budgets };
  return { folder: `/${name}`, name, state };
}

function day(usd: number): BudgetState {
  return { scope: 'day', name: '', limit: { usd: 5 }, spent: { ...nothing, calls: 1, usd } };
}

test('the status bar shows what today has cost, or the runs that are going on', () => {
  const text = (today: Spent, runs: readonly ReturnType<typeof running>[] = []) =>
    costShown([folder(today)], runs)?.text;
  assert.equal(text(nothing), undefined);
  assert.equal(text(paid), '$(credit-card) $0.42 today');
  assert.equal(text({ ...paid, unpriced: 2 }), '$(credit-card) ≥ $0.42 today');
  assert.equal(text({ ...paid, usd: 0, unpriced: 12 }), '$(credit-card) 12 calls today');
  assert.equal(text({ ...paid, usd: 0 }), undefined, 'local models cost nothing');
  assert.equal(text(paid, [running('coder')]), '$(credit-card) coder');
  assert.equal(text(paid, [running('coder', { calls: 1, usd: 0.03 })]), '$(credit-card) $0.03 · coder');
  assert.equal(text(nothing, [running('coder', { calls: 1 })]), '$(credit-card) free · coder');
  assert.equal(
    text(paid, [running('coder', { calls: 1, usd: 0.03 }), running('reviewer', { calls: 1, usd: 0.02 })]),
    '$(credit-card) $0.05 · 2 runs',
  );
});

test('a budget that is nearly spent warns, and one that is spent is an error', () => {
  const level = (usd: number) => costShown([folder(paid, [day(usd)])], [])?.level;
  assert.equal(level(3.99), 'fine');
  assert.equal(level(4), 'near');
  assert.equal(level(5), 'spent');
  assert.match(costShown([folder(paid, [day(4)])], [])?.spoken ?? '', /a budget is nearly spent/);
  assert.match(costShown([folder(paid, [day(6)])], [])?.text ?? '', /^\$\(warning\)/);
});

test('several folders count a day once, and name what is their own', () => {
  const month = (usd: number): BudgetState => ({ ...day(usd), scope: 'workspace' });
  const shown = costShown(
    [folder(paid, [day(1), month(2)], 'shop'), folder(paid, [day(1), month(3)], 'site')],
    [],
  );
  assert.equal(shown?.text, '$(credit-card) $0.42 today');
  assert.equal(shown.tooltip.match(/All folders, today/g)?.length, 1);
  assert.match(shown.tooltip, /shop: this folder, this month \| \\\$2\\\.00 of/);
  assert.match(shown.tooltip, /site: this folder, this month \| \\\$3\\\.00 of/);
});

test('the tooltip lists what each model has cost, and no name draws in it', () => {
  const deployment = { id: 'x', provider: 'openai', model: '[a](command:b)|c' } as const;
  const counts = { inFlight: 0, answered: 0, failed: 0 };
  const state = { deployment, from: 'x', ...counts, today: paid };
  const route = { name: 'code', strategy: 'ordered', deployments: [state] } as const;
  const routes = [route, { ...route, name: 'fast' }];
  const shown = costShown(
    [{ folder: '/f', name: 'f', state: { routes, demoOnly: false, today: paid, budgets: [] } }],
    [],
  );
  const lines = shown?.tooltip.split('\n').filter((line) => line.includes('openai/')) ?? [];
  assert.deepEqual(lines, ['| openai/\\[a\\]\\(command:b\\)\\|c | \\$0\\.42 · 12 calls · 34k tokens |']);
});
