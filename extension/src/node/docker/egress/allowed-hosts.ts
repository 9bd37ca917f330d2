import { isIP } from 'node:net';
import { egressPatternWrong } from '../errors.ts';

export interface Target {
  /** A name in lower case and ASCII without a dot at its end, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface AllowedHosts {
  /**
   * `public`: wherever its name leads, as long as that is the public internet. `named`: the list names this very address, or
   * `localhost`, so somebody wants it although it is not.
   */
  verdict(target: Target): 'refused' | 'public' | 'named';
  /** The list names the host's own loopback, which is not the container's. */
  readonly loopback: boolean;
}

interface Pattern {
  readonly host: string;
  readonly below: boolean;
  readonly ports: readonly number[];
}

const usualPorts = [443, 80];

/**
 * Reads a list of hosts: `api.github.com`, `*.npmjs.org` (any name below, not that name itself), `*` (any host of the
 * internet), `example.com:8443`, `192.168.1.5`, `[fd00::1]:8080`, `localhost:3000`. Throws for one that is none of these.
 */
export function allowedHosts(server: string, list: readonly string[]): AllowedHosts {
  const patterns = list.map((text) => parse(text) ?? fail(server, text));
  return {
    verdict: (target) => {
      const match = patterns.find((pattern) => matches(pattern, target));
      if (!match) return 'refused';
      return !match.below && (isIP(target.host) !== 0 || target.host === 'localhost') ? 'named' : 'public';
    },
    loopback: patterns.some(({ host }) => host === 'localhost' || host === '::1' || host.startsWith('127.')),
  };
}

/** `host:port`, as in CONNECT. Undefined for anything else. */
export function parseTarget(text: string): Target | undefined {
  const [, host = '', port = ''] = /^(\[[\da-f:.]+\]|[^:[\]@/?#\\\s]+):(\d{1,5})$/i.exec(text) ?? [];
  const name = canonicalHost(host);
  const number = Number(port);
  return name !== undefined && number > 0 && number < 65536 ? { host: name, port: number } : undefined;
}

/**
 * The one way to write a host: the URL standard turns `0x7f.1` into 127.0.0.1 and other letters into ASCII, so that nothing
 * can be allowed in one writing and used in another.
 */
export function canonicalHost(host: string): string | undefined {
  const url = URL.parse(`http://${host}/`);
  if (!url || host === '' || url.href !== `http://${url.hostname}/`) return undefined;
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  return name === '' || name.length > 253 ? undefined : name;
}

function matches({ host, below, ports }: Pattern, target: Target): boolean {
  if (!ports.includes(target.port)) return false;
  if (!below) return host === target.host;
  // An address is no name below another.
  return isIP(target.host) === 0 && target.host !== 'localhost' && target.host.endsWith(host);
}

function parse(text: string): Pattern | undefined {
  const trimmed = text.trim();
  const bare = isIP(trimmed) === 6 ? `[${trimmed}]` : trimmed;
  const [, name = '', port] = /^(\*|\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(bare) ?? [];
  const ports = port === undefined ? usualPorts : [Number(port)];
  if (ports.some((one) => one < 1 || one > 65535)) return undefined;
  if (name === '*') return { host: '', below: true, ports };
  const below = name.startsWith('*.');
  const host = canonicalHost(below ? name.slice(2) : name);
  if (host === undefined || host.includes('*') || (below && isIP(host) !== 0)) return undefined;
  return { host: below ? `.${host}` : host, below, ports };
}

function fail(server: string, text: string): never {
  throw egressPatternWrong(server, text);
}
