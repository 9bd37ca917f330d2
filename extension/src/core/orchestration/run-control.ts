import type { ErrorInfo } from '../../protocol/run-event.ts';
import { pausedByUser, RunStopped } from './errors.ts';

/** What a person can do to a run while it is under way. */
export interface RunControl {
  /** Aborted when the run shall end now. */
  readonly signal: AbortSignal;
  /** Why no further step may begin. */
  pausing(): ErrorInfo | undefined;
  stop(): void;
  /** What is under way is finished first. Without a reason, a person wanted it. */
  pause(why?: ErrorInfo): void;
}

/** A sub-run also pauses and stops with the run above it. */
export function createControl(above?: Pick<RunControl, 'signal' | 'pausing'>): RunControl {
  const stopping = new AbortController();
  let pause: ErrorInfo | undefined;
  return {
    signal: above ? AbortSignal.any([above.signal, stopping.signal]) : stopping.signal,
    pausing: () => pause ?? above?.pausing(),
    stop: () => stopping.abort(new RunStopped()),
    pause: (why = pausedByUser()) => {
      pause = why;
    },
  };
}
