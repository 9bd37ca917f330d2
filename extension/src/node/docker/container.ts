import type Docker from 'dockerode';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { isStrataError } from '../../base/errors.ts';
import type { ProcessEnd, ServerProcess } from '../mcp/server-process.ts';
import { demux } from './demux.ts';
import { engineFailure, statusOf, type Engine } from './engine.ts';
import { engineRequest } from './engine-request.ts';
import { removeContainer } from './sweep.ts';
import { untilAnswered } from './until-answered.ts';
import { containerFailed } from './errors.ts';
import type { SharedFolder } from './folder.ts';
import { MemoryKills } from './memory-kills.ts';

export interface ContainerSpec {
  /** Name of the server, for messages and labels. */
  readonly server: string;
  readonly image: string;
  readonly arguments: readonly string[];
  readonly folder: SharedFolder;
  readonly readOnly: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly memoryBytes: number;
}

const mebibyte = 1024 * 1024;
const startLimitMs = 60_000;
/** The event that tells of a memory kill may come after the end that it caused. */
const eventGraceMs = 150;

/** Starts a locked-down container and attaches to it. It is removed when it ends, and ends when its input does. */
export async function startContainer(
  engine: Engine,
  spec: ContainerSpec,
  signal: AbortSignal,
): Promise<ServerProcess> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(startLimitMs)]);
  let id: string | undefined;
  let kills: MemoryKills | undefined;
  const watching = new AbortController();
  try {
    id = await create(engine, spec, limit);
    kills = await MemoryKills.watch(engine, id, signal);
    const attached = await attach(engine.docker.getContainer(id), signal);
    const streams = demux(attached);
    // Waiting starts before the container does, so that one that ends at once is not missed.
    const removed = waitUntilRemoved(engine, id, watching.signal);
    removed.catch(() => undefined); // Looked at when the process ends; a failure until then is no end of the program.
    await engineRequest(engine.connection, {
      method: 'POST',
      path: `/containers/${id}/start`,
      signal: limit,
    });
    return new ContainerProcess({
      engine,
      id,
      attached,
      streams,
      kills,
      removed,
      watching,
      memoryBytes: memoryLimit(engine, spec),
    });
  } catch (error) {
    watching.abort();
    kills?.dispose();
    // Best effort: the reason of the failure matters more, and the sweep comes after.
    if (id !== undefined) await removeContainer(engine, id, AbortSignal.timeout(5000)).catch(() => undefined);
    signal.throwIfAborted();
    if (isStrataError(error)) throw error;
    throw (await engineFailure(engine)) ?? containerFailed(spec.server, error);
  }
}

/**
 * Everything that a tool does not need is off. `Init` stays off as well: the engine's init process can be read by every
 * process of its user, who could then write into the server's answers through /proc/1/fd/1. The images bring an init of
 * their own that cannot be read.
 */
