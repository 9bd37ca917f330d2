import type { RunFacts, WorkflowGraph } from '../../extension/src/protocol/panel.ts';
import type { StepFacts } from '../../extension/src/protocol/panel-steps.ts';
import { isSettled } from '../../extension/src/protocol/panel-steps.ts';
import type { RunEvent, StepId } from '../../extension/src/protocol/run-event.ts';
import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';
import { applyEvent, stepOf } from '../../extension/src/protocol/run-view.ts';
import type { RunMessage } from './arrivals.ts';
import type { Outline } from './outline.ts';
import { changedFiles } from './model.ts';
import { createOutline } from './outline.ts';

/** The run that the panel shows, kept up to date with what arrives. */
export interface Shown {
  readonly run: RunView;
  readonly graph: WorkflowGraph | undefined;
  readonly outline: Outline;
  readonly facts: RunFacts;
  /** The host's clock minus ours, in milliseconds. */
  readonly skew: number;
  readonly restarts: number;
  /** Files that the run changed, each with the last step that did. */
  readonly changed: ReadonlyMap<string, StepView>;
  hasFacts(step: StepId): boolean;
  /** False when something was lost on the way, so that the run must be asked for anew. */
  append(events: readonly RunEvent[], facts: RunFacts, now: number): boolean;
  fill(facts: StepFacts): void;
}

export function createShown(message: RunMessage, steps: StepView[], clock: () => number): Shown {
  const run: RunView = { ...message.view, steps };
  /** Steps of which the whole is here: their events came one by one, or it was asked for. */
  const whole = new Set(steps.filter((step) => !isSettled(step)).map(({ id }) => id));
  const changed = changedFiles(run);
  let { facts } = message;
  let skew = message.now - clock();
  let restarts = 0;
  const note = (id: StepId, paths: readonly string[]) => {
    const step = stepOf(run, id);
    if (step) for (const path of paths) changed.set(path, step);
  };

  return {
    run,
    graph: message.graph,
    changed,
    outline: createOutline(run),
    get facts() {
      return facts;
    },
    get skew() {
      return skew;
    },
    get restarts() {
      return restarts;
    },
    hasFacts: (step) => whole.has(step),
    append: (events, next, now) => {
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
      facts = next;
      skew = now - clock();
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
