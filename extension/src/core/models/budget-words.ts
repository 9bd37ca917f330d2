import type { BudgetScope, Estimate, Limit } from './budget.ts';

/** Such as `$4.02 of $5.00`, of whichever is nearer to its end. */
export function amount(limit: Limit, spent: Estimate): string {
  const ofUsd = limit.usd === undefined ? 0 : spent.usd / limit.usd;
  const ofTokens = limit.tokens === undefined ? 0 : spent.tokens / limit.tokens;
  if (limit.usd !== undefined && (ofUsd >= ofTokens || limit.tokens === undefined))
    return `$${spent.usd.toFixed(2)} of $${limit.usd.toFixed(2)}`;
  return `${spent.tokens.toLocaleString('en-US')} of ${(limit.tokens ?? 0).toLocaleString('en-US')} tokens`;
}

export function whose({ scope, name }: { readonly scope: BudgetScope; readonly name: string }): string {
  switch (scope) {
    case 'run':
      return 'this run';
    case 'day':
      return 'today';
    case 'workspace':
      return 'this folder for the month';
    case 'agent':
      return `the agent ${name} for today`;
    case 'route':
      return `the route “${name}” for today`;
  }
}
