import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';
import { addRollUp, addUse, noTotals } from '../../extension/src/protocol/totals.ts';
import type { Totals } from '../../extension/src/protocol/totals.ts';
import type { Branch } from './outline.ts';
import { endedSpan } from './time-scale.ts';

/** The times at which something began or ended, in order, each once: the positions that a replay can be put to. */
export function positionsOf(runs: readonly RunView[]): Float64Array {
  const times = new Float64Array(runs.reduce((sum, { steps }) => sum + steps.length * 2, 0));
  let next = 0;
  for (const run of runs) {
    for (const step of run.steps) {
      times[next++] = step.startedAt;
      times[next++] = endOf(run, step) ?? step.startedAt;
    }
  }
  // What begins when another ends is seen with it: nobody could go back from the one to the other.
  let kept = 0;
  for (const time of times.sort()) if (kept === 0 || time !== times[kept - 1]) times[kept++] = time;
  return times.slice(0, kept);
}

/** The step as it was then; what it came to is not yet known while it went on. */
export function stepThen(run: RunView, step: StepView, at: number): StepView {
  if (hasEnded(run, step, at)) return step;
  return {
    ...step,
    ...{ status: 'running', durationMs: undefined, output: undefined, isError: false, error: undefined },
    ...{ model: undefined, tool: undefined, files: undefined, rollUp: undefined },
  };
}

/** The run as it was then: what had begun, and what the calls that had come back came to, in sub-runs too. */
export function runThen(run: RunView, at: number, branches: Iterable<Branch> = []): RunView {
  const steps = stepsThen(run, at);
  const totals = noTotals();
  addUses(totals, steps);
  // The sums of sub-runs that had ended are in the steps that started them.
  const going = new Set([run]);
  for (const { run: sub, host } of branches) {
    if (!host?.step || !going.has(host.branch.run) || hasEnded(host.branch.run, host.step, at)) continue;
    going.add(sub);
    const inside = stepsThen(sub, at);
    addUses(totals, inside);
    totals.subSteps += inside.length;
  }
  return {
    ...run,
    ...{ steps, totals, status: 'running' },
    updatedAt: at,
    activeAt: at,
    gaps: run.gaps
      .filter(({ from }) => from < at)
      .map(({ from, to }) => ({ from, to: to !== undefined && to <= at ? to : undefined })),
    ...{ endedAt: undefined, answer: undefined, error: undefined, changes: undefined, undo: undefined },
  };
}

/** A time of the past: how many steps had begun, and the last of them. */
export interface Moment {
  readonly begun: number;
  readonly newest: StepView | undefined;
  /** Whose step that is. */
  readonly of: Branch | undefined;
}

/** Of sub-runs the steps count as those of the run do. */
export function momentOf(branches: readonly Branch[], at: number): Moment {
  let begun = 0;
  let newest: StepView | undefined;
  let of: Branch | undefined;
  for (const branch of branches) {
    for (const step of branch.run.steps) {
      if (step.startedAt > at) continue;
      begun += 1;
      if (newest && step.startedAt < newest.startedAt) continue;
      newest = step;
      of = branch;
    }
  }
  return { begun, newest, of };
}

function stepsThen(run: RunView, at: number): StepView[] {
  return run.steps.filter(({ startedAt }) => startedAt <= at).map((step) => stepThen(run, step, at));
}

function hasEnded(run: RunView, step: StepView, at: number): boolean {
  return (endOf(run, step) ?? Infinity) <= at;
}

function endOf(run: RunView, step: StepView): number | undefined {
  return step.status === 'running' ? undefined : step.startedAt + endedSpan(run, step);
}

function addUses(totals: Totals, steps: readonly StepView[]): void {
  for (const { model, rollUp } of steps) {
    if (model) addUse(totals, model);
    if (rollUp) addRollUp(totals, rollUp);
  }
}
