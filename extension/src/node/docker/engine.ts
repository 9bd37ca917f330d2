import Docker from 'dockerode';
import { homedir } from 'node:os';
import * as z from 'zod';
import { messageOf, type StrataError } from '../../base/errors.ts';
import { unreachable } from '../../base/assert.ts';
import { connectionOf, engineCandidates, type Connection, type Surroundings } from './addresses.ts';
import { engineRequest } from './engine-request.ts';
import { readFeatures, type EngineFeatures } from './engine-features.ts';
import { dockerDenied, dockerMissing, dockerRemote, dockerUnreachable, dockerUnsuitable } from './errors.ts';

/** An engine that has answered. */
export interface Engine {
  readonly address: string;
  readonly version: string;
  /** Without root on the host: user 0 inside is the user who runs the engine. */
  readonly rootless: boolean;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly features: EngineFeatures;
  readonly connection: Exclude<Connection, { kind: 'remote' }>;
  readonly docker: Docker;
}

export type EngineState =
  | { readonly kind: 'ready'; readonly engine: Engine }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreachable'; readonly address: string; readonly reason: string }
  | { readonly kind: 'denied'; readonly address: string }
  | { readonly kind: 'remote'; readonly address: string }
  | { readonly kind: 'unsuitable'; readonly address: string; readonly reason: string };

export interface FindOptions {
  readonly signal: AbortSignal;
  readonly surroundings?: Surroundings;
  /** How long an engine may take to answer. */
  readonly limitMs?: number;
}

/** The first engine that answers, or the most telling reason why none does. Never throws but for the signal. */
export async function findEngine(options: FindOptions): Promise<EngineState> {
  const { addresses } = engineCandidates(options.surroundings ?? here());
  let best: EngineState = { kind: 'missing' };
  for (const address of addresses) {
    const state = await tryEngine(address, options.signal, options.limitMs ?? 3000);
    options.signal.throwIfAborted();
    if (state.kind === 'ready') return state;
    if (best.kind === 'missing') best = state;
  }
  return best;
}

/** What to tell a person about an engine that cannot be used. */
export function engineError(state: Exclude<EngineState, { kind: 'ready' }>): StrataError {
  switch (state.kind) {
    case 'missing':
      return dockerMissing();
    case 'unreachable':
      return dockerUnreachable(state.address, state.reason);
    case 'denied':
      return dockerDenied(state.address);
    case 'remote':
      return dockerRemote(state.address);
    case 'unsuitable':
      return dockerUnsuitable(state.address, state.reason);
    default:
      return unreachable(state);
  }
}

/** Says whether the engine still answers: undefined, or what is wrong. */
export async function engineFailure(engine: Engine, limitMs = 2000): Promise<StrataError | undefined> {
  try {
    await engineRequest(engine.connection, {
      method: 'GET',
      path: '/_ping',
      signal: AbortSignal.timeout(limitMs),
    });
    return undefined;
  } catch (error) {
    return dockerUnreachable(engine.address, error);
  }
}

export function here(): Surroundings {
  return { env: process.env, home: homedir(), platform: process.platform, uid: process.getuid?.() };
}

const infoSchema = z.object({
  ServerVersion: z.string().catch(''),
  OSType: z.string().catch('linux'),
  NCPU: z.number().catch(1),
  MemTotal: z.number().catch(0),
  SecurityOptions: z.array(z.string()).nullish().catch([]),
});

async function tryEngine(address: string, signal: AbortSignal, limitMs: number): Promise<EngineState> {
  const connection = connectionOf(address);
  if (connection.kind === 'remote') return { kind: 'remote', address };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  try {
    const answer: unknown = JSON.parse(
      await engineRequest(connection, { method: 'GET', path: '/info', signal: limit }),
    );
    const info = infoSchema.parse(answer);
    if (info.OSType !== 'linux')
      return { kind: 'unsuitable', address, reason: `it runs ${info.OSType} containers.` };
    const rootless = (info.SecurityOptions ?? []).some((option) => option.includes('name=rootless'));
    const { ServerVersion: version, NCPU: cpus, MemTotal: memoryBytes } = info;
    const docker = clientFor(connection);
    const features = readFeatures(answer);
    return {
      kind: 'ready',
      engine: { address, version, rootless, cpus, memoryBytes, features, connection, docker },
    };
  } catch (error) {
    if (codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM') return { kind: 'denied', address };
    const reason =
      limit.aborted && !signal.aborted ? `no answer within ${limitMs / 1000} s` : messageOf(error);
    return { kind: 'unreachable', address, reason };
  }
}

/** Every option is given, or dockerode would take it from the environment. */
function clientFor(connection: Exclude<Connection, { kind: 'remote' }>): Docker {
  if (connection.kind === 'socket') return new Docker({ socketPath: connection.socketPath });
  return new Docker({ protocol: 'http', host: connection.host, port: connection.port });
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The HTTP status with which the engine refused. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}
