import type { RunView, StepView } from '../../../extension/src/protocol/run-view.ts';
import { activeTime } from '../../../extension/src/protocol/run-view.ts';
import type { Outline } from '../outline.ts';
import { isFailure } from '../step-filter.ts';
import { endedSpan } from '../time-scale.ts';
import { colourOf } from './colours.ts';
import { Lane } from './lane.ts';

/** Lanes below its parent's in which a step may stand. With more at the same time the last lane holds several. */
const MOST_AT_ONCE = 32;

/** The steps of a run as spans in lanes: what is inside another step below it, what goes on at the same time beside it. */
export interface Spans {
  readonly lanes: readonly Lane[];
  /** Takes in what the run has got since. `restarts` is the number of steps that were started again. */
  update(run: RunView, outline: Outline, restarts: number): void;
}

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

  const place = (run: RunView, outline: Outline, step: StepView, index: number): void => {
    const start = activeTime(run, step.startedAt);
    const row = outline.row(step.id);
    // The run itself has no lane.
    const first = (row?.parent?.lane ?? -1) + 1;
    let lane = first;
    while (lane < first + MOST_AT_ONCE - 1 && (lanes[lane]?.lastEnd ?? -Infinity) > start) lane += 1;
    while (lanes.length <= lane) lanes.push(new Lane());
    const spans = lanes[lane];
    if (!spans) return;
    if (row) row.lane = lane;
    if (step.status === 'running') running.push({ step, lane: spans, at: spans.count });
    spans.push(start, endOf(run, step, start), colourOf(step.kind), isFailure(step), index);
    last = Math.max(last, start);
  };

  const takeAll = (run: RunView, outline: Outline): void => {
    lanes = [];
    running = [];
    last = -Infinity;
    // A clock may have gone back, and a step that was started again stands where it was first.
    const order = run.steps.map((_, index) => index);
    order.sort((a, b) => (run.steps[a]?.startedAt ?? 0) - (run.steps[b]?.startedAt ?? 0));
    for (const index of order) {
      const step = run.steps[index];
      if (step) place(run, outline, step, index);
    }
    taken = run.steps.length;
  };

  return {
    get lanes() {
      return lanes;
    },
    update: (run, outline, restarts) => {
      const now = JSON.stringify([run.id, run.startedAt, run.gaps, restarts]);
      if (now !== made || taken > run.steps.length) {
        made = now;
        takeAll(run, outline);
        return;
      }
      running = running.filter(({ step, lane, at }) => {
        if (step.status === 'running') return true;
        const start = lane.starts[at] ?? 0;
        lane.end(at, endOf(run, step, start), isFailure(step));
        return false;
      });
      for (; taken < run.steps.length; taken++) {
        const step = run.steps[taken];
        if (!step) continue;
        if (activeTime(run, step.startedAt) < last) {
          takeAll(run, outline);
          return;
        }
        place(run, outline, step, taken);
      }
    },
  };
}

function endOf(run: RunView, step: StepView, start: number): number {
  return step.status === 'running' ? Infinity : start + endedSpan(run, step);
}
