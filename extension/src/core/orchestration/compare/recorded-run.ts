import type { RunId } from '../../../protocol/run-event.ts';
import { foldRun } from '../../../protocol/run-view.ts';
import type { RunView } from '../../../protocol/run-view.ts';
import { runNotFound } from '../errors.ts';
import { fromPayload } from '../payload.ts';
import type { RunLog } from '../ports.ts';
import type { ComparedRun } from './comparison.ts';

/** A run of a log, to be compared. Throws `run-not-found`. */
export function comparedRun(log: Pick<RunLog, 'read' | 'getBlob'>, run: RunId): ComparedRun {
  const view = foldRun(log.read(run));
  if (!view) throw runNotFound(run);
  return comparedView(log, view);
}

/** The same of one whose view is at hand, as it is now: the view may go on meanwhile. */
export function comparedView(log: Pick<RunLog, 'read' | 'getBlob'>, view: RunView): ComparedRun {
  return {
    view: { ...view, totals: { ...view.totals }, steps: view.steps.map((step) => ({ ...step })) },
    payload: (payload) => fromPayload(log, payload),
    subRun: (id) => foldRun(log.read(id)),
  };
}
