/** The time limit of a call: begun anew by each sign of life up to a longest time, and standing still while a person thinks. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #limitMs: number;
  readonly #until: number;
  #timer: NodeJS.Timeout | undefined;
  #paused = 0;
  #pausedAt = 0;
  #pausedMs = 0;

  constructor(limitMs: number, longestMs: number) {
    this.#limitMs = limitMs;
    this.#until = performance.now() + Math.max(limitMs, longestMs);
    this.touch();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get expired(): boolean {
    return this.#controller.signal.aborted;
  }

  /** The server gave a sign of life. */
  touch(): void {
    clearTimeout(this.#timer);
    if (this.#paused > 0 || this.expired) return;
    const left = this.#until + this.#pausedMs - performance.now();
    const expire = () =>
      this.#controller.abort(new DOMException('The time limit was reached.', 'TimeoutError'));
    this.#timer = setTimeout(expire, Math.max(0, Math.min(this.#limitMs, left)));
  }

  async pausedFor<T>(work: () => Promise<T>): Promise<T> {
    if (this.#paused === 0) this.#pausedAt = performance.now();
    this.#paused += 1;
    clearTimeout(this.#timer);
    try {
      return await work();
    } finally {
      this.#paused -= 1;
      if (this.#paused === 0) {
        this.#pausedMs += performance.now() - this.#pausedAt;
        this.touch();
      }
    }
  }

  dispose(): void {
    this.#paused = Number.POSITIVE_INFINITY; // So that a late sign of life starts no timer.
    clearTimeout(this.#timer);
  }
}
