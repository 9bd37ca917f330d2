import { randomUUID } from 'node:crypto';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import type { Disposable } from '../../base/disposable.ts';
import { buildServer } from './build-server.ts';
import { notificationsOf, watchChanges } from './changes.ts';
import { initializingClient } from './client-info.ts';
import type { Clients, HeldClient } from './clients.ts';
import { createEventStore } from './event-store.ts';
import { INVALID_REQUEST, REFUSED, rpcError, SESSION_NOT_FOUND } from './json-rpc.ts';
import type { GatewayLimits } from './limits.ts';
import type { Scope } from './scope.ts';
import { whenSent } from './when-sent.ts';

/** One client of the older revisions, from its `initialize` until it says that it goes, or is lost. */
interface LegacySession {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly end: () => Promise<void>;
  /** A request of it is open. */
  readonly opened: () => Disposable;
}

export interface LegacySessions {
  serve(request: Request, body: unknown): Promise<Response>;
  dispose(): Promise<void>;
}

export type ScopeOf = (client: HeldClient, life: Scope['life']) => Scope;

/** Sessions of the older revisions of the protocol at one address. */
export function createLegacySessions(
  clients: Clients,
  limits: GatewayLimits,
  scopeOf: ScopeOf,
): LegacySessions {
  const sessions = new Map<string, LegacySession>();

  const initialize = async (request: Request, body: unknown): Promise<Response> => {
    const info = initializingClient(body);
    if (!info)
      return rpcError(
        400,
        INVALID_REQUEST,
        'A session begins with a request “initialize” that names its client.',
      );
    if (sessions.size >= limits.mostSessions) return rpcError(503, REFUSED, 'Too many sessions are open.');
    const client = clients.hold(info);
    try {
      const session = await openSession(client, limits, scopeOf, request.signal, (id, opened) => {
        sessions.set(id, opened);
        return () => sessions.delete(id);
      });
      return await handle(session, request, body);
    } catch (error) {
      client.release();
      throw error;
    }
  };

  return {
    serve: async (request, body) => {
      const id = request.headers.get('mcp-session-id');
      if (id === null) {
        if (request.method === 'POST') return initialize(request, body);
        return rpcError(400, INVALID_REQUEST, 'The header Mcp-Session-Id is missing.');
      }
      const session = sessions.get(id);
      if (!session) return rpcError(404, SESSION_NOT_FOUND, 'Session not found');
      return handle(session, request, body);
    },
    dispose: async () => {
      await Promise.all([...sessions.values()].map((session) => session.end()));
    },
  };
}

async function handle(session: LegacySession, request: Request, body: unknown): Promise<Response> {
  const open = session.opened();
  try {
    const options = body === undefined ? {} : { parsedBody: body };
    return whenSent(await session.transport.handleRequest(request, options), () => open.dispose());
  } catch (error) {
    open.dispose();
    throw error;
  }
}

async function openSession(
  client: HeldClient,
  limits: GatewayLimits,
  scopeOf: ScopeOf,
  signal: AbortSignal,
  register: (id: string, session: LegacySession) => () => void,
): Promise<LegacySession> {
  let life = new AbortController();
  const scope = scopeOf(client, () => life.signal);
  const server = await buildServer(scope, signal);
  let forget: () => void = () => undefined;
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore: createEventStore(limits.resumeBytes),
    onsessioninitialized: (id) => {
      forget = register(id, session);
    },
  });
  const watching = watchChanges(scope, notificationsOf(server));
  let ended = false;
  const end = async (): Promise<void> => {
    if (ended) return;
    ended = true;
    forget();
    clearTimeout(timers.lost);
    clearTimeout(timers.idle);
    watching.dispose();
    life.abort(new Error('The session has ended.'));
    await server.close();
    client.release();
  };

  const timers: { lost?: NodeJS.Timeout; idle?: NodeJS.Timeout } = {};
  let open = 0;
  const session: LegacySession = {
    transport,
    end,
    opened: () => {
      open += 1;
      clearTimeout(timers.lost);
      clearTimeout(timers.idle);
      let disposed = false;
      return {
        dispose: () => {
          if (disposed) return;
          disposed = true;
          open -= 1;
          if (open > 0 || ended) return;
          // It may come back for the rest of an answer; after that nobody waits for one.
          timers.lost = setTimeout(() => {
            life.abort(new Error('The client is gone.'));
            life = new AbortController();
          }, limits.lostMs).unref();
          timers.idle = setTimeout(() => void end(), limits.idleMs).unref();
        },
      };
    },
  };
  server.onclose = () => void end();
  await server.connect(transport);
  return session;
}