function lockedDown(engine: Engine, spec: ContainerSpec): Docker.ContainerCreateOptions {
  const memory = memoryLimit(engine, spec);
  return {
    Image: spec.image,
    Cmd: [...spec.arguments],
    User: spec.folder.user,
    Labels: { ...spec.labels, 'strata.server': spec.server },
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    StdinOnce: true,
    Tty: false,
    HostConfig: {
      AutoRemove: true,
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      IpcMode: 'none',
      PidsLimit: 512, // Threads count too, and each node process has about eleven.
      Memory: memory,
      MemorySwap: memory,
      NanoCpus: Math.min(2, engine.cpus) * 1e9,
      Ulimits: [
        { Name: 'nofile', Soft: 4096, Hard: 4096 },
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
      Tmpfs: { '/tmp': 'rw,noexec,nosuid,nodev,size=64m,mode=1777' },
      LogConfig: { Type: 'none', Config: {} },
      Init: false,
      // Not Binds: there a missing source becomes a new folder that belongs to root.
      Mounts: [
        {
          Type: 'bind',
          Source: spec.folder.path,
          Target: '/workspace',
          ReadOnly: spec.readOnly,
          BindOptions: { Propagation: 'rprivate' },
        },
      ],
    },
  };
}

function memoryLimit(engine: Engine, spec: ContainerSpec): number {
  const half = Math.floor(engine.memoryBytes / 2);
  return half > 0 ? Math.max(256 * mebibyte, Math.min(spec.memoryBytes, half)) : spec.memoryBytes;
}

async function attach(container: Docker.Container, signal: AbortSignal): Promise<Duplex> {
  // Podman would feed a body into the container's input, so the options stand in the query alone.
  const options = {
    hijack: true,
    stream: true,
    _query: { stream: true, stdin: true, stdout: true, stderr: true },
    _body: {},
  };
  const stream = await untilAnswered({ signal, limitMs: startLimitMs }, (abortSignal) =>
    container.attach({ ...options, abortSignal }),
  );
  return stream as Duplex; // A socket; the typings name only its oldest interface.
}

const createSchema = z.object({ Id: z.string() });
const waitSchema = z.object({ StatusCode: z.number() });

async function create(engine: Engine, spec: ContainerSpec, signal: AbortSignal): Promise<string> {
  const request = {
    method: 'POST',
    path: '/containers/create',
    body: lockedDown(engine, spec),
    signal,
  } as const;
  return createSchema.parse(JSON.parse(await engineRequest(engine.connection, request))).Id;
}

/** The exit code, once the container is gone. */
async function waitUntilRemoved(engine: Engine, id: string, signal: AbortSignal): Promise<number> {
  const path = `/containers/${id}/wait?condition=removed`;
  const answer = await engineRequest(engine.connection, { method: 'POST', path, signal });
  return waitSchema.parse(JSON.parse(answer)).StatusCode;
}

interface Parts {
  readonly engine: Engine;
  readonly id: string;
  readonly attached: Duplex;
  readonly streams: ReturnType<typeof demux>;
  readonly kills: MemoryKills;
  readonly removed: Promise<number>;
  readonly watching: AbortController;
  readonly memoryBytes: number;
}

class ContainerProcess implements ServerProcess {
  readonly input: Duplex;
  readonly memoryLimitBytes: number;
  readonly output;
  readonly errors;
  readonly ended: Promise<ProcessEnd>;
  readonly #parts: Parts;
  #stopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.memoryLimitBytes = parts.memoryBytes;
    this.input = parts.attached;
    this.output = parts.streams.stdout;
    this.errors = parts.streams.stderr;
    this.ended = this.#end().finally(() => {
      parts.watching.abort();
      parts.kills.dispose();
      parts.attached.destroy();
    });
  }

  outOfMemoryKills(): number {
    return this.#parts.kills.count;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const { engine, id, attached } = this.#parts;
    try {
      await removeContainer(engine, id, AbortSignal.timeout(10_000));
    } catch {
      attached.destroy(); // The engine does not do it: the end of the input ends the server, and the sweep comes after.
    }
    await this.ended;
  }

  async #end(): Promise<ProcessEnd> {
    const { engine, removed, attached } = this.#parts;
    let code: number | undefined;
    try {
      // When the stream ends and the engine does not say why, it is the engine that has gone.
      code = await Promise.race([removed, closed(attached).then(() => settleWithin(removed, 3000))]);
    } catch (error) {
      if (this.#stopped) return { kind: 'stopped' };
      const gone = await engineFailure(engine);
      if (gone) return { kind: 'engine-gone', error: gone };
      if (statusOf(error) !== 404) return { kind: 'exited', code: undefined };
    }
    if (this.#stopped) return { kind: 'stopped' };
    if (code === 137) await delay(eventGraceMs);
    return { kind: 'exited', code };
  }
}

function closed(stream: Duplex): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve));
}

async function settleWithin<T>(promise: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The container did not end with its streams.')), limitMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
