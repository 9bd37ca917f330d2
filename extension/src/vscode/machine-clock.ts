import type { Disposable } from '../base/disposable.ts';

/** The machine's own time, for what is not under a test's. */
export const machineClock = {
  now: Date.now,
  /** Calls back once after so many milliseconds, unless it is disposed before. */
  after: (ms: number, callback: () => void): Disposable => {
    const timer = setTimeout(callback, ms);
    return { dispose: () => clearTimeout(timer) };
  },
};
