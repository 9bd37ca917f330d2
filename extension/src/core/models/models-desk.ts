import type { Event } from '../../base/event.ts';
import type { BudgetScope, Limit, Spent } from './budget.ts';
import type { Deployment } from './provider.ts';
import type { Strategy } from './route.ts';

/** What is known of one deployment in this process, and what it has cost today in all. */
export interface DeploymentState {
  readonly deployment: Deployment;
  /** Where it comes from, such as `OPENAI_API_KEY` or `.strata/models.jsonc`. */
  readonly from: string;
  /** Why it cannot be used now, and what to do about it. */
  readonly problem?: string;
  /** It is passed over until then (milliseconds since 1970), since it failed. */
  readonly cooling?: { readonly until: number; readonly reason: string };
  /** Calls under way. */
  readonly inFlight: number;
  /** A moving average over its newest answers. */
  readonly firstTokenMs?: number;
  readonly answered: number;
  readonly failed: number;
  /** The newest failure, in one sentence. */
  readonly lastFailure?: string;
  readonly today: Spent;
}

export interface RouteState {
  readonly name: string;
  readonly strategy: Strategy;
  readonly deployments: readonly DeploymentState[];
}

export interface BudgetState {
  readonly scope: BudgetScope;
  /** Of the agent or the route; empty for the others. */
  readonly name: string;
  /** With what a person has allowed beyond it. */
  readonly limit: Limit;
  readonly spent: Spent;
}

export interface ModelsState {
  readonly routes: readonly RouteState[];
  /** Nothing real is at hand: every route is the demo model. */
  readonly demoOnly: boolean;
  readonly today: Spent;
  readonly budgets: readonly BudgetState[];
}

/** How a deployment answered a small question. */
export type DeploymentTest =
  | {
      readonly ok: true;
      readonly model: string;
      readonly firstTokenMs: number | undefined;
      readonly usd: number | undefined;
    }
  | { readonly ok: false; readonly message: string; readonly action: string };

/** Layer 1 as people look at it. */
export interface ModelsDesk {
  /** Throws a `StrataError` with the place of a mistake in `.strata/models.jsonc`. */
  state(): Promise<ModelsState>;
  /** A call began or ended, a cooldown began, something was spent. A cooldown that is over says nothing. */
  readonly onDidChange: Event<void>;
  /** Asks a deployment for one word. It is a call like any other: it costs, counts, and ends its cooldown if it answers. */
  test(deployment: string, signal: AbortSignal): Promise<DeploymentTest>;
  endCooldown(deployment: string): void;
  /** A key was set or removed: what was refused may be welcome now. */
  keysChanged(): void;
  /** Lets as much be spent again in this period as the budget says. */
  allowMore(scope: BudgetScope, name: string): Promise<void>;
}
