import { randomBytes } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { Disposables } from '../../base/disposable.ts';
import { buildServer } from './build-server.ts';
import { notificationsOf, watchChanges } from './changes.ts';
import { envelopeClient, initializingClient, listenedResources, UNNAMED } from './client-info.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { listenToResources } from './listened-resources.ts';
import { createParkedCalls } from './parked-calls.ts';
import type { Answer, Scope } from './scope.ts';
import type { GatewaySession, OpenSession } from './session.ts';
import { WatchedTransport } from './watched-transport.ts';

export interface StdioOptions {
  readonly openSession: OpenSession;
  /** Absent for all of them. */
  readonly server: string | undefined;
  readonly version: string;
  readonly input: Readable;
  readonly output: Writable;
  /** Ends the session, as the end of the input does. */
  readonly signal: AbortSignal;
}

/** Serves one client over standard streams until it closes its end. What was started for it has ended when this returns. */
export async function serveStdioGateway(options: StdioOptions): Promise<void> {
  const { openSession, version, input, output, signal } = options;
  const life = new AbortController();
  const open = new Disposables();
  const { answerMs, mostParked } = DEFAULT_LIMITS;
  const parked = createParkedCalls<Answer>({ limitMs: answerMs, most: mostParked });
  let client = UNNAMED;
  let session: Promise<GatewaySession> | undefined;
  const scope: Scope = {
    session: () => (session ??= openSession(client)),
    server: options.server,
    parked,
    life: () => life.signal,
    stateKey: randomBytes(32),
    version,
    known: {},
  };

  const look = (message: JSONRPCMessage): void => {
    client = initializingClient(message) ?? envelopeClient(message) ?? client;
    const uris = listenedResources(message);
    // A server that cannot be asked changes nothing that could be told.
    if (uris)
      listenToResources(scope, uris, life.signal).then(
        (one) => open.add(one),
        () => undefined,
      );
  };
  const ended = Promise.withResolvers<undefined>();
  const end = (): void => ended.resolve(undefined);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const handle = serveStdio(
    async () => {
      const server = await buildServer(scope, life.signal);
      const watching = watchChanges(scope, notificationsOf(server));
      server.onclose = () => watching.dispose();
      return server;
    },
    {
      transport: new WatchedTransport(new StdioServerTransport(input, output), {
        onMessage: look,
        onClosed: end,
      }),
    },
  );
  await ended.promise;
  signal.removeEventListener('abort', end);
  life.abort(new Error('The client is gone.'));
  open.dispose();
  parked.dispose();
  await handle.close();
  // One that could not be opened has told the client, and left nothing to close.
  await session?.then((one) => one.close()).catch(() => undefined);
}
