import type { StepKey } from '../../extension/src/protocol/panel.ts';
import type { RunId, StepId } from '../../extension/src/protocol/run-event.ts';

/** The key of a step in the panel that shows the run `root`. */
export function keyIn(root: RunId, run: RunId, step: StepId): StepKey {
  return run === root ? step : `${run}/${step}`;
}

/** The run and the step that a key stands for. */
export function placeOf(root: RunId, key: StepKey): { readonly run: RunId; readonly step: StepId } {
  const slash = key.lastIndexOf('/');
  return slash < 0 ? { run: root, step: key } : { run: key.slice(0, slash), step: key.slice(slash + 1) };
}
