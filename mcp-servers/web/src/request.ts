import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import { ToolFailure } from '../../tool.ts';

interface Options {
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

const headers = {
  'user-agent': 'strata-web/0.1 (MCP server)',
  accept: 'text/html, application/xhtml+xml, text/*;q=0.9, application/json;q=0.9, image/*;q=0.8, */*;q=0.5',
  'accept-encoding': 'gzip, deflate, br',
  'accept-language': 'en, *;q=0.5',
};

/**
 * One request, over the proxy that the environment names when it names one: a tunnel for https, a whole address for http.
 * Node's own `proxyEnv` came in the middle of version 22, and older ones of it are supported too.
 */
export async function request(url: URL, { environment, signal }: Options): Promise<IncomingMessage> {
  const { request: httpRequest } = process.getBuiltinModule('node:http');
  const { request: httpsRequest } = process.getBuiltinModule('node:https');
  const { connect: connectTls } = process.getBuiltinModule('node:tls');
  const proxy = proxyFor(url, environment);
  if (!proxy) {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return response(send, { ...addressOf(url), agent: false, headers, signal });
  }
  // A refusal of the proxy arrives as its answer, with the proxy's words.
  if (url.protocol === 'http:')
    return response(httpRequest, {
      ...addressOf(proxy),
      agent: false,
      path: url.href,
      headers: { ...headers, ...authorization(proxy), host: url.host },
      signal,
    });
  const tunnel = await openTunnel(proxy, url, signal);
  // Without `agent`: with one, Node before version 24 makes a connection of its own, past the tunnel.
  return response(httpsRequest, {
    ...addressOf(url),
    headers,
    signal,
    createConnection: () =>
      connectTls({ socket: tunnel, servername: url.hostname, ALPNProtocols: ['http/1.1'] }),
  });
}

function addressOf(url: URL): RequestOptions {
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || (url.protocol === 'https:' ? 443 : 80),
    path: `${url.pathname}${url.search}`,
    headers: { host: url.host },
  };
}

function response(
  send: (options: RequestOptions) => ClientRequest,
  options: RequestOptions,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    send(options).once('response', resolve).once('error', reject).end();
  });
}

function openTunnel(proxy: URL, url: URL, signal: AbortSignal): Promise<Socket> {
  const { request: httpRequest } = process.getBuiltinModule('node:http');
  const target = `${url.hostname}:${url.port || 443}`;
  return new Promise((resolve, reject) => {
    const asking = httpRequest({
      ...addressOf(proxy),
      agent: false,
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...authorization(proxy) },
      signal,
    });
    asking.once('connect', (answer: IncomingMessage, socket: Socket) => {
      if (answer.statusCode === 200) {
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(refused(url, answer));
    });
    asking.once('error', reject);
    asking.end();
  });
}

function refused(url: URL, { statusCode, statusMessage = '' }: IncomingMessage): ToolFailure {
  if (statusCode !== 403 && statusCode !== 407)
    return new ToolFailure(
      `${url.host} could not be reached: the proxy answered ${statusCode} ${statusMessage}`,
    );
  // The proxy of this server's sandbox says in its first line what to do; others say no more than "Forbidden".
  const advice = statusMessage.includes('.strata/')
    ? statusMessage
    : `The user can allow it in .strata/tools.jsonc, by adding "${url.hostname}" to servers.web.network.`;
  return new ToolFailure(`The host ${url.host} is not allowed. ${advice}`);
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(plain).toString('base64')}` };
}

function proxyFor(url: URL, environment: NodeJS.ProcessEnv): URL | undefined {
  const named = (name: string) => environment[name] || environment[name.toLowerCase()];
  const value = named(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') ?? named('ALL_PROXY');
  if (!value || isExempt(url, named('NO_PROXY') ?? '')) return undefined;
  const proxy = URL.parse(value.includes('://') ? value : `http://${value}`);
  if (proxy?.protocol !== 'http:') throw new ToolFailure(`The proxy "${value}" is no HTTP proxy.`);
  return proxy;
}

function isExempt({ hostname, host }: URL, list: string): boolean {
  return list
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      const name = entry.replace(/^\*?\./, '');
      return entry === '*' || name === host || name === hostname || hostname.endsWith(`.${name}`);
    });
}
