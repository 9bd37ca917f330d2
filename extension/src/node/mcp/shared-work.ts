/** Work that several callers wait for at once. It is given up when the last of them has gone. */
export class SharedWork<T> {
  #running:
    { readonly result: Promise<T>; readonly controller: AbortController; waiting: number } | undefined;

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Joins what is running, or begins it. Rejects at once when the caller's signal aborts. */
  async run(signal: AbortSignal, begin: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const work = this.#running ?? this.#begin(begin);
    work.waiting += 1;
    try {
      return await untilAborted(work.result, signal);
    } finally {
      work.waiting -= 1;
      if (work.waiting === 0) work.controller.abort(signal.reason);
    }
  }

  #begin(begin: (signal: AbortSignal) => Promise<T>) {
    const controller = new AbortController();
    const result = begin(controller.signal);
    const work = { result, controller, waiting: 0 };
    this.#running = work;
    const end = () => {
      if (this.#running === work) this.#running = undefined;
    };
    result.then(end, end);
    // A second caller must not join what the last one has given up.
    controller.signal.addEventListener('abort', end, { once: true });
    return work;
  }
}

/** Rejects when the signal aborts, whatever becomes of the work. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
