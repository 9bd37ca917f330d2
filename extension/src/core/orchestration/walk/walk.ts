import { isStrataError } from '../../../base/errors.ts';
import type { RunId, StepId } from '../../../protocol/run-event.ts';
import type { RunLog } from '../ports.ts';
import { layOut } from './recording.ts';
import type { Recording, StepStop, Stop } from './recording.ts';

export type Direction = 'forward' | 'backward';

/** How a move ended: where it was going, at a stop where it was to halt, or where there is no further to go. */
export interface Moved {
  readonly stop: Stop;
  readonly because: 'arrived' | 'halted' | 'end' | 'beginning';
}

/** Whether a move is to end here. Asked once for every stop that it passes, in the order of the walk. */
export type Halts = (stop: Stop) => boolean;

export interface WalkOptions {
  readonly log: Pick<RunLog, 'read'>;
  readonly run: RunId;
  /** A sub-run that is not in the log, or cannot be read. It is passed over. */
  readonly onProblem?: (problem: unknown, run: RunId) => void;
}

/**
 * Walks a recorded run and its sub-runs, forward and backward. A run is read and folded when it is first entered, and each
 * move after that costs the stops that it has to ask about: one, unless something is to be halted at.
 */
export interface Walk {
  readonly root: Recording;
  readonly at: Stop;
  /** To the next step beside this one, past what is inside of it; behind the last one, to what follows where it was called. */
  over(halts?: Halts): Moved;
  /** To the first step inside of this one, or inside of the given one; where there is none, like `over`. */
  into(target?: Stop, halts?: Halts): Moved;
  /** To what follows the step or the run that this one is inside of. */
  out(halts?: Halts): Moved;
  /** To the step before this one, past what is inside of it; before the first one, to the step that it was called by. */
  back(halts?: Halts): Moved;
  run(direction: Direction, halts?: Halts): Moved;
  goTo(stop: Stop): void;
  /** From here outwards: this stop, then the steps that it is inside of. */
  stack(): readonly Stop[];
  /** What a person can step into from here. */
  inside(stop: Stop): readonly Stop[];
  /** The recording of the run when it is part of this walk. */
  recordingOf(run: RunId): Recording | undefined;
  /** The root and all sub-runs below it; those not entered yet are read for it. */
  recordings(): readonly Recording[];
}

