import type { ModelUse, RollUp, RunEventBody } from '../../protocol/run-event.ts';
import type { RunStatus } from '../../protocol/run-view.ts';

/** What events add to the summary of their run. Totals hold those of sub-runs, as `Totals` of the view does. */
export interface SummaryChange {
  status: RunStatus | undefined;
  steps: number;
  calls: number;
  tokens: number;
  usd: number;
  unpriced: number;
  priced: number;
  estimated: number;
  /** Files were changed, and nobody has applied or discarded that; undefined when the events say nothing of it. */
  undecided: boolean | undefined;
}

export function summaryChange(bodies: readonly RunEventBody[]): SummaryChange {
  const change = noChange();
  for (const body of bodies) addToSummary(change, body);
  return change;
}

export function noChange(): SummaryChange {
  return {
    status: undefined,
    steps: 0,
    calls: 0,
    tokens: 0,
    usd: 0,
    unpriced: 0,
    priced: 0,
    estimated: 0,
    undecided: undefined,
  };
}

export function addToSummary(change: SummaryChange, body: RunEventBody): void {
  switch (body.type) {
    case 'run.started':
    case 'run.resumed':
      change.status = 'running';
      return;
    case 'run.paused':
      change.status = 'paused';
      return;
    case 'run.finished':
      change.status = body.outcome;
      return;
    case 'run.changes':
      // After an apply was undone, the run's changes wait again.
      change.undecided = body.decision === 'undone';
      return;
    case 'step.started':
      if (body.attempt === 1) change.steps += 1;
      return;
    case 'step.finished':
      if (body.files) change.undecided = true;
      if (body.model) addUse(change, body.model);
      for (const use of body.tool?.sampled ?? []) addUse(change, use);
      if (body.rollUp) addRollUp(change, body.rollUp);
      return;
    default:
  }
}

function addUse(change: SummaryChange, { usage, cost }: ModelUse): void {
  change.calls += 1;
  change.tokens += usage.input + usage.output;
  if (cost.kind === 'unknown') change.unpriced += 1;
  if (cost.kind === 'priced' || cost.kind === 'estimated') {
    change.usd += cost.usd;
    change.priced += 1;
    if (cost.kind === 'estimated') change.estimated += 1;
  }
}

function addRollUp(change: SummaryChange, sub: RollUp): void {
  change.steps += sub.steps;
  change.calls += sub.calls;
  change.tokens += sub.inputTokens + sub.outputTokens;
  change.usd += sub.usd;
  change.unpriced += sub.unpriced;
  change.priced += sub.priced;
  if (sub.estimated) change.estimated += 1;
}
