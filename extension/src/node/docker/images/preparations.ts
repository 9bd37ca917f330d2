import type { LocalBase } from '../local-base.ts';

const localBaseMs = 60_000;

/** One piece of work that several callers wait for. */
interface Running<T> {
  readonly result: Promise<T>;
  readonly stop: AbortController;
  readonly listeners: Set<(text: string) => void>;
  last: string | undefined;
}

interface Caller {
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

/**
 * Work on images of one engine: the same work that is asked for twice is done once, and different builds are done one after
 * the other, since they begin with the same steps, which the second then takes from the engine's cache.
 */
export class Preparations<T> {
  readonly #running = new Map<string, Running<T>>();
  #queue: Promise<unknown> = Promise.resolve();
  #local: { readonly base: Promise<LocalBase>; readonly until: number } | undefined;

  /** Ends when the work does, or at once when the caller is cancelled; the work itself ends with the last caller. */
  async share(key: string, caller: Caller, work: (options: Caller) => Promise<T>): Promise<T> {
    caller.signal.throwIfAborted();
    const running = this.#running.get(key) ?? this.#begin(key, work);
    if (running.last !== undefined) caller.onProgress(running.last);
    // Two callers may have given the same function.
    const listener = (text: string) => caller.onProgress(text);
    running.listeners.add(listener);
    const leave = () => {
      running.listeners.delete(listener);
      if (running.listeners.size > 0) return;
      // Whoever asks from now on begins anew, and not with something that is being stopped.
      if (this.#running.get(key) === running) this.#running.delete(key);
      running.stop.abort(new DOMException('Nobody waits for the image any more.', 'AbortError'));
    };
    const cancelled = untilAborted(caller.signal);
    try {
      return await Promise.race([running.result, cancelled.promise]);
    } finally {
      cancelled.forget();
      leave();
      // What was being made is put away before the caller hears that it was cancelled.
      if (caller.signal.aborted && running.listeners.size === 0) await running.result.catch(() => undefined);
    }
  }

  /** Waits for its turn among builds. */
  async oneByOne<R>(signal: AbortSignal, work: () => Promise<R>): Promise<R> {
    const before = this.#queue;
    const turn = Promise.withResolvers<undefined>();
    this.#queue = before.then(() => turn.promise);
    const cancelled = untilAborted(signal);
    try {
      await Promise.race([before, cancelled.promise]);
      return await work();
    } finally {
      cancelled.forget();
      turn.resolve(undefined);
    }
  }

  /** What goes into a base of local files takes seconds to find out, and several images are often built in a row. */
  async localBase(look: () => Promise<LocalBase>): Promise<LocalBase> {
    if (this.#local && performance.now() < this.#local.until) return this.#local.base;
    const local = { base: look(), until: performance.now() + localBaseMs };
    this.#local = local;
    local.base.catch(() => {
      if (this.#local === local) this.#local = undefined;
    });
    return local.base;
  }

  #begin(key: string, work: (options: Caller) => Promise<T>): Running<T> {
    const stop = new AbortController();
    const listeners = new Set<(text: string) => void>();
    const onProgress = (text: string) => {
      running.last = text;
      for (const listener of listeners) listener(text);
    };
    const result = Promise.resolve().then(() => work({ signal: stop.signal, onProgress }));
    const running: Running<T> = { result, stop, listeners, last: undefined };
    this.#running.set(key, running);
    const forget = () => {
      if (this.#running.get(key) === running) this.#running.delete(key);
    };
    result.then(forget, forget);
    return running;
  }
}

function untilAborted(signal: AbortSignal): { readonly promise: Promise<never>; forget(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined); // Whoever waited for it may have gone by then.
  const onAbort = () => reject(signal.reason as Error);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return { promise, forget: () => signal.removeEventListener('abort', onAbort) };
}
