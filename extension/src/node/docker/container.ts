import { randomUUID } from 'node:crypto';
import type { Duplex, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import type { Disposable } from '../../base/disposable.ts';
import { isStrataError, messageOf } from '../../base/errors.ts';
import type { ProcessEnd, ServerProcess } from '../mcp/server-process.ts';
import { createOptions, memoryLimit, mountedFolder, type ContainerSpec } from './container-spec.ts';
import { demux } from './demux.ts';
import { diskOf, isFull, watchDisk } from './disk-watch.ts';
import { engineFailure, type Engine } from './engine.ts';
import { engineRequest, engineSocket, statusOf } from './engine-request.ts';
import type { ContainerEvents } from './events.ts';
import { openPipes, type Pipes } from './pipes.ts';
import { removeContainer } from './sweep.ts';
import { containerFailed, dockerRemote, toolsDiskFull } from './errors.ts';
import { enginesOwnProfile, sandboxGaps, seccompOption } from './sandbox-gaps.ts';

const startLimitMs = 60_000;
/** The event that tells of a memory kill may come after the end that it caused. */
const eventGraceMs = 150;

/** A server in its container. */
export interface Container extends ServerProcess {
  readonly id: string;
  /** One sentence for each part of the sandbox that this engine does not keep up. */
  readonly notes: readonly string[];
  /** Ends it; the reason continues “the server was stopped because”. */
  stopBecause(reason: string): Promise<void>;
}

/** Starts a locked-down container and attaches to it. It is removed when it ends, and ends when its input does. */
export async function startContainer(
  engine: Engine,
  spec: ContainerSpec,
  signal: AbortSignal,
): Promise<Container> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(startLimitMs)]);
  // Known before the container is there, so that one whose making was cut off can be found and removed.
  const name = `strata-${spec.server}-${randomUUID().slice(0, 13)}`;
  let made: 'no' | 'asked' | 'yes' = 'no';
  let watchingEvents: Promise<ContainerEvents> | undefined;
  let pipes: Pipes | undefined;
  const watching = new AbortController();
  try {
    const folder = mountedFolder(spec);
    // A path means another folder on another machine, or none.
    if (engine.remote && folder && folder.volume === undefined) throw dockerRemote(engine.address);
    const written = folder?.writable && folder.volume === undefined ? folder.path : undefined;
    const disk = written === undefined ? undefined : await diskOf(written);
    if (written !== undefined && disk && isFull(disk)) throw toolsDiskFull(written);
    engine.shared.guard();
    if (spec.takesPipes) pipes = await openPipes(engine);
    made = 'asked';
    const created = await create(engine, spec, { name, pipes: pipes?.folder, signal: limit });
    made = 'yes';
    const { id } = created;
    watchingEvents = engine.shared.events.watch(id, signal);
    const [events, attached] = await Promise.all([watchingEvents, attach(engine, id, signal)]);
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
      image: spec.image,
      notes: created.notes,
      attached,
      streams,
      pipes,
      events,
      removed,
      watching,
      written,
      memoryBytes: memoryLimit(engine, spec),
    });
  } catch (error) {
    watching.abort();
    pipes?.close();
    // Whether it ever began does not matter any more.
    watchingEvents?.then(
      (events) => events.dispose(),
      () => undefined,
    );
    // An engine makes a container whose maker has hung up all the same, only later.
    if (made === 'asked') engine.shared.removeLater(name);
    if (made === 'yes')
      await removeContainer(engine, name, AbortSignal.timeout(5000)).catch(() =>
        engine.shared.removeLater(name),
      );
    signal.throwIfAborted();
    if (isStrataError(error)) throw error;
    throw (await engineFailure(engine)) ?? containerFailed(spec.server, error);
  }
}

/** Standard input, output and error of a container as one stream; see `demux`. */
function attach(engine: Engine, id: string, signal: AbortSignal): Promise<Duplex> {
  const path = `/containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1`;
  return engineSocket(engine.connection, { path, signal, limitMs: startLimitMs });
}

const createSchema = z.object({ Id: z.string(), Warnings: z.array(z.string()).nullish() });
const waitSchema = z.object({ StatusCode: z.number() });

interface Created {
  readonly id: string;
  readonly notes: readonly string[];
}

