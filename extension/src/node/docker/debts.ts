import type { Connection } from './connection.ts';
import { removeThing, type Thing } from './leftovers.ts';

const firstPauseMs = 500;
const longestPauseMs = 30_000;
const attemptLimitMs = 10_000;
/** A request that was cut off may still be carried out, so a container is gone when it is not there twice. */
const timesNotThere = 2;

type Owed = Omit<Thing, 'owner'>;

/**
 * What could not be removed when it was its time, since the engine did not answer: tried again until it is gone,
 * in the background. What is left of it when this process ends is the reaper's.
 */
export class Debts {
  readonly #connection: Connection;
  /** By kind and id or name, with how often each was not there. */
  readonly #owed = new Map<string, { readonly thing: Owed; readonly notThere: number }>();
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = firstPauseMs;
  #closed = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  add(thing: Owed): void {
    if (this.#closed) return;
    this.#owed.set(`${thing.kind} ${thing.id}`, { thing, notThere: 0 });
    this.soon();
  }

  /** The engine has just answered, so that there is no need to wait long. */
  soon(): void {
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
      [...this.#owed].map(async ([key, { thing, notThere }]) => {
        try {
          const signal = AbortSignal.timeout(attemptLimitMs);
          const gone = await removeThing(this.#connection, thing, signal);
          if (gone && notThere + 1 >= timesNotThere) this.#owed.delete(key);
          else this.#owed.set(key, { thing, notThere: gone ? notThere + 1 : 0 });
        } catch {
          // Not yet: it is tried again.
        }
      }),
    );
    clearTimeout(this.#timer);
    this.#wait();
  }
}
