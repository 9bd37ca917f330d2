import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { messageOf } from '../../../base/errors.ts';
import type { EgressConnection } from '../../../protocol/tool-use.ts';
import { canonicalHost, parseTarget, type AllowedHosts, type Target } from './allowed-hosts.ts';
import { dial, dialThrough, openTunnel, type Dialled, type DialOptions, type Resolve } from './dial.ts';
import { endToEnd } from './end-to-end-headers.ts';
import { authorization, upstreamProxy, type ProxyEnvironment } from './upstream-proxy.ts';

export interface ProxyOptions {
  /** Name of the server that uses it, for what it is told. */
  readonly server: string;
  readonly hosts: AllowedHosts;
  readonly resolve: Resolve;
  /** Where the machine's own proxies are named. */
  readonly env: ProxyEnvironment;
  readonly onConnection: (connection: EgressConnection) => void;
  readonly signal: AbortSignal;
}

const headLimitMs = 20_000;
/** Without a byte in either direction. */
const idleLimitMs = 10 * 60_000;
/** For a client to read what is left and to close. */
const lingerMs = 30_000;
const largestHead = 16 * 1024;

/**
 * An HTTP proxy for connections that come from anywhere, as streams: CONNECT, and requests with a whole http:// address.
 * Requests are read by Node's strict parser and written anew, so none can hide another. Returns what takes a connection.
 */
export function createProxy(options: ProxyOptions): (connection: Duplex) => void {
  const http = createServer({ maxHeaderSize: largestHead });
  /** Connections that have not asked for anything yet. */
  const waiting = new Map<Duplex, NodeJS.Timeout>();
  const heard = (connection: Duplex) => {
    clearTimeout(waiting.get(connection));
    waiting.delete(connection);
  };
  http.on('request', (asked, answer) => {
    heard(asked.socket);
    // Something that neither Node nor this file foresaw in foreign data ends that connection and no more.
    forward(options, asked, answer).catch(() => asked.socket.destroy());
  });
  http.on('connect', (asked: IncomingMessage, client: Duplex, head: Buffer) => {
    heard(client);
    tunnel(options, asked, client, head).catch(() => client.destroy());
  });
  http.on('clientError', (error, client) => {
    if (client.writable) client.end(page(400, `This is no request that a proxy takes: ${messageOf(error)}`));
    else client.destroy();
  });
  return (connection) => {
    waiting.set(
      connection,
      setTimeout(() => connection.destroy(), headLimitMs),
    );
    connection.once('close', () => heard(connection));
    http.emit('connection', connection);
  };
}

async function tunnel(
  options: ProxyOptions,
  asked: IncomingMessage,
  client: Duplex,
  head: Buffer,
): Promise<void> {
  client.on('error', () => undefined); // Its close is what matters.
  const target = parseTarget(asked.url ?? '');
  if (!target) {
    client.end(page(400, 'CONNECT takes a host and a port, as in example.com:443.'));
    return;
  }
  const record = recorder(options, target);
  const reached = await reach(options, target, 'tunnel', closing(client, options.signal));
  if (reached.kind !== 'open') {
    record.end(reached.kind !== 'refused');
    client.end(refusal(options, target, reached));
    return;
  }
  const { socket } = reached;
  const before = { sent: socket.bytesWritten, received: socket.bytesRead - socket.readableLength };
  socket.setTimeout(idleLimitMs, () => socket.destroy());
  socket.on('error', () => client.destroy());
  socket.once('close', () => {
    // What came last is still on its way to a client that takes its time.
    const late = setTimeout(() => client.destroy(), lingerMs).unref();
    client.once('close', () => clearTimeout(late));
    record.sent = socket.bytesWritten - before.sent;
    record.received = socket.bytesRead - before.received;
    record.end(true);
  });
  client.once('close', () => socket.destroy());
  client.write('HTTP/1.1 200 Connection established\r\n\r\n');
  if (head.length > 0) socket.write(head);
  client.pipe(socket);
  socket.pipe(client);
}

