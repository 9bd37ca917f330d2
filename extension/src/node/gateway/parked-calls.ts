import { randomUUID } from 'node:crypto';
import type { OpenCall } from './open-call.ts';

/** Where a call waits for its client to come back with answers. */
export interface ParkedCalls<T> {
  /** Returns the ticket that it is fetched with. */
  park(call: OpenCall<T>, what: string): string;
  /** Undefined for a ticket that was used, is too old, or is for another call. */
  fetch(ticket: string, what: string): OpenCall<T> | undefined;
  dispose(): void;
}

interface Parked<T> {
  readonly call: OpenCall<T>;
  readonly what: string;
  readonly timer: NodeJS.Timeout;
}

export interface ParkingOptions {
  /** A person may be thinking. */
  readonly limitMs: number;
  readonly most: number;
}

export function createParkedCalls<T>({ limitMs, most }: ParkingOptions): ParkedCalls<T> {
  const parked = new Map<string, Parked<T>>();
  const drop = (ticket: string, reason: string): void => {
    const entry = parked.get(ticket);
    parked.delete(ticket);
    clearTimeout(entry?.timer);
    entry?.call.abort(new Error(reason));
  };
  return {
    park: (call, what) => {
      const [oldest] = parked.keys();
      if (parked.size >= most && oldest !== undefined) drop(oldest, 'Too many calls wait for answers.');
      const ticket = randomUUID();
      const timer = setTimeout(() => drop(ticket, 'The client did not answer in time.'), limitMs);
      timer.unref();
      parked.set(ticket, { call, what, timer });
      return ticket;
    },
    fetch: (ticket, what) => {
      const entry = parked.get(ticket);
      if (entry?.what !== what) return undefined;
      parked.delete(ticket);
      clearTimeout(entry.timer);
      return entry.call;
    },
    dispose: () => {
      for (const ticket of parked.keys()) drop(ticket, 'The gateway was closed.');
    },
  };
}
