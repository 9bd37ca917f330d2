import type { Bill, BudgetScope, Estimate, Limit, Payer, Spent } from './budget.ts';

/** A limit and what it counts; `name` is of the agent or the route. */
export interface LimitAt {
  readonly scope: BudgetScope;
  readonly name: string;
  readonly limit: Limit;
}

/** Money set aside for one call. */
export interface Hold {
  readonly id: number;
  readonly payer: Payer;
}

export type Admission =
  | { readonly kind: 'admitted'; readonly hold: Hold }
  /** Calls under way may use it up; how much is left is known when they have ended. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'spent'; readonly at: LimitAt; readonly limit: Limit; readonly spent: Estimate };

export interface NearLimit {
  readonly at: LimitAt;
  /** With what was allowed beyond. */
  readonly limit: Limit;
  readonly spent: Estimate;
}

/** What was spent and what is set aside, by everybody who works for this user. Each method is one whole transaction. */
export interface Ledger {
  admit(payer: Payer, estimate: Estimate, limits: readonly LimitAt[], now: number): Admission;
  settle(hold: Hold, bill: Bill, now: number): void;
  release(hold: Hold): void;
  /** Limits that have reached the share and that were not named in this period before. */
  newlyNear(payer: Payer, limits: readonly LimitAt[], share: number, now: number): readonly NearLimit[];
  /** In the current period of the scope. */
  spentUnder(scope: BudgetScope, payer: Payer, now: number): Spent;
  /** Today in that folder, by deployment. */
  spentByDeployment(folder: string, now: number): ReadonlyMap<string, Spent>;
  /** How often a person has allowed as much again in the current period. */
  allowed(scope: BudgetScope, payer: Payer, now: number): number;
  allowMore(scope: BudgetScope, payer: Payer, now: number): void;
}

export interface LimitCount {
  readonly limit: Limit;
  readonly spent: Estimate;
  readonly held: Estimate;
  /** Calls under way. */
  readonly holds: number;
}

/**
 * Whether a call may begin. Nothing that is spent is spent again, and a call that would end beyond the limit is made only
 * when no other is under way: so all together end beyond it by one call at most.
 */
export function judge(
  { limit, spent, held, holds }: LimitCount,
  estimate: Estimate,
): 'admitted' | 'wait' | 'spent' {
  for (const unit of ['usd', 'tokens'] as const) {
    const most = limit[unit];
    if (most !== undefined && spent[unit] >= most) return 'spent';
  }
  for (const unit of ['usd', 'tokens'] as const) {
    const most = limit[unit];
    if (most !== undefined && holds > 0 && spent[unit] + held[unit] + estimate[unit] > most) return 'wait';
  }
  return 'admitted';
}

/** The limit when a person has allowed as much again so many times. */
export function raised({ usd, tokens }: Limit, times: number): Limit {
  return {
    ...(usd === undefined ? {} : { usd: usd * (times + 1) }),
    ...(tokens === undefined ? {} : { tokens: tokens * (times + 1) }),
  };
}

/** The larger of the shares that are spent, in dollars and in tokens. */
export function shareOf(limit: Limit, spent: Estimate): number {
  const of = (most: number | undefined, used: number): number =>
    most === undefined ? 0 : most === 0 ? 1 : used / most;
  return Math.max(of(limit.usd, spent.usd), of(limit.tokens, spent.tokens));
}

export function spentOf({ usage, cost }: Bill): Spent {
  return {
    calls: 1,
    tokens: usage.input + usage.output,
    usd: cost.kind === 'priced' || cost.kind === 'estimated' ? cost.usd : 0,
    unpriced: cost.kind === 'unknown' ? 1 : 0,
  };
}

export const NOTHING_SPENT: Spent = { calls: 0, tokens: 0, usd: 0, unpriced: 0 };
