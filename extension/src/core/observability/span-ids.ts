import { createHash } from 'node:crypto';
import { rootRunId } from '../../protocol/run-event.ts';
import type { RunId, StepId } from '../../protocol/run-event.ts';

/**
 * Derived from the run's own ids, so that a run that is exported again is the same trace and not a second one. A sub-run is
 * in the trace of the run that it is a part of.
 */
export function traceIdOf(run: RunId): string {
  return hex(`strata trace ${rootRunId(run)}`, 16);
}

/** The span of a step; of the run itself without one. */
export function spanIdOf(run: RunId, step?: StepId): string {
  return hex(step === undefined ? `strata run ${run}` : `strata step ${run} ${step}`, 8);
}

/** Of the span that stands for the `index`th part of a longer one. */
export function linkedSpanId(span: string, index: number): string {
  return hex(`strata part ${span} ${index}`, 8);
}

/** W3C Trace Context of a step, so that what a server says of its own work becomes a part of the same trace. */
export function traceparentOf(run: RunId, step: StepId): string {
  return `00-${traceIdOf(run)}-${spanIdOf(run, step)}-01`;
}

function hex(text: string, bytes: number): string {
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, bytes * 2);
}
