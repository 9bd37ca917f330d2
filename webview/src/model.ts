import type { PanelTab, RunFacts } from '../../extension/src/protocol/panel.ts';
import type { StepId } from '../../extension/src/protocol/run-event.ts';
import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';
import { stepOf } from '../../extension/src/protocol/run-view.ts';
import type { Row } from './outline.ts';

/** What is on the screen, handed to each part of the panel at each frame. */
export interface Model {
  readonly run: RunView;
  readonly facts: RunFacts;
  /** Undefined: the run itself. */
  readonly selected: StepId | undefined;
  readonly tab: PanelTab;
  readonly rows: readonly Row[];
  /** The host's time in milliseconds. */
  readonly now: number;
}

export function selectedStep(model: Model): StepView | undefined {
  return model.selected === undefined ? undefined : stepOf(model.run, model.selected);
}

/** Files that the run changed, each with the last step that did. */
export function changedFiles(run: RunView): ReadonlyMap<string, StepView> {
  const files = new Map<string, StepView>();
  for (const step of run.steps) {
    for (const path of step.files?.paths ?? []) files.set(path, step);
  }
  return files;
}

export function isLive(model: Pick<Model, 'run' | 'facts'>): boolean {
  return model.run.status === 'running' && model.facts.live;
}
