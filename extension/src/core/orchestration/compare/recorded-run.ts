import type { RunId } from '../../../protocol/run-event.ts';
import { foldRun } from '../../../protocol/run-view.ts';
import { runNotFound } from '../errors.ts';
import { fromPayload } from '../payload.ts';
import type { RunLog } from '../ports.ts';
import type { ComparedRun } from './comparison.ts';

/** A run of a log, to be compared. Throws `run-not-found`. */
export function comparedRun(log: Pick<RunLog, 'read' | 'getBlob'>, run: RunId): ComparedRun {
  const view = foldRun(log.read(run));
  if (!view) throw runNotFound(run);
  return {
    view,
    payload: (payload) => fromPayload(log, payload),
    subRun: (id) => foldRun(log.read(id)),
  };
}
