import type { ModelUse, RollUp } from './run-event.ts';

/** What a run came to so far, with its sub-runs. */
export interface Totals {
  /** Steps of sub-runs; those of the run itself are its `steps`. */
  subSteps: number;
  /** Model calls that came back. */
  calls: number;
  inputTokens: number;
  outputTokens: number;
  /** Dollars of the calls whose cost is priced or estimated. */
  usd: number;
  /** Model calls whose cost is not known, so that `usd` is a lower bound. */
  unpriced: number;
  /** Model calls that have a cost in dollars at all; when 0, every call was free or unknown. */
  priced: number;
  /** Some of `usd` was estimated. */
  estimated: boolean;
}

export function noTotals(): Totals {
  return {
    ...{ subSteps: 0, calls: 0, inputTokens: 0, outputTokens: 0 },
    ...{ usd: 0, unpriced: 0, priced: 0, estimated: false },
  };
}

export function addUse(totals: Totals, use: ModelUse): void {
  totals.calls += 1;
  totals.inputTokens += use.usage.input;
  totals.outputTokens += use.usage.output;
  if (use.cost.kind === 'unknown') totals.unpriced += 1;
  if (use.cost.kind === 'priced' || use.cost.kind === 'estimated') {
    totals.usd += use.cost.usd;
    totals.priced += 1;
    totals.estimated ||= use.cost.kind === 'estimated';
  }
}

export function addRollUp(totals: Totals, sub: RollUp): void {
  totals.subSteps += sub.steps;
  totals.calls += sub.calls;
  totals.inputTokens += sub.inputTokens;
  totals.outputTokens += sub.outputTokens;
  totals.usd += sub.usd;
  totals.unpriced += sub.unpriced;
  totals.priced += sub.priced;
  totals.estimated ||= sub.estimated;
}

/** What a run and those below it came to, for the run that it is a part of. */
export function rollUpOf({
  steps,
  totals,
}: {
  readonly steps: readonly unknown[];
  readonly totals: Totals;
}): RollUp {
  const { subSteps, ...sums } = totals;
  return { ...sums, steps: steps.length + subSteps };
}
