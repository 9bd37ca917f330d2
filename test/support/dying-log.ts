import type { RunStore } from '../../extension/src/node/sqlite/index.ts';

/** A log whose process dies at one of its commits, counted over all runs of the world. */
export interface DyingLog {
  readonly wrap: (store: RunStore) => RunStore;
  /** Commits so far; text that streams is none. */
  readonly commits: () => number;
}

/** `die` is called right before or right after the commit with that number. What it throws is thrown at every later one. */
export function dyingLog(at: number, when: 'before' | 'after', die: () => void): DyingLog {
  let count = 0;
  const commit = <T>(work: () => T, undo?: (result: T) => void): T => {
    count += 1;
    if (count > at || (count === at && when === 'before')) die();
    const result = work();
    if (count === at) {
      // Where only the program dies and not its process, the process would still own what it began.
      undo?.(result);
      die();
    }
    return result;
  };
  return {
    commits: () => count,
    wrap: (store) => ({
      ...store,
      begin: (run, started, rest) =>
        commit(
          () => store.begin(run, started, rest),
          ({ lease }) => store.release(lease),
        ),
      append: (lease, bodies) => {
        const isText = bodies.every(({ type }) => type === 'step.output');
        return isText ? store.append(lease, bodies) : commit(() => store.append(lease, bodies));
      },
    }),
  };
}
