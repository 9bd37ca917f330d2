import type { Disposable } from '../../../base/disposable.ts';

/** What the queue works with; the clock and the memory come from outside. */
export interface ChangeQueueHost {
  readonly after: (ms: number, callback: () => void) => Disposable;
  readonly update: (paths: readonly string[], signal: AbortSignal) => Promise<unknown>;
  /** Looks at the whole folder. */
  readonly index: (signal: AbortSignal) => Promise<unknown>;
  /** Of nobody's request, so it is no message to a person. The queue tries again by itself. */
  readonly onFailure: (error: unknown) => void;
}

/** A save is several events within a few milliseconds; what is found by a search should not wait longer. */
const QUIET_MS = 40;
/** Changes that never cease are handed over after this. */
const LONGEST_MS = 1_000;
/** After a storm (a branch switch, an install) the folder is looked at once, when it has ceased. */
const STORM_QUIET_MS = 500;
const STORM_LONGEST_MS = 10_000;
/** More changed paths than this are a storm: looking at the whole folder costs less than one path after the other. */
const STORM_PATHS = 400;
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 10 * 60_000;

/**
 * Changes of a folder on their way to its index: gathered until it is quiet for a moment, one batch at a time. A batch that
 * failed is followed by a look at the whole folder, later and later.
 */
export class ChangeQueue implements Disposable {
  readonly #host: ChangeQueueHost;
  readonly #ending = new AbortController();
  readonly #paths = new Set<string>();
  #whole = false;
  #held = false;
  #working = false;
  #failures = 0;
  #quiet: Disposable | undefined;
  #longest: Disposable | undefined;

  constructor(host: ChangeQueueHost) {
    this.#host = host;
  }

  add(path: string): void {
    if (!this.#whole) this.#paths.add(path);
    if (this.#paths.size > STORM_PATHS) this.addAll();
    else this.#schedule();
  }

  /** Something about the folder changed that no list of paths says. */
  addAll(): void {
    this.#whole = true;
    this.#paths.clear();
    this.#schedule();
  }

  /** What changes while it is held is looked at afterwards. */
  hold(held: boolean): void {
    if (this.#held === held) return;
    this.#held = held;
    if (!held && this.#waits()) this.#schedule();
  }

  dispose(): void {
    this.#ending.abort();
    this.#unschedule();
  }

  #waits(): boolean {
    return this.#whole || this.#paths.size > 0;
  }

  #schedule(): void {
    if (this.#held || this.#working || this.#failures > 0 || this.#ending.signal.aborted) return;
    this.#quiet?.dispose();
    this.#quiet = this.#host.after(this.#whole ? STORM_QUIET_MS : QUIET_MS, () => this.#work());
    this.#longest ??= this.#host.after(this.#whole ? STORM_LONGEST_MS : LONGEST_MS, () => this.#work());
  }

  #unschedule(): void {
    this.#quiet?.dispose();
    this.#longest?.dispose();
    this.#quiet = undefined;
    this.#longest = undefined;
  }

  #work(): void {
    this.#unschedule();
    if (this.#held || this.#working || this.#ending.signal.aborted || !this.#waits()) return;
    const paths = [...this.#paths];
    const whole = this.#whole;
    this.#paths.clear();
    this.#whole = false;
    this.#working = true;
    const { signal } = this.#ending;
    (whole ? this.#host.index(signal) : this.#host.update(paths, signal)).then(
      () => this.#done(),
      (error: unknown) => this.#failed(error),
    );
  }

  #done(): void {
    this.#working = false;
    this.#failures = 0;
    if (this.#waits()) this.#schedule();
  }

  #failed(error: unknown): void {
    this.#working = false;
    if (this.#ending.signal.aborted) return;
    this.#failures += 1;
    this.#whole = true;
    this.#paths.clear();
    this.#host.onFailure(error);
    const wait = Math.min(FIRST_RETRY_MS * 2 ** (this.#failures - 1), LONGEST_RETRY_MS);
    this.#quiet = this.#host.after(wait, () => this.#work());
  }
}
