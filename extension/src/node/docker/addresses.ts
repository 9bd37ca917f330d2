import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineAddress } from './connection.ts';
import { currentContext, readContext } from './context.ts';
import { knownSockets } from './known-sockets.ts';
import type { Surroundings } from './surroundings.ts';

export interface Candidates {
  readonly engines: readonly EngineAddress[];
  /** Someone chose it by name, so no other engine may take its place. */
  readonly chosen: boolean;
  /** The name of a Docker context that was chosen and is not there. */
  readonly missingContext?: string;
}

/**
 * The engines to try, best first, in the order that the Docker CLI has: DOCKER_HOST, DOCKER_CONTEXT, the current context
 * of the configuration, and then the sockets that the usual engines make.
 */
export function engineCandidates(at: Surroundings): Candidates {
  const config = at.env['DOCKER_CONFIG'] ?? join(at.home, '.docker');
  const host = at.env['DOCKER_HOST'];
  if (host) return { engines: [withEnvironmentTls(host, config, at)], chosen: true };
  const context = at.env['DOCKER_CONTEXT'] ?? currentContext(config);
  if (context && context !== 'default') {
    const engine = readContext(config, context);
    return engine
      ? { engines: [engine], chosen: true }
      : { engines: [], chosen: true, missingContext: context };
  }
  const engines = knownSockets(at).map((address) => ({ address }));
  const podman = at.env['CONTAINER_HOST']; // What DOCKER_HOST is to Docker.
  return { engines: podman ? [...engines, { address: podman }] : engines, chosen: false };
}

/** As the Docker CLI: DOCKER_TLS_VERIFY and DOCKER_TLS count when they are not empty, whatever they say. */
function withEnvironmentTls(address: string, config: string, { env }: Surroundings): EngineAddress {
  const verify = Boolean(env['DOCKER_TLS_VERIFY']);
  if (!verify && !env['DOCKER_TLS'] && !address.startsWith('https://')) return { address };
  const folder = env['DOCKER_CERT_PATH'] ?? config;
  const file = (name: string) => {
    const path = join(folder, name);
    // One that was asked for by its folder and is missing is an error that says so; in the configuration it may be missing.
    return env['DOCKER_CERT_PATH'] || existsSync(path) ? path : undefined;
  };
  const [ca, cert, key] = [verify ? file('ca.pem') : undefined, file('cert.pem'), file('key.pem')];
  const files = { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
  return { address, tls: { ...files, verify: verify || !env['DOCKER_TLS'] } };
}

/** How an address says to connect. */
export type Endpoint =
  | { readonly kind: 'socket'; readonly socketPath: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly local: boolean }
  | {
      readonly kind: 'ssh';
      readonly host: string;
      readonly user?: string;
      readonly port?: number;
      /** Of the engine, over there. */
      readonly socketPath: string;
    }
  | { readonly kind: 'unknown'; readonly reason: string };

/** `tls` decides the port where the address has none: 2376, or 2375 in the open. */
export function endpointOf({ address, tls }: EngineAddress): Endpoint {
  for (const scheme of ['unix://', 'npipe://'])
    if (address.startsWith(scheme)) return { kind: 'socket', socketPath: address.slice(scheme.length) };
  const text = address.includes('://') ? address : `tcp://${address}`; // As the Docker CLI takes it.
  if (!URL.canParse(text)) return { kind: 'unknown', reason: 'it is no address.' };
  const url = new URL(text);
  if (url.protocol === 'ssh:') return sshEndpoint(url);
  if (!['tcp:', 'http:', 'https:'].includes(url.protocol) || url.hostname === '')
    return { kind: 'unknown', reason: `"${url.protocol}//" leads to no engine.` };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const local = host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
  return { kind: 'tcp', host, port: Number(url.port) || (tls ? 2376 : 2375), local };
}

const defaultRemoteSocket = '/var/run/docker.sock';

function sshEndpoint(url: URL): Endpoint {
  const [host, user] = [url.hostname.replace(/^\[|\]$/g, ''), decodeURIComponent(url.username)];
  // ssh would take what begins with a dash for an option, and one of its options runs commands.
  if (!/^[\w.:%][\w.:%-]*$/.test(host) || !/^([\w.][\w.@\\+-]*)?$/.test(user))
    return { kind: 'unknown', reason: 'its host or its user has letters that ssh does not take.' };
  if (url.password !== '')
    return { kind: 'unknown', reason: 'a password does not belong into the address; ssh needs a key.' };
  const path = decodeURIComponent(url.pathname);
  return {
    kind: 'ssh',
    host,
    ...(user ? { user } : {}),
    ...(url.port ? { port: Number(url.port) } : {}),
    socketPath: path === '' || path === '/' ? defaultRemoteSocket : path,
  };
}