/** Undefined when the log holds nothing of the run. Throws what reading it throws. */
export function createWalk({ log, run, onProblem = () => undefined }: WalkOptions): Walk | undefined {
  const found = layOut(run, log.read(run));
  if (!found) return undefined;
  const root = found;
  const known = new Map<RunId, Recording | undefined>([[run, root]]);
  const callerOf = new Map<Recording, StepStop>();
  let at: Stop = root.top[0] ?? root.end;

  /** The run that this step is for. Its earlier tries may name the same one, which then belongs to the last. */
  const childOf = (stop: Stop): Recording | undefined => {
    if (stop.type === 'end' || stop.step.child === undefined) return undefined;
    const { child } = stop.step;
    if (stop.recording.callers.get(child) !== stop) return undefined;
    if (!known.has(child)) {
      known.set(child, undefined);
      const recording = readChild(child);
      if (recording) callerOf.set(recording, stop);
      known.set(child, recording);
    }
    const recording = known.get(child);
    // A log that says that a run is part of itself would have no end.
    return recording && callerOf.get(recording) === stop ? recording : undefined;
  };

  const readChild = (child: RunId): Recording | undefined => {
    try {
      const recording = layOut(child, log.read(child));
      if (!recording) onProblem(undefined, child);
      return recording;
    } catch (error) {
      if (!isStrataError(error)) throw error;
      onProblem(error, child);
      return undefined;
    }
  };

  const beside = (stop: Stop): readonly Stop[] =>
    stop.type === 'step' && stop.outer ? stop.outer.inner : stop.recording.top;

  const container = (stop: Stop): StepStop | undefined =>
    (stop.type === 'step' ? stop.outer : undefined) ?? callerOf.get(stop.recording);

  /** What follows once all inside of the stop is done. */
  const after = (stop: Stop): Stop | undefined => {
    for (let from: Stop | undefined = stop; from; from = container(from)) {
      const next = beside(from)[from.place + 1];
      if (next) return next;
      // A step with steps inside may be for a run of its own, too; it comes behind them.
      const child: Recording | undefined =
        from.type === 'step' && from.outer ? childOf(from.outer) : undefined;
      if (child) return child.top[0];
    }
    return undefined;
  };

  const firstInside = (stop: Stop): Stop | undefined =>
    (stop.type === 'step' ? stop.inner[0] : undefined) ?? childOf(stop)?.top[0];

  const following = (stop: Stop): Stop | undefined => firstInside(stop) ?? after(stop);

  const lastInside = (stop: Stop): Stop => {
    let last = stop;
    for (;;) {
      const deeper = childOf(last)?.end ?? (last.type === 'step' ? last.inner.at(-1) : undefined);
      if (!deeper) return last;
      last = deeper;
    }
  };

  const preceding = (stop: Stop): Stop | undefined => {
    const previous = beside(stop)[stop.place - 1];
    if (previous) return lastInside(previous);
    const around = container(stop);
    const isChild = around !== undefined && around.recording !== stop.recording;
    const lastInner = isChild ? around.inner.at(-1) : undefined;
    return lastInner ? lastInside(lastInner) : around;
  };

  const limit = (direction: Direction): Stop =>
    direction === 'forward' ? root.end : (root.top[0] ?? root.end);

  const move = (target: Stop | undefined, direction: Direction, halts: Halts | undefined): Moved => {
    const goal = target ?? limit(direction);
    if (halts) {
      const next = direction === 'forward' ? following : preceding;
      for (let stop = next(at); stop; stop = next(stop)) {
        if (halts(stop)) {
          at = stop;
          return { stop, because: 'halted' };
        }
        if (stop === goal) break;
      }
    }
    at = goal;
    if (target) return { stop: at, because: 'arrived' };
    return { stop: at, because: direction === 'forward' ? 'end' : 'beginning' };
  };

  const recordingOf = (wanted: RunId): Recording | undefined => {
    if (known.get(wanted)) return known.get(wanted);
    // The id of a sub-run begins with that of the run that it is part of.
    const ancestor = [...known.values()].find((recording) =>
      [...(recording?.callers.keys() ?? [])].some((child) => isWithin(wanted, child) && !known.has(child)),
    );
    const caller = [...(ancestor?.callers ?? [])].find(
      ([child]) => isWithin(wanted, child) && !known.has(child),
    );
    if (!caller) return undefined;
    childOf(caller[1]);
    return recordingOf(wanted);
  };

  return {
    root,
    get at() {
      return at;
    },
    over: (halts) => move(after(at), 'forward', halts),
    into: (target, halts) => move(target ?? following(at), 'forward', halts),
    out: (halts) => {
      const around = container(at);
      return move(around && after(around), 'forward', halts);
    },
    back: (halts) => move(beside(at)[at.place - 1] ?? container(at), 'backward', halts),
    run: (direction, halts) => move(undefined, direction, halts),
    goTo: (stop) => void (at = stop),
    stack: () => {
      const stack: Stop[] = [];
      for (let stop: Stop | undefined = at; stop; stop = container(stop)) stack.push(stop);
      return stack;
    },
    inside: (stop) => {
      const child = childOf(stop)?.top[0];
      return [...(stop.type === 'step' ? stop.inner : []), ...(child ? [child] : [])];
    },
    recordingOf,
    recordings: () => {
      const found: Recording[] = [root];
      // The list grows while it is gone through: sub-runs have sub-runs.
      for (const recording of found) {
        for (const caller of recording.callers.values()) {
          const child = childOf(caller);
          if (child) found.push(child);
        }
      }
      return found;
    },
  };
}

/** The stop of the last try of a step. */
export function stopOf(recording: Recording, step: StepId): StepStop | undefined {
  return recording.stops.findLast((stop) => stop.type === 'step' && stop.step.id === step) as
    StepStop | undefined;
}

function isWithin(run: RunId, ancestor: RunId): boolean {
  return run === ancestor || run.startsWith(`${ancestor}-`);
}
