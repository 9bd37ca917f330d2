import { BUDGET_SCOPES, type BudgetScope } from './budget.ts';

/** A budget as the code of an error or the reason of a pause names it. */
export interface BudgetNamed {
  readonly scope: BudgetScope;
  /** Of the agent or the route; empty for the others. */
  readonly name: string;
}

const MARK = 'budget-';

export function budgetReason({ scope, name }: BudgetNamed): string {
  return name === '' ? `${MARK}${scope}` : `${MARK}${scope}-${name}`;
}

/** Undefined for a code that names no budget. */
export function readBudgetReason(code: string): BudgetNamed | undefined {
  const rest = code.startsWith(MARK) ? code.slice(MARK.length) : '';
  const scope = BUDGET_SCOPES.find((one) => rest === one || rest.startsWith(`${one}-`));
  return scope && { scope, name: rest.slice(scope.length + 1) };
}