async function forward(options: ProxyOptions, asked: IncomingMessage, answer: ServerResponse): Promise<void> {
  for (const stream of [asked, answer]) stream.on('error', () => undefined); // The close of both is what matters.
  const url = URL.parse(asked.url ?? '');
  const host = url === null ? undefined : canonicalHost(url.hostname);
  if (url?.protocol !== 'http:' || host === undefined) {
    answer.writeHead(400, { 'content-type': 'text/plain', connection: 'close' });
    answer.end('This is a proxy: it takes CONNECT, or a whole address that begins with http://.\n');
    return;
  }
  const target = { host, port: Number(url.port || 80) };
  const record = recorder(options, target);
  const reached = await reach(options, target, 'plain', closing(asked.socket, options.signal));
  if (reached.kind !== 'open') {
    record.end(reached.kind !== 'refused');
    const [status, text] = explain(options, target, reached);
    answer.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
    answer.end(`${text}\n`);
    return;
  }
  const { socket } = reached;
  socket.setTimeout(idleLimitMs, () => socket.destroy());
  socket.once('close', () => {
    record.sent = socket.bytesWritten;
    record.received = socket.bytesRead;
    record.end(true);
  });
  answer.once('close', () => socket.destroy());
  const proxy = upstreamProxy(target, 'plain', options.env);
  const credentials = proxy && authorization(proxy);
  const sent = request({
    createConnection: () => socket,
    method: asked.method ?? 'GET',
    path: proxy ? `http://${url.host}${url.pathname}${url.search}` : `${url.pathname}${url.search}`,
    headers: [
      ...['Host', url.host],
      ...endToEnd(asked.rawHeaders, 'request'),
      ...(hasBody(asked) ? [] : bodiless(asked)),
      ...(credentials === undefined ? [] : ['Proxy-Authorization', credentials]),
      ...['Connection', 'close'],
    ],
  });
  sent.once('response', (got) => {
    got.once('error', () => answer.destroy());
    try {
      answer.writeHead(got.statusCode ?? 502, got.statusMessage, endToEnd(got.rawHeaders, 'response'));
      got.pipe(answer);
    } catch {
      socket.destroy(); // A header that may be read and not be written.
      answer.destroy();
    }
  });
  sent.once('error', (error) => {
    if (answer.headersSent) answer.destroy();
    else answer.writeHead(502, { 'content-type': 'text/plain' }).end(`${host}: ${messageOf(error)}\n`);
  });
  asked.pipe(sent);
}

/** Asks the list, then connects, through the machine's own proxy where it has one. */
async function reach(
  { hosts, resolve, env }: ProxyOptions,
  target: Target,
  kind: 'tunnel' | 'plain',
  signal: AbortSignal,
): Promise<Dialled> {
  const verdict = hosts.verdict(target);
  if (verdict === 'refused') return { kind: 'refused', address: target.host };
  const isNamed = (address: Target): boolean => hosts.verdict(address) === 'named';
  const options: DialOptions = { verdict, isNamed, resolve, signal };
  const proxy = upstreamProxy(target, kind, env);
  if (!proxy) return dial(target, options);
  const reached = await dialThrough(proxy, target, options);
  return reached.kind === 'open' && kind === 'tunnel'
    ? openTunnel(reached.socket, proxy, target, signal)
    : reached;
}

type NotReached = Exclude<Dialled, { kind: 'open' }>;

function explain({ server, hosts }: ProxyOptions, target: Target, reached: NotReached): [number, string] {
  if (reached.kind === 'failed')
    return [reached.status, `${target.host} cannot be reached: ${reached.reason}.`];
  const usual = target.port === 443 || target.port === 80;
  const name = isIP(target.host) === 6 ? `[${target.host}]` : target.host;
  const where = `servers.${server}.network in .strata/tools.jsonc`;
  if (hosts.verdict(target) === 'refused')
    return [
      403,
      `The server ${server} may not reach ${name}:${target.port}. To allow it, add "${usual ? name : `${name}:${target.port}`}" to ${where}.`,
    ];
  return [
    403,
    `${name} leads to ${reached.address}, which is not an address of the public internet. To allow it, add that address to ${where}.`,
  ];
}

function refusal(options: ProxyOptions, target: Target, reached: NotReached): string {
  return page(...explain(options, target, reached));
}

/** Many clients show the reason that stands in the first line of the answer to CONNECT, and nothing after it. */
function page(status: number, text: string): string {
  const line = text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 500);
  const body = `${text}\n`;
  return (
    `HTTP/1.1 ${status} ${line}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  );
}

function recorder({ onConnection }: ProxyOptions, { host, port }: Target) {
  const at = Date.now();
  const started = performance.now();
  const record = { sent: 0, received: 0, end };
  function end(allowed: boolean): void {
    const durationMs = Math.round(performance.now() - started);
    const { sent: sentBytes, received: receivedBytes } = record;
    onConnection({ host, port, allowed, at, durationMs, sentBytes, receivedBytes });
  }
  return record;
}

/** Aborts with the connection that somebody waits on. */
function closing(client: Duplex | Socket, signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  client.once('close', () => controller.abort(new Error('the client has gone')));
  return AbortSignal.any([signal, controller.signal]);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** Or the client library would announce a body in pieces for some methods. */
function bodiless({ method }: IncomingMessage): string[] {
  return method === 'GET' || method === 'HEAD' ? [] : ['Content-Length', '0'];
}
