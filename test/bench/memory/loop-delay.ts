import { Worker, isMainThread, parentPort } from 'node:worker_threads';

export interface LoopDelay {
  /** In milliseconds. */
  readonly longest: number;
  /** How many delays of more than 20 ms there were. */
  readonly over20: number;
}

export interface LoopWatch {
  end(): Promise<LoopDelay>;
}

/**
 * Watches how late an event loop is: of this thread, or of one beside it that does nothing. On a machine that has other
 * work, what that one shows is none of ours.
 */
export async function watchLoop(where: 'here' | 'beside'): Promise<LoopWatch> {
  if (where === 'here') {
    const end = watchOwn();
    return { end: () => Promise.resolve(end()) };
  }
  const worker = new Worker(new URL(import.meta.url));
  await new Promise((resolve) => worker.once('online', resolve));
  return {
    end: async () => {
      const told = new Promise<LoopDelay>((resolve) => worker.once('message', resolve));
      worker.postMessage('end');
      const delay = await told;
      await worker.terminate();
      return delay;
    },
  };
}

function watchOwn(): () => LoopDelay {
  let [longest, over20] = [0, 0];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const late = now - last - STEP_MS;
    last = now;
    longest = Math.max(longest, late);
    if (late > 20) over20++;
  }, STEP_MS);
  return () => {
    clearInterval(timer);
    return { longest, over20 };
  };
}

/** Stalls that are looked for are several times as long. */
const STEP_MS = 5;

if (!isMainThread) {
  const end = watchOwn();
  parentPort?.on('message', () => parentPort?.postMessage(end()));
}
