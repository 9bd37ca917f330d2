/** Holds work back while a person has paused it. */
export class Gate {
  #closed: PromiseWithResolvers<void> | undefined;

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  close(): void {
    this.#closed ??= Promise.withResolvers<void>();
  }

  open(): void {
    this.#closed?.resolve();
    this.#closed = undefined;
  }

  /** `onWait` is called now and then, as a sign of life. */
  async pass(signal: AbortSignal, onWait: () => void): Promise<void> {
    if (!this.isClosed) return;
    const timer = setInterval(onWait, SIGN_MS);
    const aborted = Promise.withResolvers<void>();
    const abort = (): void => aborted.resolve();
    signal.addEventListener('abort', abort, { once: true });
    try {
      // Closed again before it was noticed to be open, it still holds.
      for (let held = this.#closed; held !== undefined && !signal.aborted; held = this.#closed)
        await Promise.race([held.promise, aborted.promise]);
    } finally {
      clearInterval(timer);
      signal.removeEventListener('abort', abort);
    }
    signal.throwIfAborted();
  }
}

const SIGN_MS = 10_000;
