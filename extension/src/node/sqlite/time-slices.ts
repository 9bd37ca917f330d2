import { setImmediate } from 'node:timers/promises';

/** So long the rest of the process may have to wait. */
const SLICE_MS = 8;

/**
 * For work that takes seconds on the thread that the editor's other work is done on: to be awaited often, it lets others have their
 * turn when the time is up. Throws when the signal is aborted.
 */
export function timeSlices(signal: AbortSignal): () => Promise<void> {
  let end = performance.now() + SLICE_MS;
  return async () => {
    signal.throwIfAborted();
    if (performance.now() < end) return;
    await setImmediate();
    signal.throwIfAborted();
    end = performance.now() + SLICE_MS;
  };
}
