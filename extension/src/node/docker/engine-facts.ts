import { hostname, release } from 'node:os';
import * as z from 'zod';
import type { Connection } from './connection.ts';
import { readFeatures, type EngineFeatures } from './engine-features.ts';
import { engineRequest, engineStream } from './engine-request.ts';

/** What an engine that has answered says of itself. */
export interface EngineFacts {
  readonly kind: 'docker' | 'podman';
  readonly version: string;
  readonly apiVersion: string;
  /** Without root on the host: user 0 inside is the user who runs the engine. */
  readonly rootless: boolean;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly features: EngineFeatures;
  /** Docker itself, as root and without SELinux, on this machine and not in a virtual one: what is opened here is the same in a container. */
  readonly sharesKernel: boolean;
}

const infoSchema = z.object({
  ServerVersion: z.string().catch(''),
  OSType: z.string().catch('linux'),
  NCPU: z.number().catch(1),
  MemTotal: z.number().catch(0),
  SecurityOptions: z.array(z.string()).nullish().catch([]),
  /** Podman says it here, and only in newer versions among the security options as well. */
  Rootless: z.boolean().catch(false),
  Name: z.string().catch(''),
  KernelVersion: z.string().catch(''),
});

const infoLimitMs = 20_000;

/**
 * The facts, or in words why the engine cannot run the tools. Throws what the connection throws. `limitMs` is for its first
 * word: Podman takes seconds to say all that it is. (Its `/version` takes longer still, since it asks other programs.)
 */
export async function askEngine(
  connection: Connection,
  signal: AbortSignal,
  limitMs: number,
): Promise<EngineFacts | Unsuitable> {
  const ping = await engineStream(connection, { method: 'GET', path: '/_ping', signal, limitMs });
  ping.on('error', () => undefined).resume(); // Its headers are all that matters.
  const limit = AbortSignal.any([signal, AbortSignal.timeout(infoLimitMs)]);
  const text = await engineRequest(connection, { method: 'GET', path: '/info', signal: limit });
  const answer: unknown = JSON.parse(text);
  const info = infoSchema.parse(answer);
  const features = readFeatures(answer);
  const kind = features.podman ? 'podman' : 'docker';
  const apiVersion = String(ping.headers['api-version'] ?? '');
  const unsuitable = whyUnsuitable(kind, info.ServerVersion, apiVersion, info.OSType);
  if (unsuitable) return unsuitable;
  const options = (info.SecurityOptions ?? []).join(' ');
  const rootless = info.Rootless || options.includes('name=rootless');
  return {
    kind,
    version: info.ServerVersion,
    apiVersion,
    rootless,
    sharesKernel:
      process.platform === 'linux' &&
      info.KernelVersion === release() &&
      info.Name === hostname() &&
      !(features.podman || rootless || options.includes('name=selinux')),
    cpus: info.NCPU,
    memoryBytes: info.MemTotal,
    features,
  };
}

export interface Unsuitable {
  readonly reason: string;
  readonly action: string;
}

const oldestApi = '1.41'; // Docker 20.10: the first whose limits on processes and cgroups are those that are set here.
const oldestPodman = 4;

function whyUnsuitable(
  kind: EngineFacts['kind'],
  version: string,
  apiVersion: string,
  system: string,
): Unsuitable | undefined {
  if (system !== 'linux')
    return { reason: `it runs ${system} containers.`, action: 'Switch the engine to Linux containers.' };
  if (kind === 'podman')
    return Number.parseInt(version, 10) >= oldestPodman
      ? undefined
      : { reason: `it is Podman ${version}.`, action: `Update Podman to ${oldestPodman}.0 or newer.` };
  return isBefore(apiVersion, oldestApi)
    ? { reason: `it is too old (version ${version}).`, action: 'Update Docker to 20.10 or newer.' }
    : undefined;
}

/** Of versions such as `1.41`; one that is none is before every other. */
function isBefore(version: string, other: string): boolean {
  const parts = (text: string) => text.split('.').map((part) => Number.parseInt(part, 10) || 0);
  const [major = 0, minor = 0] = parts(version);
  const [otherMajor = 0, otherMinor = 0] = parts(other);
  return major !== otherMajor ? major < otherMajor : minor < otherMinor;
}
