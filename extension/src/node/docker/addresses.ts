import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

/** Where this program runs: passed in, so that discovery can be tried out on any machine. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  readonly uid: number | undefined;
}

export interface Candidates {
  /** Addresses in the form of DOCKER_HOST. */
  readonly addresses: readonly string[];
  /** Someone chose it by name, so no other engine may take its place. */
  readonly chosen: boolean;
}

/**
 * The engines to try, best first, in the order that the Docker CLI has: DOCKER_HOST, DOCKER_CONTEXT, the current context
 * of the configuration, and then the sockets that the usual engines make.
 */
export function engineCandidates(at: Surroundings): Candidates {
  const host = at.env['DOCKER_HOST'];
  if (host) return { addresses: [host], chosen: true };
  const config = at.env['DOCKER_CONFIG'] ?? join(at.home, '.docker');
  const context = at.env['DOCKER_CONTEXT'] ?? currentContext(config);
  if (context && context !== 'default') {
    const address = contextAddress(config, context);
    if (address) return { addresses: [address], chosen: true };
  }
  return { addresses: knownSockets(at), chosen: false };
}

function knownSockets({ env, home, platform, uid }: Surroundings): readonly string[] {
  if (platform === 'win32')
    return ['npipe:////./pipe/docker_engine', 'npipe:////./pipe/podman-machine-default'];
  const runtime = env['XDG_RUNTIME_DIR'] ?? (uid === undefined ? undefined : `/run/user/${uid}`);
  return [
    '/var/run/docker.sock',
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join(home, '.colima/default/docker.sock'),
    join(home, '.rd/docker.sock'),
    join(home, '.orbstack/run/docker.sock'),
    ...(runtime ? [join(runtime, 'docker.sock'), join(runtime, 'podman/podman.sock')] : []),
    '/run/podman/podman.sock',
  ]
    .filter((path) => existsSync(path))
    .map((path) => `unix://${path}`);
}

const configFile = z.object({ currentContext: z.string().optional() });
const contextFile = z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string() }) }) });

function currentContext(config: string): string | undefined {
  return readJson(join(config, 'config.json'), configFile)?.currentContext;
}

/** Docker keeps a context under the SHA-256 of its name. */
function contextAddress(config: string, name: string): string | undefined {
  const folder = createHash('sha256').update(name).digest('hex');
  return readJson(join(config, 'contexts/meta', folder, 'meta.json'), contextFile)?.Endpoints.docker.Host;
}

function readJson<T>(path: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined; // No Docker CLI was ever set up here, or its file is damaged: the known sockets remain.
  }
}

export type Connection =
  | { readonly kind: 'socket'; readonly socketPath: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'remote' };

/** How to connect. An engine that is not on this machine cannot mount our folders, whatever its protocol. */
export function connectionOf(address: string): Connection {
  if (address.startsWith('unix://')) return { kind: 'socket', socketPath: address.slice('unix://'.length) };
  if (address.startsWith('npipe://')) return { kind: 'socket', socketPath: address.slice('npipe://'.length) };
  if (!address.startsWith('tcp://') || !URL.canParse(address)) return { kind: 'remote' };
  const { hostname, port } = new URL(address);
  const local = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  return local ? { kind: 'tcp', host: hostname, port: Number(port || 2375) } : { kind: 'remote' };
}
