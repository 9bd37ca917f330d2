import { foldRun } from '../../protocol/run-view.ts';
import type { RunView } from '../../protocol/run-view.ts';
import { rollUpOf } from '../../protocol/totals.ts';
import { RunStopped } from './errors.ts';
import type { RunId } from '../../protocol/run-event.ts';
import { fromPayload } from './payload.ts';
import type { SubRunEnd, SubRunRequest } from './run-ports.ts';
import { firstTree, newestTree } from './run-changes.ts';
import type { RunControl } from './run-control.ts';
import type { Above, Beginning, RunEnvironment, RunHandle } from './run-environment.ts';
import type { RunInput } from './run-input.ts';

/** How a run is begun and taken up; a run that drives others cannot import what drives it. */
export interface Starter {
  begin(environment: RunEnvironment, run: RunId, input: RunInput, beginning: Beginning): RunHandle;
  takeUp(environment: RunEnvironment, run: RunId, above: Above): RunHandle;
}

/**
 * The run of a step, to its end. It has a log of its own, so a parent whose process died finds what it did: one that has
 * ended is not started again, and one that was cut off goes on. Throws `RunPaused` when it pauses.
 */
export async function performSubRun(
  environment: RunEnvironment,
  starter: Starter,
  parent: { readonly view: RunView; readonly control: RunControl },
  request: SubRunRequest,
): Promise<SubRunEnd> {
  const { log } = environment;
  const { run, step, input, signal } = request;
  const above = { signal, pausing: () => parent.control.pausing() };
  const recorded = foldRun(log.read(run));
  if (!recorded || !hasEnded(recorded)) {
    const isolation = parent.view.isolation;
    const handle = recorded
      ? starter.takeUp(environment, run, above)
      : starter.begin({ ...environment, isolation }, run, input, {
          origin: { kind: 'sub-run', run: parent.view.id, step },
          above,
        });
    environment.onRun?.(handle);
    await finish(handle, signal);
  }
  const view = foldRun(log.read(run));
  if (!view) throw new Error(`Broken invariant: sub-run ${run} has no log`);
  return endOf(view, environment);
}

/** A stopped one goes on: it was stopped together with the run above it, which has been resumed. */
function hasEnded({ status }: RunView): boolean {
  return status === 'succeeded' || status === 'failed';
}

async function finish(handle: RunHandle, signal: AbortSignal): Promise<void> {
  const end = await handle.ended;
  if (end.status === 'paused') throw end.error;
  if (signal.aborted && signal.reason instanceof RunStopped) throw signal.reason;
}

function endOf(view: RunView, { log }: RunEnvironment): SubRunEnd {
  const answer = view.answer && fromPayload(log, view.answer);
  return {
    outcome: view.status === 'succeeded' || view.status === 'stopped' ? view.status : 'failed',
    answer: typeof answer === 'string' ? answer : (view.error?.message ?? 'It gave no answer.'),
    base: firstTree(view),
    tree: newestTree(view),
    rollUp: rollUpOf(view),
  };
}
