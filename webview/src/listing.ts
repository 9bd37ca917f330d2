import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';
import type { Folds } from './folds.ts';
import { isOpen } from './folds.ts';
import { changedFiles } from './changed-files.ts';
import type { Branch, Row } from './outline.ts';
import { runThen } from './past.ts';
import type { Shown } from './shown.ts';
import { matcherOf } from './step-filter.ts';
import type { StepFilter } from './step-filter.ts';
import { walkedBranches } from './sub-runs.ts';

export interface Listing {
  readonly rows: readonly Row[];
  /** The run at the replay's position. */
  readonly past: RunView | undefined;
  /** The run and the sub-runs whose steps a replay goes through: those that are open. */
  readonly walked: readonly Branch[];
  readonly changed: ReadonlyMap<string, StepView>;
}

interface ListingOptions {
  readonly folds: Folds;
  readonly filter: StepFilter;
  readonly at: number | undefined;
}

/** The lines of the list, made anew only when they may have become others. */
export function createListing(): (shown: Shown, options: ListingOptions) => Listing {
  let last: Listing = { rows: [], past: undefined, walked: [], changed: new Map() };
  let madeFrom: readonly unknown[] = [];
  return ({ run, own, outline, subRuns }, { folds, filter, at }) => {
    const matches = matcherOf(filter);
    // A step may come to match when it ends, and may not be one of the past's.
    const seq = matches && run.lastSeq + subRuns.seq;
    const steps = run.steps.length + subRuns.steps;
    const from = [run, steps, subRuns.revision, own.restarts + subRuns.restarts, folds, filter, at, seq];
    if (from.some((value, index) => value !== madeFrom[index])) {
      madeFrom = from;
      const past = at === undefined ? undefined : runThen(run, at, outline.branches.values());
      const startsMore = (row: Row) => ['closed', 'coming'].includes(subRuns.state(row) ?? '');
      last = {
        rows: outline.rows({ opens: (row) => isOpen(folds, row), startsMore, matches, until: at }),
        past,
        walked: walkedBranches(outline, folds),
        changed: past ? changedFiles(past) : own.changed,
      };
    }
    return last;
  };
}
