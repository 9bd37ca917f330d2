import type { PanelMessage, RunFacts, WorkflowGraph } from '../../extension/src/protocol/panel.ts';
import type { RunEvent, RunId } from '../../extension/src/protocol/run-event.ts';
import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';
import type { RunMessage } from './arrivals.ts';
import { holdRun } from './held-run.ts';
import type { HeldRun } from './held-run.ts';
import type { Outline } from './outline.ts';
import { createOutline } from './outline.ts';
import { createSubRuns } from './sub-runs.ts';
import type { SubRuns } from './sub-runs.ts';

/** The run that the panel shows, with the sub-runs that it has of it. */
export interface Shown {
  readonly run: RunView;
  readonly own: HeldRun;
  readonly subRuns: SubRuns;
  readonly graph: WorkflowGraph | undefined;
  readonly outline: Outline;
  readonly facts: RunFacts;
  /** The host's clock minus ours, in milliseconds. */
  readonly skew: number;
  /** The run or the sub-run of this id; undefined when it is not here. */
  held(run: RunId): HeldRun | undefined;
  /** False when something of the run was lost on the way, so that it must be asked for anew. */
  append(events: readonly RunEvent[], facts: RunFacts, now: number): boolean;
}

interface ShownEvents {
  readonly post: (message: PanelMessage) => void;
  /** A sub-run has come, or cannot. */
  readonly onSubRun: () => void;
}

/** `before`: what was shown of the same run, whose sub-runs are still here. */
export function createShown(
  message: RunMessage,
  steps: StepView[],
  clock: () => number,
  events: ShownEvents,
  before?: Shown,
): Shown {
  const own = holdRun(message.view, steps);
  const { run } = own;
  const outline = createOutline(run);
  const subRuns = createSubRuns(outline, events.post, events.onSubRun, before?.subRuns);
  let { facts } = message;
  let skew = message.now - clock();

  return {
    run,
    own,
    subRuns,
    outline,
    graph: message.graph,
    get facts() {
      return facts;
    },
    get skew() {
      return skew;
    },
    held: (id) => (id === run.id ? own : subRuns.held(id)),
    append: (appended, next, now) => {
      const whole = own.append(appended.filter((event) => event.run === run.id));
      subRuns.append(appended.filter((event) => event.run !== run.id));
      facts = next;
      skew = now - clock();
      return whole;
    },
  };
}
