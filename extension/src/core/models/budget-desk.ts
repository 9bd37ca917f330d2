import { amount, whose } from './budget-words.ts';
import { budgetSpent } from './errors.ts';
import type { Bill, Budgets, BudgetScope, Estimate, Limit, Payer } from './budget.ts';
import type { Hold, Ledger, LimitAt } from './ledger.ts';

export interface BudgetDeskParts {
  readonly ledger: Ledger;
  /** As they are written now. */
  readonly budgets: Budgets;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves after the time, or as soon as the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Told once for each budget and period that has reached 80 %. */
  readonly onWarning: (warning: BudgetWarning) => void;
}

export interface BudgetWarning {
  readonly scope: BudgetScope;
  readonly name: string;
  readonly text: string;
}

/** Where every model call is paid. */
export interface BudgetDesk {
  /**
   * Sets money aside for a call before it is made. Throws `budget-<scope>` when a budget is spent: the run pauses, and a
   * person who resumes it allows as much again. Waits while only calls under way stand between the call and a budget that is
   * not spent yet.
   */
  reserve(payer: Payer, estimate: Estimate, signal: AbortSignal): Promise<Reservation>;
}

export interface Reservation {
  /** What the call came to; may be called more than once where several attempts were paid. */
  settle(bill: Bill): void;
  /** The call is over. */
  release(): void;
}

/** Calls under way are waited for in steps of this length, since they may belong to another process. */
const LOOK_AGAIN_MS = 100;
export const WARN_AT = 0.8;

export function createBudgetDesk(parts: BudgetDeskParts): BudgetDesk {
  const { ledger, budgets, now, sleep } = parts;
  return {
    reserve: async (payer, estimate, signal) => {
      const limits = limitsFor(budgets, payer);
      let hold: Hold | undefined;
      for (;;) {
        const admission = ledger.admit(payer, estimate, limits, now());
        if (admission.kind === 'spent') throw budgetSpent(admission.at, admission.limit, admission.spent);
        if (admission.kind === 'admitted') {
          hold = admission.hold;
          break;
        }
        await sleep(LOOK_AGAIN_MS, signal);
        signal.throwIfAborted();
      }
      const taken = hold;
      return {
        settle: (bill) => {
          ledger.settle(taken, bill, now());
          for (const { at, limit, spent } of ledger.newlyNear(payer, limits, WARN_AT, now()))
            parts.onWarning({ scope: at.scope, name: at.name, text: nearText(at, limit, spent) });
        },
        release: () => ledger.release(taken),
      };
    },
  };
}

/** The budgets that a payer's calls count under. */
export function limitsFor(budgets: Budgets, { agent, route }: Payer): readonly LimitAt[] {
  const found: LimitAt[] = [];
  const add = (scope: BudgetScope, name: string, limit: Limit | undefined): void => {
    if (limit) found.push({ scope, name, limit });
  };
  add('run', '', budgets.run);
  add('agent', agent, budgets.agents.get(agent));
  add('route', route, budgets.routes.get(route));
  add('workspace', '', budgets.workspace);
  add('day', '', budgets.day);
  return found;
}

function nearText(at: Pick<LimitAt, 'scope' | 'name'>, limit: Limit, spent: Estimate): string {
  return `Strata has spent ${amount(limit, spent)} of the budget of ${whose(at)}.`;
}
