import type { Cost, Usage } from '../../protocol/message.ts';

/**
 * What a budget counts: a run with its sub-runs; all of a user's calls of a calendar day, in every folder; those of one
 * folder in a calendar month; those of one agent, or of one route, in a calendar day.
 */
export const BUDGET_SCOPES = ['run', 'day', 'workspace', 'agent', 'route'] as const;
export type BudgetScope = (typeof BUDGET_SCOPES)[number];

/** Either may be absent; the one that is reached first counts. */
export interface Limit {
  readonly usd?: number;
  /** Input and output together. */
  readonly tokens?: number;
}

export interface Budgets {
  readonly run?: Limit;
  readonly day?: Limit;
  readonly workspace?: Limit;
  /** By their names. */
  readonly agents: ReadonlyMap<string, Limit>;
  readonly routes: ReadonlyMap<string, Limit>;
}

export interface Spent {
  readonly calls: number;
  readonly tokens: number;
  readonly usd: number;
  /** Calls whose price is not known, so that `usd` is a lower bound. */
  readonly unpriced: number;
}

/** Who calls models. */
export interface Spender {
  /** The run that a person started, whichever of its sub-runs calls. */
  readonly run: string;
  /** Real path. */
  readonly folder: string;
  readonly agent: string;
}

/** Who pays for a call. */
export interface Payer extends Spender {
  readonly route: string;
}

export interface Estimate {
  readonly usd: number;
  readonly tokens: number;
}

export interface Bill {
  readonly deployment: string;
  readonly usage: Usage;
  readonly cost: Cost;
}
