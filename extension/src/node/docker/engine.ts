import { setTimeout as delay } from 'node:timers/promises';
import type { AsyncDisposable } from '../../base/disposable.ts';
import { unreachable } from '../../base/assert.ts';
import { isAbort, type StrataError } from '../../base/errors.ts';
import { endpointOf, engineCandidates, type Endpoint } from './addresses.ts';
import { codeOf, connectFailure, type ConnectFailure } from './connect-failure.ts';
import { readTls, type Connection, type EngineAddress } from './connection.ts';
import { askEngine, type EngineFacts } from './engine-facts.ts';
import { engineRequest } from './engine-request.ts';
import { shareEngine, type SharedEngine } from './shared-engine.ts';
import { dockerDenied, dockerMissing, dockerUnreachable, dockerUnsuitable } from './errors.ts';
import { explainRefusedChannel, SshFailure } from './ssh-tunnel.ts';
import { here, type Surroundings } from './surroundings.ts';
import { untilAnswered } from './until-answered.ts';

/** An engine that has answered. */
export interface Engine extends EngineFacts, AsyncDisposable {
  /** In the form of DOCKER_HOST, for people. */
  readonly address: string;
  /** On another machine: it sees none of our files, which it gets by copy. */
  readonly remote: boolean;
  readonly connection: Connection;
  /** What this process has once for each engine, however often that was found. */
  readonly shared: SharedEngine;
}

export type EngineState =
  | { readonly kind: 'ready'; readonly engine: Engine }
  | { readonly kind: 'missing' }
  | ({ readonly kind: 'unreachable'; readonly address: string } & ConnectFailure)
  | { readonly kind: 'denied'; readonly address: string }
  | {
      readonly kind: 'unsuitable';
      readonly address: string;
      readonly reason: string;
      readonly action: string;
    };

export interface FindOptions {
  readonly signal: AbortSignal;
  readonly surroundings?: Surroundings;
  /** How long an engine may take for its first word; by default 3 s, 10 s when there is no other, and 20 s through ssh. */
  readonly limitMs?: number;
}

/**
 * The first engine that answers, or the most telling reason why none does. Never throws but for the signal. Whoever is done
 * with an engine disposes it; one that is kept to the end of the process ends with that.
 */
export async function findEngine(options: FindOptions): Promise<EngineState> {
  const surroundings = options.surroundings ?? here();
  const { engines, missingContext } = engineCandidates(surroundings);
  if (missingContext !== undefined)
    return {
      kind: 'unsuitable',
      address: `context ${missingContext}`,
      reason: 'there is no Docker context of that name.',
      action: 'Choose one that exists: docker context ls, then docker context use.',
    };
  let best: EngineState = { kind: 'missing' };
  for (const engine of engines) {
    const limitMs =
      options.limitMs ?? (engine.address.startsWith('ssh:') ? 20_000 : engines.length === 1 ? 10_000 : 3000);
    const state = await tryEngine(engine, surroundings, { signal: options.signal, limitMs });
    options.signal.throwIfAborted();
    if (state.kind === 'ready') return state;
    if (telling.indexOf(state.kind) > telling.indexOf(best.kind)) best = state;
  }
  return best;
}

/** What says most about what to do comes last: a socket may be left over from an engine that is not used any more. */
const telling: readonly EngineState['kind'][] = ['missing', 'unreachable', 'unsuitable', 'denied'];

/** What to tell a person about an engine that cannot be used. */
export function engineError(state: Exclude<EngineState, { kind: 'ready' }>): StrataError {
  switch (state.kind) {
    case 'missing':
      return dockerMissing();
    case 'unreachable':
      return dockerUnreachable(state.address, state.reason, state.action);
    case 'denied':
      return dockerDenied(state.address);
    case 'unsuitable':
      return dockerUnsuitable(state.address, state.reason, state.action);
    default:
      return unreachable(state);
  }
}

/** Says whether the engine still answers: undefined, or what is wrong. */
export async function engineFailure(engine: Engine, limitMs = 2000): Promise<StrataError | undefined> {
  try {
    const signal = AbortSignal.timeout(limitMs);
    await engineRequest(engine.connection, { method: 'GET', path: '/_ping', signal });
    return undefined;
  } catch (error) {
    const { reason, action } = connectFailure(error, speaksTls(engine.connection));
    return dockerUnreachable(engine.address, reason, action);
  }
}

