import type { StepView } from '../../../protocol/run-view.ts';
import type { ComparedRun } from './comparison.ts';

/** The steps that are inside of no other one. */
export function topSteps({ view }: ComparedRun): readonly StepView[] {
  return view.steps.filter(({ id }) => !id.includes('.'));
}

/** Steps inside of a step: those of its sub-run, where it has one, else those whose number goes on from its own. */
export function stepsInside(
  run: ComparedRun,
  step: StepView,
): { readonly run: ComparedRun; readonly steps: readonly StepView[] } {
  const child = step.child === undefined ? undefined : run.subRun(step.child);
  if (child) {
    const inner = { ...run, view: child };
    return { run: inner, steps: topSteps(inner) };
  }
  if (step.kind !== 'node') return { run, steps: [] };
  const prefix = `${step.id}.`;
  const depth = step.id.split('.').length + 1;
  return {
    run,
    steps: run.view.steps.filter(({ id }) => id.startsWith(prefix) && id.split('.').length === depth),
  };
}
