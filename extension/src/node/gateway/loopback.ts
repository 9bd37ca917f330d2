import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gatewayNotOpened } from './errors.ts';
import { INVALID_REQUEST, PARSE_ERROR, REFUSED, rpcError } from './json-rpc.ts';
import { refusalOf } from './request-checks.ts';
import { sendResponse } from './send-response.ts';

/** Arguments of a call: a file to be written is the largest that makes sense. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const MOST_CONNECTIONS = 256;
/** For the whole of a request to arrive; an answer may take as long as it wants. */
const REQUEST_LIMIT_MS = 60_000;

/** Serves a request whose sender may ask for it. The body is parsed; the request's signal says when nobody waits any more. */
export type Serve = (request: Request, body: unknown) => Promise<Response>;

export interface Loopback {
  readonly port: number;
  close(): Promise<void>;
}

/** A server on 127.0.0.1 that answers nobody without the token. No answer may be read by a page of another origin. */
export async function openLoopback(token: string, serve: Serve): Promise<Loopback> {
  const server = createServer({ requestTimeout: REQUEST_LIMIT_MS, headersTimeout: REQUEST_LIMIT_MS });
  server.maxConnections = MOST_CONNECTIONS;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    throw gatewayNotOpened(error);
  }
  const { port } = server.address() as AddressInfo;
  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort(new Error('The client has closed its connection.')));
    void answer(incoming, { port, token, serve, signal: gone.signal })
      .catch(() => rpcError(500, -32603, 'Internal error'))
      .then((response) => sendResponse(response, outgoing))
      .catch(() => outgoing.destroy()); // Nobody is there to be told.
  });
  return {
    port,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Answering {
  readonly port: number;
  readonly token: string;
  readonly serve: Serve;
  readonly signal: AbortSignal;
}

async function answer(incoming: IncomingMessage, options: Answering): Promise<Response> {
  const { port, token, serve, signal } = options;
  const refusal = refusalOf(incoming.headers, port, token);
  if (refusal) return closing(rpcError(refusal.status, REFUSED, refusal.message, refusal.headers));
  const method = incoming.method ?? 'GET';
  if (!['GET', 'POST', 'DELETE'].includes(method))
    return closing(rpcError(405, REFUSED, 'Method not allowed.', { Allow: 'GET, POST, DELETE' }));
  const request = new Request(new URL(incoming.url ?? '/', `http://127.0.0.1:${port}`), {
    method,
    headers: headersOf(incoming),
    signal,
  });
  if (method !== 'POST') return serve(request, undefined);
  if (!/^application\/json\s*(;|$)/i.test(incoming.headers['content-type'] ?? ''))
    return closing(rpcError(415, REFUSED, 'The Content-Type must be application/json.'));
  const text = await readBody(incoming);
  if (text === undefined)
    return closing(rpcError(413, INVALID_REQUEST, `A request may have ${MAX_BODY_BYTES} bytes at most.`));
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return rpcError(400, PARSE_ERROR, 'The body is not valid JSON.');
  }
  return serve(request, body);
}

/** What is left of its body is not read, so the connection cannot be used again. */
function closing(response: Response): Response {
  response.headers.set('Connection', 'close');
  return response;
}

/** Undefined when it is too large; nothing is read after that, and the connection stays open for the answer. */
function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  if (Number(incoming.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) {
        chunks.push(chunk);
        return;
      }
      incoming.pause();
      incoming.removeAllListeners('data');
      resolve(undefined);
    });
    incoming.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    incoming.once('error', reject);
  });
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  return headers;
}
