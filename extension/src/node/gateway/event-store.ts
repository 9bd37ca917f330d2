import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server';

interface Kept {
  readonly number: number;
  readonly stream: string;
  readonly message: JSONRPCMessage;
  readonly size: number;
}

const SEPARATOR = '_';

/** The newest messages of a session, for a client whose connection broke and that comes back for the rest. */
export function createEventStore(maxBytes: number): EventStore {
  const kept: Kept[] = [];
  let bytes = 0;
  let last = 0;
  return {
    storeEvent: (stream, message) => {
      last += 1;
      const size = JSON.stringify(message).length;
      kept.push({ number: last, stream, message, size });
      bytes += size;
      while (bytes > maxBytes && kept.length > 1) bytes -= kept.shift()?.size ?? 0;
      return Promise.resolve(`${stream}${SEPARATOR}${last}`);
    },
    getStreamIdForEventId: (id) => {
      const { stream, number } = partsOf(id);
      // Of a stream whose messages are gone in part, the rest would look like the whole.
      const known = kept.some((one) => one.stream === stream && one.number <= number);
      return Promise.resolve(known ? stream : undefined);
    },
    replayEventsAfter: async (id, { send }) => {
      const { stream, number } = partsOf(id);
      const missed = kept.filter((one) => one.stream === stream && one.number > number);
      for (const one of missed) await send(`${stream}${SEPARATOR}${one.number}`, one.message);
      return stream;
    },
  };
}

function partsOf(id: string): { readonly stream: string; readonly number: number } {
  const at = id.lastIndexOf(SEPARATOR);
  return { stream: id.slice(0, Math.max(at, 0)), number: Number(id.slice(at + 1)) };
}
