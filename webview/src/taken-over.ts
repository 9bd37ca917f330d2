import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';

/** A fork has the steps of its source from its first moment on. */
export function isTakenOver({ origin, startedAt }: RunView, step: StepView): boolean {
  return origin.kind === 'fork' && step.startedAt === startedAt;
}
