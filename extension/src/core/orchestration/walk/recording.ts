import { assert } from '../../../base/assert.ts';
import type { RunEvent, RunId, StepId } from '../../../protocol/run-event.ts';
import { applyEvent, stepOf } from '../../../protocol/run-view.ts';
import type { RunView, StepView } from '../../../protocol/run-view.ts';
import type { Totals } from '../../../protocol/totals.ts';

/** A place in a recorded run to stand at: one try of a step, or the end of the run. */
export type Stop = StepStop | EndStop;

interface Place {
  readonly recording: Recording;
  /** In `recording.stops`. */
  readonly index: number;
  /** The agent that leads the conversation here. */
  readonly agent: string;
  /** What the run had come to when this began. */
  readonly before: Totals;
}

/** A step that was done again has a stop for each try. */
export interface StepStop extends Place {
  readonly type: 'step';
  readonly step: StepView;
  /** What the run had come to when this try ended; undefined for one that never did. */
  after: Totals | undefined;
  /** The step that this one is inside of. */
  readonly outer: StepStop | undefined;
  readonly inner: StepStop[];
  /** Among those beside it: `outer.inner`, or the top of the recording. */
  readonly place: number;
}

/** Behind the last step: what the run answered, or where its recording stops. */
export interface EndStop extends Place {
  readonly type: 'end';
  readonly place: number;
}

/** A run as the log holds it, folded once and laid out for walking. */
export interface Recording {
  readonly run: RunId;
  readonly view: RunView;
  /** All stops in the order of their beginning, each before those inside of it; the end is the last. */
  readonly stops: readonly Stop[];
  /** The steps that are in no other step, and the end. */
  readonly top: readonly Stop[];
  readonly end: EndStop;
  /** The try of a step that a sub-run belongs to: the last one that names it. */
  readonly callers: ReadonlyMap<RunId, StepStop>;
}

/** Undefined when the log holds nothing of the run. */
export function layOut(run: RunId, events: readonly RunEvent[]): Recording | undefined {
  let view: RunView | undefined;
  const tries: Draft[] = [];
  const newest = new Map<StepId, Draft>();
  for (const event of events) {
    const again = event.type === 'step.started' ? newest.get(event.step) : undefined;
    // The view keeps one entry for all tries of a step, so the earlier one is kept as it stood.
    if (again) again.step = { ...again.step, notes: [...again.step.notes] };
    view = applyEvent(view, event);
    if (event.type === 'step.started') {
      const step = stepOf(view, event.step);
      if (!step) continue;
      const draft: Draft = {
        step,
        earlierNotes: step.notes.length,
        before: { ...view.totals },
        after: undefined,
        inner: [],
        isInner: false,
      };
      const outer = newest.get(outerId(event.step));
      if (outer) outer.inner.push(draft);
      draft.isInner = outer !== undefined;
      newest.set(event.step, draft);
      tries.push(draft);
    } else if (
      event.type === 'step.finished' ||
      event.type === 'step.failed' ||
      event.type === 'step.interrupted'
    ) {
      const ended = newest.get(event.step);
      if (ended) ended.after = { ...view.totals };
    }
  }
  return view && build(run, view, tries);
}

interface Draft {
  step: StepView;
  /** Notes of tries before this one. */
  readonly earlierNotes: number;
  readonly before: Totals;
  after: Totals | undefined;
  readonly inner: Draft[];
  isInner: boolean;
}

function build(run: RunId, view: RunView, tries: readonly Draft[]): Recording {
  const stops: Stop[] = [];
  const top: Stop[] = [];
  const callers = new Map<RunId, StepStop>();
  let agent = view.agent;
  const recording: Recording = {
    ...{ run, view, stops, top, callers },
    // Stops and recording name each other, so one of them is filled in later.
    get end() {
      const last = stops.at(-1);
      assert(last?.type === 'end', 'a recording is seen when it is whole');
      return last;
    },
  };
  const add = (draft: Draft, outer: StepStop | undefined): StepStop => {
    const beside = outer?.inner ?? top;
    const step =
      draft.earlierNotes === 0
        ? draft.step
        : { ...draft.step, notes: draft.step.notes.slice(draft.earlierNotes) };
    const { before, after } = draft;
    const stop: StepStop = {
      ...{ type: 'step', recording, index: stops.length, agent, before, after, step },
      ...{ outer, inner: [], place: beside.length },
    };
    stops.push(stop);
    beside.push(stop);
    if (step.child !== undefined) callers.set(step.child, stop);
    for (const inside of draft.inner) add(inside, stop);
    // The name of a hand-over is the agent that it goes to.
    if (step.kind === 'hand-over' && step.status === 'finished') agent = step.name;
    return stop;
  };
  for (const draft of tries) if (!draft.isInner) add(draft, undefined);
  const end: EndStop = {
    ...{ type: 'end', recording, index: stops.length, agent },
    ...{ before: view.totals, place: top.length },
  };
  stops.push(end);
  top.push(end);
  return recording;
}

function outerId(step: StepId): StepId {
  const dot = step.lastIndexOf('.');
  return dot < 0 ? '' : step.slice(0, dot);
}
