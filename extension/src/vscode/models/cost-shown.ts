import type { BudgetState, ModelsState, Spent } from '../../core/models/index.ts';
import { budgetDescription, budgetName, worstLevel, type BudgetLevel } from './budget-words.ts';
import { countOf, deploymentLabel } from './deployment-words.ts';
import { costOf, spentWords } from './money.ts';

/** The routes and the spending of an open folder. */
export interface FolderState {
  readonly folder: string;
  readonly name: string;
  readonly state: ModelsState;
}

/** A run that is going on, with what it has cost so far. */
export interface RunningCost extends Spent {
  readonly agent: string;
}

export interface CostShown {
  readonly text: string;
  readonly level: BudgetLevel;
  /** Markdown. */
  readonly tooltip: string;
  readonly spoken: string;
}

/** What the status bar says of costs; undefined when there is nothing to say. */
export function costShown(
  folders: readonly FolderState[],
  running: readonly RunningCost[],
): CostShown | undefined {
  const today = todayOf(folders);
  const words = running.length > 0 ? runningWords(running) : todayWords(today);
  if (words === undefined) return undefined;
  const budgets = budgetsOf(folders);
  const level = worstLevel(budgets.map(({ budget }) => budget));
  const mark = level === 'fine' ? 'credit-card' : 'warning';
  return {
    text: `$(${mark}) ${words}`,
    level,
    tooltip: tooltipOf(folders, today, budgets),
    spoken: `Strata: ${words}${level === 'fine' ? '' : level === 'near' ? ', a budget is nearly spent' : ', a budget is spent'}`,
  };
}

/** A day counts in all folders, so each of them knows the same; the one that was asked last knows the most. */
function todayOf(folders: readonly FolderState[]): Spent {
  const none: Spent = { calls: 0, tokens: 0, usd: 0, unpriced: 0 };
  return folders.map(({ state }) => state.today).reduce((a, b) => (b.calls > a.calls ? b : a), none);
}

function todayWords(today: Spent): string | undefined {
  if (today.usd > 0) return `${costOf(today)} today`;
  // A price that is not known is not 0.
  return today.unpriced > 0 ? `${countOf(today.calls, 'call')} today` : undefined;
}

function runningWords(running: readonly RunningCost[]): string {
  const sum = running.reduce<Spent>(
    (a, b) => ({
      calls: a.calls + b.calls,
      tokens: a.tokens + b.tokens,
      usd: a.usd + b.usd,
      unpriced: a.unpriced + b.unpriced,
    }),
    { calls: 0, tokens: 0, usd: 0, unpriced: 0 },
  );
  const [only] = running;
  const who = only && running.length === 1 ? only.agent : `${running.length} runs`;
  return sum.calls === 0 ? who : `${costOf(sum)} · ${who}`;
}

interface ListedBudget {
  readonly label: string;
  readonly budget: BudgetState;
}

/** Each once; those of one folder with its name where there are several. */
function budgetsOf(folders: readonly FolderState[]): readonly ListedBudget[] {
  const found = new Map<string, ListedBudget>();
  for (const { folder, name, state } of folders) {
    for (const budget of state.budgets) {
      if (budget.scope === 'run') continue;
      const isShared = budget.scope === 'day';
      const key = JSON.stringify([budget.scope, budget.name, isShared ? '' : folder]);
      const plain = budgetName(budget);
      const label = isShared || folders.length === 1 ? capital(plain) : `${name}: ${plain}`;
      if (!found.has(key)) found.set(key, { label, budget });
    }
  }
  return [...found.values()];
}

function tooltipOf(folders: readonly FolderState[], today: Spent, budgets: readonly ListedBudget[]): string {
  const models = new Map<string, readonly [string, string]>();
  for (const { folder, state } of folders) {
    for (const { deployment, today: spent } of state.routes.flatMap(({ deployments }) => deployments)) {
      if (spent.calls > 0)
        models.set(`${folder} ${deployment.id}`, [deploymentLabel(deployment), spentWords(spent)]);
    }
  }
  return [
    `**Cost of Strata**`,
    `Today: ${escaped(spentWords(today))}`,
    ...table(
      ['Budget', 'Spent'],
      budgets.map(({ label, budget }) => [label, budgetDescription(budget)]),
    ),
    ...table(['Model', 'Today'], [...models.values()]),
  ].join('\n\n');
}

function table(
  head: readonly [string, string],
  rows: readonly (readonly [string, string])[],
): readonly string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  return [[line(head), '| :-- | :-- |', ...rows.map(line)].join('\n')];
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Names of models come from files and servers: nothing of theirs is Markdown. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~$&]/g, '\\$&').replace(/\s+/g, ' ');
}
