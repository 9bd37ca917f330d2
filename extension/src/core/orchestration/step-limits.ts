import type { Disposable } from '../../base/disposable.ts';
import { stepIdle, stepTooLong } from './errors.ts';
import type { StepLimits } from './steps.ts';

/** Calls back once after so many milliseconds, unless it is disposed before. */
export type After = (ms: number, callback: () => void) => Disposable;

export interface LimitWatch extends Disposable {
  /** Aborted with the error that says which limit was reached. */
  readonly signal: AbortSignal;
  /** The step gave a sign of life. */
  readonly alive: () => void;
}

/** Watches over one try of a step. */
export function watchLimits(name: string, limits: StepLimits, after: After): LimitWatch {
  const over = new AbortController();
  const { runMs, idleMs } = limits;
  const whole = runMs === undefined ? undefined : after(runMs, () => over.abort(stepTooLong(name, runMs)));
  let idle: Disposable | undefined;
  const alive = (): void => {
    if (idleMs === undefined) return;
    idle?.dispose();
    idle = after(idleMs, () => over.abort(stepIdle(name, idleMs)));
  };
  alive();
  return {
    signal: over.signal,
    alive,
    dispose: () => {
      whole?.dispose();
      idle?.dispose();
    },
  };
}
