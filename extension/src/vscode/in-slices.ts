/** So long the editor's other extensions may have to wait. */
const SLICE_MS = 8;

export interface SliceOptions {
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** After each slice, with all that its parts have said they were. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Does long work, of which each part says how much it was, on the thread of the editor's extensions, and lets them have their turn
 * in between. Undefined when the signal is aborted before the end.
 */
export async function inSlices<T>(
  work: Generator<number, T>,
  { signal, now, onProgress }: SliceOptions,
): Promise<T | undefined> {
  let done = 0;
  while (!signal.aborted) {
    for (const end = now() + SLICE_MS; now() < end;) {
      const part = work.next();
      if (part.done) return part.value;
      done += part.value;
    }
    onProgress?.(done);
    await nextTurn();
  }
  return undefined;
}

/** After whatever else waits for the thread. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