async function create(
  engine: Engine,
  spec: ContainerSpec,
  { name, pipes, signal }: { name: string; pipes: string | undefined; signal: AbortSignal },
): Promise<Created> {
  const profile = await seccompOption(engine);
  try {
    return await ask(profile, []);
  } catch (error) {
    // A Podman that runs in a machine of its own sees no file of ours.
    if (!engine.features.podman || !/seccomp profile/.test(messageOf(error))) throw error;
    return await ask(undefined, [enginesOwnProfile]);
  }

  async function ask(seccomp: string | undefined, notes: readonly string[]): Promise<Created> {
    const body = createOptions(engine, spec, seccomp, pipes);
    const path = `/containers/create?name=${name}`;
    const request = { method: 'POST', path, body, signal } as const;
    const { Id, Warnings } = createSchema.parse(JSON.parse(await engineRequest(engine.connection, request)));
    const warnings = (Warnings ?? []).map((warning) => `The container engine warns: ${warning}`);
    return { id: Id, notes: [...sandboxGaps(engine), ...notes, ...warnings] };
  }
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
  readonly image: string;
  readonly notes: readonly string[];
  readonly attached: Duplex;
  readonly streams: ReturnType<typeof demux>;
  /** In place of the attached input and output, where there are some. */
  readonly pipes: Pipes | undefined;
  readonly events: ContainerEvents;
  readonly removed: Promise<number>;
  readonly watching: AbortController;
  /** The folder that it may write to. */
  readonly written: string | undefined;
  readonly memoryBytes: number;
}

class ContainerProcess implements Container {
  readonly id: string;
  readonly notes: readonly string[];
  readonly image?: string;
  readonly input: Writable;
  readonly memoryLimitBytes: number;
  readonly output;
  readonly errors;
  readonly ended: Promise<ProcessEnd>;
  readonly #parts: Parts;
  #stopped: ProcessEnd | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.id = parts.id;
    this.notes = parts.notes;
    if (parts.image.startsWith('sha256:')) this.image = parts.image;
    this.memoryLimitBytes = parts.memoryBytes;
    this.input = parts.pipes?.input ?? parts.attached;
    this.output = parts.pipes?.output ?? parts.streams.stdout;
    this.errors = parts.streams.stderr;
    const disk = parts.written === undefined ? undefined : this.#watchDisk(parts.written);
    this.ended = this.#end().finally(() => {
      disk?.dispose();
      parts.watching.abort();
      parts.events.dispose();
      parts.attached.destroy();
      parts.pipes?.close();
    });
  }

  outOfMemoryKills(): number {
    return this.#parts.events.outOfMemoryKills();
  }

  stop(): Promise<void> {
    return this.#stop({ kind: 'stopped' });
  }

  stopBecause(reason: string): Promise<void> {
    return this.#stop({ kind: 'broke-limit', reason });
  }

  #watchDisk(folder: string): Disposable {
    return watchDisk(folder, () => void this.stopBecause('the disk of its folder ran full'));
  }

  async #stop(end: ProcessEnd): Promise<void> {
    this.#stopped ??= end;
    const { engine, id, attached, removed } = this.#parts;
    const limit = AbortSignal.timeout(10_000);
    try {
      // A kill alone is done in a few milliseconds; taking the container away, which follows by itself, in a hundred.
      await engineRequest(engine.connection, {
        method: 'POST',
        path: `/containers/${id}/kill`,
        signal: limit,
      });
      await settleWithin(removed, 5000);
    } catch {
      // It was gone already, or the engine does not do it; what is left is taken away, at the latest by the sweep.
      await removeContainer(engine, id, limit).catch(() => {
        engine.shared.removeLater(id);
        attached.destroy();
      });
    }
    await this.ended;
  }

  async #end(): Promise<ProcessEnd> {
    const { engine, id, removed, attached, events } = this.#parts;
    let code: number | undefined;
    try {
      // When the stream ends and the engine does not say why, it is the engine that has gone.
      code = await Promise.race([removed, closed(attached).then(() => settleWithin(removed, 3000))]);
    } catch (error) {
      if (statusOf(error) !== 404) engine.shared.removeLater(id); // It may run on, and nobody is attached to it.
      if (this.#stopped) return this.#stopped;
      const gone = await engineFailure(engine);
      if (gone) return { kind: 'engine-gone', error: gone };
      if (statusOf(error) !== 404) return { kind: 'exited', code: events.exitCode() };
    }
    if (this.#stopped) return this.#stopped;
    if (code === 137) await delay(eventGraceMs);
    // Podman says 0 to whoever waits for a container to be gone, whatever its code was.
    return { kind: 'exited', code: events.exitCode() ?? code };
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
