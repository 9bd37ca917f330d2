import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TokenProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** Adds the gateway's headers to every request: the official suite cannot send any of its own. All else stays as it is. */
export async function withToken(url: string, headers: Readonly<Record<string, string>>): Promise<TokenProxy> {
  const target = new URL(url);
  const proxy = createServer((incoming, outgoing) => {
    const own = `127.0.0.1:${port}`;
    const kept = Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [
        name,
        typeof value === 'string' ? value.replace(own, target.host) : value,
      ]),
    );
    const onward = request(target, {
      method: incoming.method,
      headers: { ...kept, ...headers },
      setHost: false,
    });
    onward.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${target.pathname}`,
    close: async () => {
      const closed = new Promise((resolve) => proxy.close(resolve));
      proxy.closeAllConnections();
      await closed;
    },
  };
}
