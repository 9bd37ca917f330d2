import type { GatewayClient, GatewaySession, OpenSession } from './session.ts';

/** A client that is there: as long as it is held, its session stays. */
export interface HeldClient {
  session(): Promise<GatewaySession>;
  release(): void;
}

export interface Clients {
  /** What calls itself the same is the same client, whatever it connects to: it works on one copy of the files. */
  hold(client: GatewayClient): HeldClient;
  /** Sessions that are open now. */
  sessions(): readonly Promise<GatewaySession>[];
  dispose(): Promise<void>;
}

interface Entry {
  session: Promise<GatewaySession> | undefined;
  held: number;
  timer: NodeJS.Timeout | undefined;
}

/** A session ends when nothing of its client was open for as long as `idleMs`. */
export function createClients(open: OpenSession, idleMs: number): Clients {
  const entries = new Map<string, Entry>();
  const closing = new Set<Promise<void>>();

  const close = (key: string, entry: Entry): void => {
    if (entries.get(key) === entry) entries.delete(key);
    clearTimeout(entry.timer);
    const { session } = entry;
    if (!session) return;
    // One that could not be opened has told whoever wanted it, and left nothing to close.
    const done = session.then((one) => one.close()).catch(() => undefined);
    closing.add(done);
    void done.then(() => closing.delete(done));
  };

  return {
    hold: (client) => {
      const key = JSON.stringify([client.name, client.version]);
      const entry: Entry = entries.get(key) ?? { session: undefined, held: 0, timer: undefined };
      entries.set(key, entry);
      entry.held += 1;
      clearTimeout(entry.timer);
      let released = false;
      return {
        session: () => {
          if (entry.session) return entry.session;
          const session = open(client);
          entry.session = session;
          session.catch(() => {
            if (entry.session === session) entry.session = undefined;
          });
          return session;
        },
        release: () => {
          if (released) return;
          released = true;
          entry.held -= 1;
          if (entry.held > 0) return;
          entry.timer = setTimeout(() => close(key, entry), idleMs);
          entry.timer.unref();
        },
      };
    },
    sessions: () => [...entries.values()].flatMap(({ session }) => session ?? []),
    dispose: async () => {
      for (const [key, entry] of entries) close(key, entry);
      await Promise.all(closing);
    },
  };
}
