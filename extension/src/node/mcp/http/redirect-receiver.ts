import { createServer, type Server } from 'node:http';

/** Where the browser is sent at the end of a sign-in: a port of this machine, open only while one is under way. */
export interface RedirectReceiver {
  readonly url: string;
  readonly port: number;
  /** What the browser brought back. */
  wait(state: string, signal: AbortSignal): Promise<URLSearchParams>;
  close(): void;
}

const page = (text: string) =>
  `<!doctype html><meta charset="utf-8"><title>Strata</title><body style="font-family: sans-serif"><p>${text}</p>`;

/** `port` is the one that the last sign-in used, which the authorization server may insist on. */
export async function openRedirectReceiver(port: number | undefined): Promise<RedirectReceiver> {
  let arrived: ((query: URLSearchParams) => void) | undefined;
  let expected: string | undefined;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const isOurs =
      request.method === 'GET' &&
      url.pathname === '/callback' &&
      expected !== undefined &&
      url.searchParams.get('state') === expected;
    // Without the state it may come from anybody who guessed the port, and must not end the sign-in.
    response.writeHead(isOurs ? 200 : 404, { 'content-type': 'text/html', connection: 'close' });
    response.end(page(isOurs ? 'You can close this window and go back to the editor.' : 'Not found.'));
    if (isOurs) arrived?.(url.searchParams);
  });
  await listen(server, port).catch((error: unknown) => {
    if (port === undefined) throw error;
    return listen(server, undefined); // Something else has taken the port meanwhile.
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${bound}/callback`,
    port: bound,
    wait: (state, signal) =>
      new Promise((resolve, reject) => {
        const abort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
        if (signal.aborted) {
          abort();
          return;
        }
        signal.addEventListener('abort', abort, { once: true });
        expected = state;
        arrived = (query) => {
          signal.removeEventListener('abort', abort);
          resolve(query);
        };
      }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function listen(server: Server, port: number | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port ?? 0, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}
