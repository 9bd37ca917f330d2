import {
  SdkHttpError,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type FetchLike,
  type Transport,
} from '@modelcontextprotocol/client';
import * as z from 'zod';
import type { SignInStore, ToolSurroundings } from '../../../core/tools/tool-host.ts';
import { addressNotAllowed } from '../errors.ts';
import type { Link, LinkListener } from '../link.ts';
import { WireGuard } from '../wire-guard.ts';
import { addressProblem, guardedFetch } from './guarded-fetch.ts';
import { SignIn } from './sign-in.ts';
import { memoryStore } from './sign-in-record.ts';

/** A server that somebody else runs. */
export interface HttpAddress {
  readonly url: string;
  /** Asked for whenever a connection is opened; it may throw a `StrataError`. */
  readonly headers?: () => Promise<Readonly<Record<string, string>>>;
  /** A client that was registered by hand with the server's authorization server. */
  readonly client?: { readonly id: string; readonly secret?: string };
  readonly clientMetadataUrl?: string;
  /** Absent where nobody can sign in. */
  readonly openAddress?: ToolSurroundings['openAddress'];
  /** Absent where sign-ins are not kept. */
  readonly signIns?: SignInStore;
}

/** How to get at one address. Links are opened anew, the sign-in is one. */
export interface HttpSource {
  readonly url: URL;
  readonly signIn: SignIn;
  open(kind: 'streamable' | 'sse', listener: LinkListener): Promise<Link>;
}

const leaveLimitMs = 2000;

export function openHttpSource(server: string, address: HttpAddress): HttpSource {
  const url = parseAddress(server, address.url);
  const guarded = guardedFetch(url);
  const signIn = new SignIn({
    server,
    url,
    fetch: guarded,
    store: address.signIns ?? memoryStore(),
    ...(address.openAddress ? { openAddress: address.openAddress } : {}),
    ...(address.client ? { client: address.client } : {}),
    ...(address.clientMetadataUrl === undefined ? {} : { clientMetadataUrl: address.clientMetadataUrl }),
  });
  return {
    url,
    signIn,
    open: async (kind, listener) => {
      const headers = { ...(await address.headers?.()) };
      // Whoever gave a key does not want to sign in.
      const hasKey = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
      const options = { fetch: withTaskName(hasKey ? guarded : signIn.fetch), requestInit: { headers } };
      if (kind === 'sse') return httpLink(url, new SSEClientTransport(url, options), listener);
      const transport = new StreamableHTTPClientTransport(url, options);
      return httpLink(url, transport, listener, () => leave(transport));
    },
  };
}

/** Whether an answer says that there is no Streamable HTTP at an address, so that the transport before it is worth a try. */
export function speaksNoStreamable(error: unknown): boolean {
  return error instanceof SdkHttpError && [400, 404, 405].includes(error.data.status);
}

function parseAddress(server: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw addressNotAllowed(server, `${JSON.stringify(text)} is no address.`);
  const problem = addressProblem(url, url);
  if (problem !== undefined) throw addressNotAllowed(server, problem);
  if (url.username !== '' || url.password !== '')
    throw addressNotAllowed(server, 'a password does not belong into an address; use a header.');
  return url;
}

function httpLink(
  url: URL,
  transport: Transport,
  { onStray }: LinkListener,
  leave: () => Promise<void> = () => Promise.resolve(),
): Link {
  let refused: string | undefined;
  const guard = new WireGuard(transport, {
    onStray,
    onRefuse: (reason) => {
      refused = reason;
      void transport.close();
    },
  });
  return {
    guard,
    key: url.href,
    endWithin: () => Promise.resolve(undefined),
    reason: () => (refused === undefined ? undefined : `the connection was closed because ${refused}`),
    close: async () => {
      await leave();
      await transport.close();
    },
  };
}

/** Tells a server of the older revisions that its session is over. Most have forgotten it by themselves. */
async function leave(transport: StreamableHTTPClientTransport): Promise<void> {
  if (transport.sessionId === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, leaveLimitMs)));
  const left = transport.terminateSession().catch(() => undefined); // It may be gone, which is as good.
  await Promise.race([left, late]).finally(() => clearTimeout(timer));
}

const taskRequest = z.object({
  method: z.string().startsWith('tasks/'),
  params: z.object({ taskId: z.string() }),
});

/** Requests about a task name it in a header, by which proxies find the server that has it. */
function withTaskName(inner: FetchLike): FetchLike {
  return (url, init) => {
    const headers = new Headers(init?.headers);
    if (headers.get('mcp-method')?.startsWith('tasks/') !== true || typeof init?.body !== 'string')
      return inner(url, init);
    const request = taskRequest.safeParse(JSON.parse(init.body));
    if (request.success) headers.set('mcp-name', headerText(request.data.params.taskId));
    return inner(url, { ...init, headers });
  };
}

/** As the newer revision writes values into headers that are not plain text. */
function headerText(value: string): string {
  const plain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !value.startsWith('=?base64?');
  return plain ? value : `=?base64?${Buffer.from(value).toString('base64')}?=`;
}
