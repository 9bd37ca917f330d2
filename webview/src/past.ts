import type { StepId } from '../../extension/src/protocol/run-event.ts';
import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';
import { addRollUp, addUse, noTotals } from '../../extension/src/protocol/totals.ts';
import type { Totals } from '../../extension/src/protocol/totals.ts';
import { endedSpan } from './time-scale.ts';

/** The times at which something began or ended, in order: the positions that a replay can be put to. */
export function positionsOf(run: RunView): Float64Array {
  const times = new Float64Array(run.steps.length * 2);
  run.steps.forEach((step, index) => {
    times[index * 2] = step.startedAt;
    times[index * 2 + 1] = endOf(run, step) ?? step.startedAt;
  });
  return times.sort();
}

/** The step as it was then; what it came to is not yet known while it went on. */
export function stepThen(run: RunView, step: StepView, at: number): StepView {
  if ((endOf(run, step) ?? Infinity) <= at) return step;
  return {
    ...step,
    ...{ status: 'running', durationMs: undefined, output: undefined, isError: false, error: undefined },
    ...{ model: undefined, tool: undefined, files: undefined, rollUp: undefined },
  };
}

/** The run as it was then: what had begun, and what the calls that had come back came to. */
export function runThen(run: RunView, at: number): RunView {
  const steps = run.steps.filter(({ startedAt }) => startedAt <= at).map((step) => stepThen(run, step, at));
  return {
    ...run,
    steps,
    status: 'running',
    totals: totalsOf(steps),
    updatedAt: at,
    activeAt: at,
    gaps: run.gaps
      .filter(({ from }) => from < at)
      .map(({ from, to }) => ({ from, to: to !== undefined && to <= at ? to : undefined })),
    ...{ endedAt: undefined, answer: undefined, error: undefined, changes: undefined, undo: undefined },
  };
}

/** The step that had begun last. */
export function newestThen(run: RunView, at: number): StepId | undefined {
  let newest: StepView | undefined;
  for (const step of run.steps) {
    if (step.startedAt <= at && (!newest || step.startedAt >= newest.startedAt)) newest = step;
  }
  return newest?.id;
}

function endOf(run: RunView, step: StepView): number | undefined {
  return step.status === 'running' ? undefined : step.startedAt + endedSpan(run, step);
}

function totalsOf(steps: readonly StepView[]): Totals {
  const totals = noTotals();
  for (const { model, rollUp } of steps) {
    if (model) addUse(totals, model);
    if (rollUp) addRollUp(totals, rollUp);
  }
  return totals;
}
