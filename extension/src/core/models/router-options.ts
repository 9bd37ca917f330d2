import type { BudgetDesk } from './budget-desk.ts';
import type { Spender } from './budget.ts';
import type { Prices } from './cost.ts';
import type { Health } from './health.ts';
import type { Deployment, Provider } from './provider.ts';
import type { Routes } from './route.ts';

export interface RouterOptions {
  readonly routes: Routes;
  /** Throws a `ModelError` when the deployment cannot be used, for want of a key for instance. */
  readonly openProvider: (deployment: Deployment) => Promise<Provider>;
  readonly prices: Prices;
  readonly health: Health;
  /** Without it nothing is counted and nothing refused. */
  /** Where the rules for `auto` are not certain, the route `fast` is asked. */
  readonly autoAsks?: boolean;
  readonly budget?: { readonly desk: BudgetDesk; readonly spender: Spender };
  /** Milliseconds, never going back. */
  readonly clock: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** Resolves after the time, or as soon as the signal is aborted, whichever comes first. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The longest that one attempt may take, streaming included. */
  readonly attemptLimitMs?: number;
}
