import type { RunHead } from '../../extension/src/protocol/panel.ts';
import type { StepFacts } from '../../extension/src/protocol/panel-steps.ts';
import { isSettled } from '../../extension/src/protocol/panel-steps.ts';
import type { RunEvent, StepId } from '../../extension/src/protocol/run-event.ts';
import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';
import { applyEvent, stepOf } from '../../extension/src/protocol/run-view.ts';
import { changedFiles } from './changed-files.ts';

/** A run that the page has, the one that is shown or a sub-run, kept up to date with what arrives. */
export interface HeldRun {
  readonly run: RunView;
  /** How many steps were started again. */
  readonly restarts: number;
  /** Files that the run changed, each with the last step that did. */
  readonly changed: ReadonlyMap<string, StepView>;
  /** Whether what only the step that is looked at shows has arrived. */
  hasFacts(step: StepId): boolean;
  /** False when something was lost on the way. */
  append(events: readonly RunEvent[]): boolean;
  fill(facts: StepFacts): void;
}

export function holdRun(head: RunHead, steps: StepView[]): HeldRun {
  const run: RunView = { ...head, steps };
  /** Steps of which the whole is here: their events came one by one, or it was asked for. */
  const whole = new Set(steps.filter((step) => !isSettled(step)).map(({ id }) => id));
  const changed = changedFiles(run);
  let restarts = 0;
  const note = (id: StepId, paths: readonly string[]) => {
    const step = stepOf(run, id);
    if (step) for (const path of paths) changed.set(path, step);
  };

  return {
    run,
    changed,
    get restarts() {
      return restarts;
    },
    hasFacts: (step) => whole.has(step),
    append: (events) => {
      for (const event of events) {
        if (event.seq <= run.lastSeq) continue;
        if (event.seq !== run.lastSeq + 1) return false;
        if (event.type === 'step.started') {
          if (stepOf(run, event.step)) restarts += 1;
          whole.add(event.step);
        }
        applyEvent(run, event);
        if (event.type === 'step.finished') note(event.step, event.files?.paths ?? []);
      }
      return true;
    },
    fill: ({ id, context, notes, tool, model, files }) => {
      const step = stepOf(run, id);
      if (!step || whole.has(id)) return;
      whole.add(id);
      step.context = context;
      step.notes.splice(0, Infinity, ...notes);
      step.tool = tool;
      step.model = model;
      step.files = files;
    },
  };
}
