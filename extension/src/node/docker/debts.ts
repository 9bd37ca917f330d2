import type { Connection } from './connection.ts';
import { removeThing } from './leftovers.ts';

const firstPauseMs = 500;
const longestPauseMs = 30_000;
const attemptLimitMs = 10_000;
/** A request that was cut off may still be carried out, so a container is gone when it is not there twice. */
const timesNotThere = 2;

/**
 * Containers that could not be removed when it was their time, since the engine did not answer: tried again until they are
 * gone, in the background. What is left of it when this process ends is the reaper's.
 */
export class Debts {
  readonly #connection: Connection;
  /** By id or name, with how often each was not there. */
  readonly #owed = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = firstPauseMs;
  #closed = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  add(container: string): void {
    if (this.#closed) return;
    this.#owed.set(container, 0);
    this.#pauseMs = firstPauseMs;
    clearTimeout(this.#timer);
    this.#wait();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #wait(): void {
    if (this.#closed || this.#owed.size === 0) return;
    this.#timer = setTimeout(() => void this.#pay(), this.#pauseMs);
    this.#timer.unref();
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
  }

  async #pay(): Promise<void> {
    await Promise.all(
      [...this.#owed].map(async ([container, notThere]) => {
        try {
          const signal = AbortSignal.timeout(attemptLimitMs);
          const gone = await removeThing(this.#connection, { kind: 'container', id: container }, signal);
          if (gone && notThere + 1 >= timesNotThere) this.#owed.delete(container);
          else this.#owed.set(container, gone ? notThere + 1 : 0);
        } catch {
          // Not yet: it is tried again.
        }
      }),
    );
    clearTimeout(this.#timer);
    this.#wait();
  }
}
