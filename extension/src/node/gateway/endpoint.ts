import { createMcpHandler, isLegacyRequest } from '@modelcontextprotocol/server';
import { assert } from '../../base/assert.ts';
import { Disposables } from '../../base/disposable.ts';
import { buildServer } from './build-server.ts';
import { watchChanges } from './changes.ts';
import { envelopeClient, listenedResources, UNNAMED } from './client-info.ts';
import type { Clients, HeldClient } from './clients.ts';
import { listenToResources } from './listened-resources.ts';
import { createLegacySessions } from './legacy-sessions.ts';
import type { GatewayLimits } from './limits.ts';
import type { Serve } from './loopback.ts';
import { createParkedCalls } from './parked-calls.ts';
import type { Answer, Scope } from './scope.ts';
import { whenSent } from './when-sent.ts';

export interface EndpointOptions {
  readonly clients: Clients;
  readonly limits: GatewayLimits;
  readonly stateKey: Uint8Array;
  readonly version: string;
  /** Absent for the one that offers all of them. */
  readonly server: string | undefined;
}

/** One MCP server of the gateway, in both eras of the protocol. */
export interface Endpoint {
  readonly serve: Serve;
  dispose(): Promise<void>;
}

export function createEndpoint({ clients, limits, stateKey, version, server }: EndpointOptions): Endpoint {
  const parked = createParkedCalls<Answer>({ limitMs: limits.answerMs, most: limits.mostParked });
  const known: Scope['known'] = {};
  const scopeOf = (client: HeldClient, life: Scope['life']): Scope => ({
    session: () => client.session(),
    server,
    parked,
    life,
    stateKey,
    version,
    known,
  });
  /** A client of one request is gone when the request is. */
  const never = new AbortController().signal;
  const legacy = createLegacySessions(clients, limits, scopeOf);

  /** Clients of requests that are being answered; the SDK hands a name through to where the server is built. */
  const held = new Map<string, HeldClient>();
  let next = 0;
  const modern = createMcpHandler(
    ({ authInfo, requestInfo }) => {
      const client = held.get(authInfo?.clientId ?? '');
      assert(client, 'a request has a client');
      return buildServer(
        scopeOf(client, () => never),
        requestInfo?.signal ?? never,
      );
    },
    { legacy: 'reject' },
  );

  const serveModern: Serve = async (request, body) => {
    const client = clients.hold(envelopeClient(body) ?? UNNAMED);
    const clientId = String((next += 1));
    held.set(clientId, client);
    const open = new Disposables();
    open.add({
      dispose: () => {
        held.delete(clientId);
        client.release();
      },
    });
    try {
      const uris = listenedResources(body);
      if (uris) {
        const scope = scopeOf(client, () => never);
        open.add(watchChanges(scope, modern.notify));
        open.add(await listenToResources(scope, uris, request.signal));
      }
      const response = await modern.fetch(request, {
        authInfo: { token: '', clientId, scopes: [] },
        parsedBody: body,
      });
      return whenSent(response, () => open.dispose());
    } catch (error) {
      open.dispose();
      throw error;
    }
  };

  return {
    serve: async (request, body) =>
      (await isLegacyRequest(request, body)) ? legacy.serve(request, body) : serveModern(request, body),
    dispose: async () => {
      parked.dispose();
      await Promise.all([legacy.dispose(), modern.close()]);
    },
  };
}
