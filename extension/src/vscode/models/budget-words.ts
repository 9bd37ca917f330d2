import { shareOf, WARN_AT } from '../../core/models/index.ts';
import type { BudgetState } from '../../core/models/index.ts';
import { limitWords, spentOfLimit } from './money.ts';

/** From `near` on a person is warned; of one that is spent, nothing more is. */
export type BudgetLevel = 'fine' | 'near' | 'spent';

export function levelOf({ limit, spent }: Pick<BudgetState, 'limit' | 'spent'>): BudgetLevel {
  const share = shareOf(limit, spent);
  return share >= 1 ? 'spent' : share >= WARN_AT ? 'near' : 'fine';
}

/** The worst of them. */
export function worstLevel(budgets: readonly BudgetState[]): BudgetLevel {
  const levels = budgets.map(levelOf);
  return levels.includes('spent') ? 'spent' : levels.includes('near') ? 'near' : 'fine';
}

/** What a budget is for, short enough to leave room for what was spent beside it. */
export function budgetLabel({ scope, name }: Pick<BudgetState, 'scope' | 'name'>): string {
  switch (scope) {
    case 'run':
      return 'Each run';
    case 'day':
      return 'Today';
    case 'workspace':
      return 'This month';
    case 'agent':
      return `Agent ${name}`;
    case 'route':
      return `Route ${name}`;
  }
}

/** The same where nothing stands around it. */
export function budgetName({ scope, name }: Pick<BudgetState, 'scope' | 'name'>): string {
  switch (scope) {
    case 'run':
      return 'each run';
    case 'day':
      return 'all folders, today';
    case 'workspace':
      return 'this folder, this month';
    case 'agent':
      return `agent ${name}, today`;
    case 'route':
      return `route ${name}, today`;
  }
}

/** `$0.41 of $5.00 · 8 %`. A budget that each run has for itself has no sum. */
export function budgetDescription(budget: BudgetState): string {
  if (budget.scope === 'run' && budget.spent.calls === 0) return `at most ${limitWords(budget.limit)}`;
  return `${spentOfLimit(budget.limit, budget.spent)} · ${percent(budget)}`;
}

/** Rounded down, since 100 % says that nothing more is spent. */
function percent({ limit, spent }: BudgetState): string {
  return `${Math.floor(shareOf(limit, spent) * 100)} %`;
}