async function tryEngine(
  engine: EngineAddress,
  surroundings: Surroundings,
  { signal, limitMs }: { readonly signal: AbortSignal; readonly limitMs: number },
): Promise<EngineState> {
  const { address } = engine;
  const endpoint = endpointOf(engine);
  if (endpoint.kind === 'unknown') return unsuitable(address, endpoint.reason, chooseAnother);
  if (endpoint.kind === 'ssh' && surroundings.platform === 'win32')
    return unsuitable(
      address,
      'ssh on Windows forwards no sockets.',
      'Give an address with TLS (tcp://…:2376 and DOCKER_TLS_VERIFY), or open the folder in WSL.',
    );
  let shared: SharedEngine | undefined;
  let connection: Connection | undefined;
  try {
    shared = shareEngine(JSON.stringify(engine), endpoint);
    connection = await connect(engine, endpoint, shared, limitMs, signal);
    const facts = await askEngine(connection, signal, limitMs);
    if ('reason' in facts) {
      shared.release();
      return unsuitable(address, facts.reason, facts.action);
    }
    return { kind: 'ready', engine: makeEngine(address, endpoint, connection, shared, facts) };
  } catch (error) {
    const failure = (await refusedChannel(endpoint, shared, error)) ?? error;
    shared?.release();
    if (codeOf(failure) === 'EACCES' || codeOf(failure) === 'EPERM')
      // A certificate that may not be read says so by its path.
      return connection ? { kind: 'denied', address } : { kind: 'unreachable', address, ...asText(failure) };
    if (error instanceof DOMException && error.name === 'TimeoutError')
      return { kind: 'unreachable', address, reason: 'it takes too long to answer' };
    return { kind: 'unreachable', address, ...connectFailure(failure, speaksTls(connection)) };
  }
}

const chooseAnother = 'Choose another engine: set DOCKER_HOST, or docker context use default.';

function unsuitable(address: string, reason: string, action: string): EngineState {
  return { kind: 'unsuitable', address, reason, action };
}

function asText(error: unknown): ConnectFailure {
  return connectFailure(error, false);
}

/** What ssh says goes another way than the end of the connection, and may come later. */
const WORDS_LIMIT_MS = 1000;

/** ssh takes the connection before it knows whether the other side does; the reason is then in its own words only. */
async function refusedChannel(
  endpoint: Endpoint,
  shared: SharedEngine | undefined,
  error: unknown,
): Promise<SshFailure | undefined> {
  if (endpoint.kind !== 'ssh' || !shared?.tunnel || error instanceof SshFailure) return undefined;
  const { tunnel } = shared;
  const end = performance.now() + (isAbort(error) ? 0 : WORDS_LIMIT_MS);
  for (;;) {
    const failure = explainRefusedChannel(endpoint, tunnel.said);
    if (failure || performance.now() >= end) return failure;
    await delay(20);
  }
}

async function connect(
  { tls }: EngineAddress,
  endpoint: Exclude<Endpoint, { kind: 'unknown' }>,
  shared: SharedEngine,
  limitMs: number,
  signal: AbortSignal,
): Promise<Connection> {
  switch (endpoint.kind) {
    case 'socket':
      return endpoint;
    case 'tcp': {
      const { host, port } = endpoint;
      return { kind: 'tcp', host, port, ...(tls ? { tls: readTls(tls) } : {}) };
    }
    case 'ssh':
      return {
        kind: 'socket',
        socketPath: await untilAnswered({ signal, limitMs }, (limit) => shared.openTunnel(limit)),
      };
    default:
      return unreachable(endpoint);
  }
}

function makeEngine(
  address: string,
  endpoint: Endpoint,
  connection: Connection,
  shared: SharedEngine,
  facts: EngineFacts,
): Engine {
  shared.connectedBy(connection, facts.kind);
  let released = false;
  return {
    ...facts,
    address,
    remote: endpoint.kind === 'ssh' || (endpoint.kind === 'tcp' && !endpoint.local),
    connection,
    shared,
    dispose: async () => {
      if (released) return;
      released = true;
      shared.release();
    },
  };
}

function speaksTls(connection: Connection | undefined): boolean {
  return connection?.kind === 'tcp' && connection.tls !== undefined;
}
