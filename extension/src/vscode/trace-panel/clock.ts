import type { PanelSessionDeps } from './session.ts';

/** The machine's own time, for a session that is not under a test's. */
export const machineClock: Pick<PanelSessionDeps, 'now' | 'after'> = {
  now: Date.now,
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return { dispose: () => clearTimeout(timer) };
  },
};
