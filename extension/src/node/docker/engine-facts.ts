import * as z from 'zod';
import type { Connection } from './connection.ts';
import { readFeatures, type EngineFeatures } from './engine-features.ts';
import { engineRequest } from './engine-request.ts';

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
}

const infoSchema = z.object({
  ServerVersion: z.string().catch(''),
  OSType: z.string().catch('linux'),
  NCPU: z.number().catch(1),
  MemTotal: z.number().catch(0),
  SecurityOptions: z.array(z.string()).nullish().catch([]),
});

const versionSchema = z.object({
  Version: z.string().catch(''),
  ApiVersion: z.string().catch(''),
});

/** The facts, or in words why the engine cannot run the tools. Throws what the connection throws. */
export async function askEngine(
  connection: Connection,
  signal: AbortSignal,
): Promise<EngineFacts | Unsuitable> {
  const ask = (path: string) => engineRequest(connection, { method: 'GET', path, signal });
  const [infoText, versionText] = await Promise.all([ask('/info'), ask('/version')]);
  const answer: unknown = JSON.parse(infoText);
  const info = infoSchema.parse(answer);
  const version = versionSchema.parse(JSON.parse(versionText));
  const features = readFeatures(answer);
  const kind = features.podman ? 'podman' : 'docker';
  const name = version.Version || info.ServerVersion;
  const unsuitable = whyUnsuitable(kind, name, version.ApiVersion, info.OSType);
  if (unsuitable) return unsuitable;
  return {
    kind,
    version: name,
    apiVersion: version.ApiVersion,
    rootless: (info.SecurityOptions ?? []).some((option) => option.includes('name=rootless')),
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
