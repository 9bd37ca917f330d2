import type { Target } from './allowed-hosts.ts';
import { isLoopback } from './special-addresses.ts';

export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that this machine reaches the internet through, from the variables that most programs agree on. `tunnel`: for
 * CONNECT. Undefined for a direct connection.
 */
export function upstreamProxy(
  { host, port }: Target,
  kind: 'tunnel' | 'plain',
  env: ProxyEnvironment,
): URL | undefined {
  if (host === 'localhost' || isLoopback(host)) return undefined;
  // In capitals HTTP_PROXY may come from a request's header in old web servers; here nothing does.
  const names = kind === 'tunnel' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY'];
  const text = [...names, 'all_proxy', 'ALL_PROXY'].map((name) => env[name]).find((value) => value);
  if (!text || isExempt(host, port, env['no_proxy'] || env['NO_PROXY'] || '')) return undefined;
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  return url && /^https?:$/.test(url.protocol) ? url : undefined;
}

function isExempt(host: string, port: number, list: string): boolean {
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true;
    const [, name = '', wanted] = /^\*?\.?([^:]*)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (name === '' || (wanted !== undefined && Number(wanted) !== port)) return false;
    return host === name || host.endsWith(`.${name}`);
  });
}

export function authorization(proxy: URL): string | undefined {
  if (proxy.username === '') return undefined;
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}
