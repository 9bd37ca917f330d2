import { createServer, type Server } from 'node:http';
import { untilAborted } from '../shared-work.ts';

/** Where the browser is sent at the end of a sign-in: a port of this machine, open only while one is under way. */
export interface RedirectReceiver {
  readonly url: string;
  readonly port: number;
  /** What the browser brought back, which it may have done already. */
  wait(signal: AbortSignal): Promise<URLSearchParams>;
  close(): void;
}

const page = (text: string) =>
  `<!doctype html><meta charset="utf-8"><title>Strata</title><body style="font-family: sans-serif"><p>${text}</p>`;

export interface ReceiverOptions {
  /** Only what carries it is taken. */
  readonly state: string;
  /** The one that the last sign-in used, which the authorization server may insist on. */
  readonly port: number | undefined;
}

export async function openRedirectReceiver({ state, port }: ReceiverOptions): Promise<RedirectReceiver> {
  let arrive: (query: URLSearchParams) => void = () => undefined;
  const arrived = new Promise<URLSearchParams>((resolve) => (arrive = resolve));
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    // Without the state it may come from anybody who guessed the port, and must not end the sign-in.
    const isOurs =
      request.method === 'GET' && url.pathname === '/callback' && url.searchParams.get('state') === state;
    response.writeHead(isOurs ? 200 : 404, { 'content-type': 'text/html', connection: 'close' });
    response.end(page(isOurs ? 'You can close this window and go back to the editor.' : 'Not found.'));
    if (isOurs) arrive(url.searchParams);
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
    wait: (signal) => untilAborted(arrived, signal),
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
