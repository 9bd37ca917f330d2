import { randomBytes } from 'node:crypto';
import { createClients } from './clients.ts';
import { createEndpoint } from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import { REFUSED, rpcError } from './json-rpc.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { GatewayLimits } from './limits.ts';
import { openLoopback } from './loopback.ts';
import type { OpenSession } from './session.ts';

export interface GatewayOptions {
  readonly openSession: OpenSession;
  /** Names of the servers that have an address of their own now. */
  readonly servers: () => Promise<readonly string[]>;
  readonly version: string;
  readonly limits?: Partial<GatewayLimits>;
}

/** MCP servers on the loopback address, for the editor's own agents and other programs of this user. */
export interface Gateway {
  /** Of one server, or of all of them in one. */
  url(server?: string): string;
  readonly token: string;
  /** What a request must carry. */
  readonly headers: Readonly<Record<string, string>>;
  /** Calls under way are called off, and their runs end. */
  dispose(): Promise<void>;
}

const TOKEN_BYTES = 32;
const ADDRESS = /^\/mcp(?:\/([A-Za-z0-9_-]{1,64}))?\/?$/;

export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { openSession, version } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const stateKey = randomBytes(32);
  const clients = createClients(openSession, limits.idleMs);
  const endpoints = new Map<string | undefined, Endpoint>();

  const endpointOf = async (server: string | undefined): Promise<Endpoint | undefined> => {
    const known = endpoints.get(server);
    if (known) return known;
    if (server !== undefined && !(await options.servers()).includes(server)) return undefined;
    // Another request may have been quicker.
    const made = endpoints.get(server) ?? createEndpoint({ clients, limits, stateKey, version, server });
    endpoints.set(server, made);
    return made;
  };

  const loopback = await openLoopback(token, async (request, body) => {
    const address = ADDRESS.exec(new URL(request.url).pathname);
    const endpoint = address ? await endpointOf(address[1]) : undefined;
    if (!endpoint) return rpcError(404, REFUSED, 'There is no MCP server at this address.');
    return endpoint.serve(request, body);
  });

  return {
    url: (server) => `http://127.0.0.1:${loopback.port}/mcp${server === undefined ? '' : `/${server}`}`,
    token,
    headers: { Authorization: `Bearer ${token}` },
    dispose: async () => {
      await Promise.all([...endpoints.values()].map((endpoint) => endpoint.dispose()));
      await loopback.close();
      await clients.dispose();
    },
  };
}
