import type { PanelTab, RunFacts, StepKey } from '../../extension/src/protocol/panel.ts';
import type { StepId } from '../../extension/src/protocol/run-event.ts';
import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';
import { stepOf } from '../../extension/src/protocol/run-view.ts';
import type { Folds } from './folds.ts';
import type { Listing } from './listing.ts';
import type { Branch, Outline, Row } from './outline.ts';
import { stepThen } from './past.ts';
import type { Shown } from './shown.ts';
import type { StepFilter } from './step-filter.ts';
import type { SubRuns } from './sub-runs.ts';

/** What is on the screen, handed to each part of the panel at each frame. */
export interface Model {
  readonly run: RunView;
  readonly facts: RunFacts;
  /** Undefined: the run itself. */
  readonly selected: StepKey | undefined;
  readonly tab: PanelTab;
  readonly outline: Outline;
  readonly subRuns: SubRuns;
  readonly folds: Folds;
  /** The agent of the sub-run that `run` is, in what the details are handed. */
  readonly within?: string | undefined;
  /** The lines of the list: what is not folded and passes the filter. */
  readonly rows: readonly Row[];
  readonly filter: StepFilter;
  /** Number of the events that were taken in, of sub-runs too; the views themselves change in place. */
  readonly seq: number;
  /** How many steps were started again. */
  readonly restarts: number;
  /** The replay's position in the host's time; undefined at its end. */
  readonly at: number | undefined;
  /** Files that were changed up to that position, each with the last step that did. */
  readonly changed: ReadonlyMap<string, StepView>;
  /** The run as it was at that position. */
  readonly past: RunView | undefined;
  /** The run and the sub-runs whose steps the replay goes through. */
  readonly walked: readonly Branch[];
  /** What only the step that is looked at shows has arrived. */
  readonly hasFacts: (step: StepId) => boolean;
  /** The host's time in milliseconds. */
  readonly now: number;
}

/** `view`: what a person chose to see. */
export function modelOf(
  { run, own, subRuns, facts, outline, skew }: Shown,
  view: Pick<Model, 'selected' | 'tab' | 'folds' | 'filter' | 'at'>,
  listing: Listing,
): Model {
  return {
    ...view,
    ...listing,
    ...{ run, facts, outline, subRuns, hasFacts: own.hasFacts },
    ...{ seq: run.lastSeq + subRuns.seq, restarts: own.restarts + subRuns.restarts },
    // A run that lost its process stands still, whatever its log says.
    now: run.status === 'running' && !facts.live ? run.activeAt : Date.now() + skew,
  };
}

export function selectedStep(model: Model): StepView | undefined {
  const step = model.selected === undefined ? undefined : stepOf(model.run, model.selected);
  return step && model.at !== undefined ? stepThen(model.run, step, model.at) : step;
}

/** The line of what is selected; undefined when it is folded or filtered away. */
export function selectedRow({ outline, rows, selected }: Model): Row | undefined {
  const row = outline.row(selected);
  return row && rows[row.index] === row ? row : undefined;
}

export function isLive(model: Pick<Model, 'run' | 'facts'>): boolean {
  return model.run.status === 'running' && model.facts.live;
}
