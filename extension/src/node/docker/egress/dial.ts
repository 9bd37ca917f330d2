import { lookup, type LookupAddress } from 'node:dns';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { codeOf } from '../connect-failure.ts';
import { messageOf } from '../../../base/errors.ts';
import type { AllowedHosts, Target } from './allowed-hosts.ts';
import { isLoopback, isPublic } from './special-addresses.ts';
import { authorization } from './upstream-proxy.ts';

export type Dialled =
  | { readonly kind: 'open'; readonly socket: Socket }
  /** The address behind the name is one that must be allowed by itself. */
  | { readonly kind: 'refused'; readonly address: string }
  | { readonly kind: 'failed'; readonly status: 502 | 504; readonly reason: string };

/** All the addresses of a name. In tests a name server that lies. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

export interface DialOptions {
  readonly verdict: Exclude<ReturnType<AllowedHosts['verdict']>, 'refused'>;
  /** The list names this very address, so a name that is allowed may lead there. */
  readonly isNamed: (target: Target) => boolean;
  readonly resolve: Resolve;
  readonly signal: AbortSignal;
}

export const dialLimitMs = 20_000;

export const resolveName: Resolve = (host) =>
  new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });

/**
 * Connects to a host that the list allows. The name is resolved here, once, and the connection goes to the very addresses
 * that were looked at: a name that leads somewhere else the second time it is asked for leads nowhere.
 */
export async function dial(target: Target, options: DialOptions): Promise<Dialled> {
  const { signal } = options;
  try {
    const checked = await check(target, options);
    if (checked.kind === 'refused') return checked;
    const socket = connect({
      host: checked.addresses.length === 1 ? (checked.addresses[0]?.address ?? '') : target.host,
      port: target.port,
      autoSelectFamily: true,
      lookup: (_host, _options, done) => done(null, [...checked.addresses]),
    });
    return { kind: 'open', socket: await connected(socket, 'connect', signal) };
  } catch (error) {
    return failure(target, error);
  }
}

/**
 * Connects through a proxy of this machine, which resolves names by itself: a name that leads to none but public addresses
 * here, or that only the proxy knows, is passed on to it.
 */
export async function dialThrough(proxy: URL, target: Target, options: DialOptions): Promise<Dialled> {
  try {
    const checked = await check(target, options).catch((error: unknown) => {
      if (isIP(target.host) !== 0) throw error;
      return undefined; // Many networks with a proxy resolve no outside names.
    });
    if (checked?.kind === 'refused') return checked;
    return { kind: 'open', socket: await connectProxy(proxy, options.signal) };
  } catch (error) {
    return failure(target, error);
  }
}

/** Has the proxy make a tunnel over a connection to it. */
export async function openTunnel(
  socket: Socket,
  proxy: URL,
  { host, port }: Target,
  signal: AbortSignal,
): Promise<Dialled> {
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const credentials = authorization(proxy);
  socket.write(
    `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n` +
      `${credentials === undefined ? '' : `Proxy-Authorization: ${credentials}\r\n`}\r\n`,
  );
  try {
    const head = await readHead(socket, signal);
    const [, status = ''] = /^HTTP\/1\.[01] (\d{3})/.exec(head) ?? [];
    if (status.startsWith('2')) return { kind: 'open', socket };
    socket.destroy();
    return {
      kind: 'failed',
      status: 502,
      reason: `the proxy ${proxy.host} answered ${status || 'nonsense'}`,
    };
  } catch (error) {
    socket.destroy();
    return failure({ host, port }, error);
  }
}

type Checked =
  | { readonly kind: 'fine'; readonly addresses: readonly LookupAddress[] }
  | { readonly kind: 'refused'; readonly address: string };

/** What of a name's addresses may be connected to. */
async function check({ host, port }: Target, { verdict, isNamed, resolve }: DialOptions): Promise<Checked> {
  const family = isIP(host);
  const addresses = family === 0 ? await resolve(host) : [{ address: host, family }];
  const fine = addresses.filter(({ address }) => {
    if (verdict === 'named') return family !== 0 || isLoopback(address);
    return isPublic(address) || isNamed({ host: address, port });
  });
  if (fine.length > 0) return { kind: 'fine', addresses: fine };
  const [first] = addresses;
  if (!first) throw new Error('the name has no address');
  return { kind: 'refused', address: first.address };
}

function connectProxy(proxy: URL, signal: AbortSignal): Promise<Socket> {
  const host = proxy.hostname.replace(/^\[(.*)\]$/, '$1');
  if (proxy.protocol === 'http:')
    return connected(connect({ host, port: Number(proxy.port || 80) }), 'connect', signal);
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return connected(
    connectTls({ host, port: Number(proxy.port || 443), ...servername }),
    'secureConnect',
    signal,
  );
}

async function connected(socket: Socket, event: string, signal: AbortSignal): Promise<Socket> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(dialLimitMs)]);
  await settled(socket, limit, (resolve) => socket.once(event, resolve));
  return socket;
}

const longestHead = 16 * 1024;

/** The proxy's answer up to its empty line; what comes after it is put back. */
async function readHead(socket: Socket, signal: AbortSignal): Promise<string> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(dialLimitMs)]);
  let head = Buffer.alloc(0);
  let take: ((chunk: Buffer) => void) | undefined;
  try {
    return await settled(socket, limit, (resolve: (text: string) => void, reject) => {
      take = (chunk) => {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0 && head.length <= longestHead) return;
        socket.pause();
        if (end < 0) {
          reject(new Error('the proxy’s answer is too long'));
          return;
        }
        if (end + 4 < head.length) socket.unshift(head.subarray(end + 4));
        resolve(head.toString('latin1', 0, end));
      };
      socket.on('data', take);
    });
  } finally {
    if (take) socket.off('data', take);
  }
}

/** Waits for something of a socket, and destroys it when that does not come. */
async function settled<T>(
  socket: Socket,
  signal: AbortSignal,
  start: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
): Promise<T> {
  let fail: (error?: Error) => void = () => undefined;
  const onAbort = () => fail(signal.reason instanceof Error ? signal.reason : undefined);
  try {
    return await new Promise<T>((resolve, reject) => {
      fail = (error) => reject(error ?? new Error('the connection was closed'));
      socket.once('error', fail);
      socket.once('close', fail);
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      start(resolve, reject);
    });
  } catch (error) {
    socket.on('error', () => undefined); // Whatever it still says, the first reason counts.
    socket.destroy();
    throw error;
  } finally {
    socket.off('error', fail);
    socket.off('close', fail);
    signal.removeEventListener('abort', onAbort);
  }
}

function failure({ host }: Target, error: unknown): Dialled {
  const late = error instanceof Error && error.name === 'TimeoutError';
  const unknown = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA'].includes(codeOf(error) ?? '');
  const reason = unknown ? `the name ${host} has no address` : messageOf(error) || 'no address answers';
  return { kind: 'failed', status: late ? 504 : 502, reason };
}
