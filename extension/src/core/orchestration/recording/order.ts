import type { RunEvent, StepId } from '../../../protocol/run-event.ts';

/**
 * Reports events that no run could have written in this order. A step that is missing is none of these: the replay shows it
 * as a divergence, with what is asked for there.
 */
export function checkOrder(
  events: readonly RunEvent[],
  report: (index: number, problem: string) => void,
): void {
  const newest = new Map<string, number>();
  const open = new Set<StepId>();
  const known = new Set<StepId>();
  for (const [index, event] of events.entries()) {
    if ((index === 0) !== (event.type === 'run.started'))
      report(index, 'a run begins with run.started, which stands there once');
    if (!('step' in event) || event.type === 'run.restored') continue;
    const { step, type } = event;
    if (type === 'step.started') {
      if (open.has(step)) report(index, `step ${step} is started again before it has ended`);
      open.add(step);
      if (known.has(step)) continue;
      known.add(step);
      const [scope, number] = split(step);
      const before = newest.get(scope) ?? 0;
      if (number < before) report(index, `step ${step} stands after step ${scope}${before}`);
      newest.set(scope, number);
    } else if (!open.has(step)) {
      report(index, `${type} of step ${step}, which is not at work here`);
    } else if (type !== 'step.note' && type !== 'step.output') open.delete(step);
  }
}

function split(step: StepId): readonly [string, number] {
  const dot = step.lastIndexOf('.') + 1;
  return [step.slice(0, dot), Number(step.slice(dot))];
}
