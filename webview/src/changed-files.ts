import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';

/** Files that the run changed, each with the last step that did. */
export function changedFiles(run: RunView): Map<string, StepView> {
  const files = new Map<string, StepView>();
  for (const step of run.steps) {
    for (const path of step.files?.paths ?? []) files.set(path, step);
  }
  return files;
}
