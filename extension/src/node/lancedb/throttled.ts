import type { IndexProgress } from '../../core/memory/index.ts';

/** Ten times a second is more than anyone can see; the last one always passes. */
export function throttledProgress(
  report: (progress: IndexProgress) => void,
): (progress: IndexProgress) => void {
  let last = -Infinity;
  return (progress) => {
    if (progress.done < progress.total && performance.now() - last < SPACING_MS) return;
    last = performance.now();
    report(progress);
  };
}

/** Calls that come close together become one, some time after the first of them. */
export function throttled(call: () => void, spacingMs: number): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      call();
    }, spacingMs);
  };
}

const SPACING_MS = 100;
