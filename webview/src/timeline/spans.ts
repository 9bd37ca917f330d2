import type { RunView, StepView } from '../../../extension/src/protocol/run-view.ts';
import { activeTime } from '../../../extension/src/protocol/run-view.ts';
import type { Branch, Outline, Row } from '../outline.ts';
import { isFailure } from '../step-filter.ts';
import { endedSpan } from '../time-scale.ts';
import { colourOf } from './colours.ts';
import { Lane } from './lane.ts';

/** Lanes below its parent's in which a step may stand. With more at the same time the last lane holds several. */
const MOST_AT_ONCE = 32;

/** The steps of one run as spans in lanes: what is inside another step below it, what goes on at the same time beside it. */
export interface Spans {
  readonly lanes: readonly Lane[];
  /**
   * Takes in what the run has got since. `clock` is the run that is shown: times are those of work on it. `restarts` is the
   * number of steps that were started again.
   */
  update(branch: Branch, clock: RunView, outline: Outline, restarts: number): void;
}

type Lines = ReturnType<Outline['linesOf']>;

interface Running {
  readonly step: StepView;
  readonly lane: Lane;
  readonly at: number;
}

export function createSpans(): Spans {
  let lanes: Lane[] = [];
  let running: Running[] = [];
  let taken = 0;
  let last = -Infinity;
  let made = '';

  const place = (
    branch: Branch,
    clock: RunView,
    row: Row | undefined,
    step: StepView,
    index: number,
  ): void => {
    const start = activeTime(clock, step.startedAt);
    // The run itself has no lane, and the step around a sub-run is in those of another run.
    const first = (row?.parent?.branch === branch ? row.parent.lane : -1) + 1;
    let lane = first;
    while (lane < first + MOST_AT_ONCE - 1 && (lanes[lane]?.lastEnd ?? -Infinity) > start) lane += 1;
    while (lanes.length <= lane) lanes.push(new Lane());
    const spans = lanes[lane];
    if (!spans) return;
    if (row) row.lane = lane;
    if (step.status === 'running') running.push({ step, lane: spans, at: spans.count });
    spans.push(start, endOf(branch, step, start), colourOf(step.kind), isFailure(step), index);
    last = Math.max(last, start);
  };

  const takeAll = (branch: Branch, clock: RunView, lines: Lines): void => {
    const { steps } = branch.run;
    lanes = [];
    running = [];
    last = -Infinity;
    // A clock may have gone back, and a step that was started again stands where it was first.
    const order = steps.map((_, index) => index);
    order.sort((a, b) => (steps[a]?.startedAt ?? 0) - (steps[b]?.startedAt ?? 0));
    for (const index of order) {
      const step = steps[index];
      if (step) place(branch, clock, lines[index], step, index);
    }
    taken = steps.length;
  };

  return {
    get lanes() {
      return lanes;
    },
    update: (branch, clock, outline, restarts) => {
      const { id, steps } = branch.run;
      const lines = outline.linesOf(id);
      const now = JSON.stringify([id, clock.startedAt, clock.gaps, restarts]);
      if (now !== made || taken > steps.length) {
        made = now;
        takeAll(branch, clock, lines);
        return;
      }
      running = running.filter(({ step, lane, at }) => {
        if (step.status === 'running') return true;
        const start = lane.starts[at] ?? 0;
        lane.end(at, endOf(branch, step, start), isFailure(step));
        return false;
      });
      for (; taken < steps.length; taken++) {
        const step = steps[taken];
        if (!step) continue;
        if (activeTime(clock, step.startedAt) < last) {
          takeAll(branch, clock, lines);
          return;
        }
        place(branch, clock, lines[taken], step, taken);
      }
    },
  };
}

function endOf({ run, takenOver }: Branch, step: StepView, start: number): number {
  if (takenOver) return start;
  return step.status === 'running' ? Infinity : start + endedSpan(run, step);
}
