import { join } from 'node:path';
import type { z } from 'zod';
import { isStrataError } from '../../base/errors.ts';
import { Emitter } from '../../base/event.ts';
import {
  hashOf,
  memoryClosed,
  memoryFailed,
  memoryStopped,
  type Memory,
  type SharedPlace,
} from '../../core/memory/index.ts';
import type { Environment } from '../../core/models/index.ts';
import { proxyEnvironment } from '../proxy.ts';
import type { Ask } from './ask.ts';
import type { CallShape } from './call-shape.ts';
import { episodicFace } from './episodic/face.ts';
import { idleWatch } from './idle-watch.ts';
import { MEMORY_LIMITS, type MemoryLimits } from './limits.ts';
import { MemoryProcess, type ProcessEvents } from './memory-process.ts';
import { restCall } from './rest-call.ts';
import { semanticFace } from './semantic/face.ts';
import { vectorsFace } from './vectors/face.ts';
import { useEmbedderCall } from './vectors/requests.ts';

export interface MemoryOptions {
  /** The workspace folder to index. */
  readonly folder: string;
  /** A folder of this workspace folder's own, for Strata's data; it is made when it is first needed. */
  readonly storageDir: string;
  /** The memory process: `dist/memory-child.cjs`, or `child.ts` where the sources are run. */
  readonly childPath: string;
  /** LanceDB's native module, where it lies neither beside the child nor in `node_modules`. */
  readonly nativeModule?: string;
  /** Variables that name the proxy, as it is now; those of this process where it is not given. */
  readonly proxy?: (() => Environment) | undefined;
  /**
   * Where the tables lie, when other machines are to have them, too; asked whenever a process starts. It throws what is
   * wrong with the settings, and so does every call then: what is shared is not silently replaced by what is here.
   */
  readonly shared?: () => Promise<SharedPlace | undefined>;
  /** In milliseconds; the defaults suit a person who waits. */
  readonly limits?: Partial<MemoryLimits>;
}

/** Memory, and what its folder does with it. */
export interface OpenedMemory extends Memory {
  /** `shared` may say something else now: then the process that works at the old place ends. Throws what it throws. */
  placeChanged(): Promise<void>;
}

/**
 * Layer 3 on LanceDB, in a process of its own that is started at the first call and again after it died. A search that
 * was under way then is asked once more; an index run or a remembered run fails with `memory-stopped`. One that had
 * nothing to do for some minutes ends, and the next call starts it again.
 */
export function openMemory(options: MemoryOptions): OpenedMemory {
  const limits = { ...MEMORY_LIMITS, ...options.limits };
  let running: Promise<MemoryProcess> | undefined;
  let disposed: Promise<void> | undefined;
  /** Where the process works that is running, or has worked last. */
  let worksAt: string | undefined;
  /** Where the settings have said last that it is to work. */
  let place: SharedPlace | undefined;
  /** The process before, which still has the locks of the folder. */
  let ending: Promise<void> | undefined;
  const lifetime = new AbortController();
  const didChange = new Emitter<void>();
  const closed = (): boolean => lifetime.signal.aborted;
  const idle = idleWatch(limits.idle, () => void rest());

  function start(): Promise<MemoryProcess> {
    if (running !== undefined) return running;
    const { folder, storageDir, childPath, nativeModule } = options;
    const proxy = proxyEnvironment(options.proxy?.() ?? process.env);
    const tidying = { quietMs: limits.quiet, oldVersionsMs: limits.oldVersions };
    const times = { lockWaitMs: limits.lockWait, startMs: limits.start, ...tidying };
    const events: ProcessEvents = {
      onChanged: () => didChange.fire(),
      onEnd: () => {
        if (running === starting) running = undefined;
      },
    };
    const starting: Promise<MemoryProcess> = (ending ?? Promise.resolve())
      .then(async () => {
        const shared = await placeNow();
        if (closed()) throw memoryClosed();
        worksAt = placeKey(shared);
        const parts = { folder, childPath, nativeModule, shared, storageDir: localPart(storageDir, shared) };
        return await MemoryProcess.start({ ...parts, ...times, proxy }, lifetime.signal, events);
      })
      .then(async (process) => {
        await tellEmbedder(process);
        return process;
      });
    starting.catch(() => {
      if (running === starting) running = undefined;
    });
    running = starting;
    return starting;
  }

  async function placeNow(): Promise<SharedPlace | undefined> {
    place = undefined;
    place = await options.shared?.();
    return place;
  }

  async function placeChanged(): Promise<void> {
    let at: string | undefined;
    try {
      at = placeKey(await placeNow());
    } finally {
      // Of one that was never asked for anything, nobody waits to hear.
      if (worksAt !== undefined && at !== worksAt && !closed()) {
        // One whose place was taken back must not go on there either.
        const leaving = running;
        running = undefined;
        await end(leaving, limits.close);
        didChange.fire();
      }
    }
  }

  /** Ends the process when it has nothing to do; what it knows beyond the disk it is told again. */
  async function rest(): Promise<void> {
    const resting = running;
    const process = await resting?.catch(() => undefined); // One that failed to start has ended.
    if (process === undefined) return;
    const call = { shape: restCall, body: {}, signal: lifetime.signal, limitMs: limits.read };
    const answer = await process.call(call).catch(() => undefined); // It has died, or memory is closed.
    if (running !== resting || idle.isBusy || closed()) return;
    if (restCall.result.safeParse(answer).data?.ready !== true) {
      idle.again();
      return;
    }
    running = undefined;
    // One that cannot be ended holds nothing up.
    ending = process
      .close(limits.close)
      .catch(() => undefined)
      .finally(() => (ending = undefined));
  }

  async function tellEmbedder(process: MemoryProcess): Promise<void> {
    const config = chosen();
    if (config === undefined) return;
    const call = { shape: useEmbedderCall, body: { config }, signal: lifetime.signal, limitMs: limits.read };
    // Whatever goes wrong with it, the search by keyword needs none.
    await process.call(call).catch(() => undefined);
  }

  const ask: Ask = (shape, body, options) => idle.during(() => askNow(shape, body, options));
  const askNow: Ask = async (shape, body, { tries, ...call }) => {
    for (let left = tries - 1; ; left--) {
      if (closed()) throw memoryClosed();
      call.signal?.throwIfAborted();
      try {
        const process = await untilAborted(start(), call.signal);
        return parsed(shape, await process.call({ shape, body, ...call }));
      } catch (error) {
        if (closed() && call.signal?.aborted !== true) throw memoryClosed();
        const isMoved = isStrataError(error) && error.code === 'memory-closed';
        const isStopped = isStrataError(error) && error.code === 'memory-stopped';
        if (left > 0 && (isMoved || isStopped)) continue;
        throw isMoved ? memoryStopped('the settings name another place for it now.') : error;
      }
    }
  };

  const { chosen, ...vectors } = vectorsFace(ask, limits, () => running !== undefined);
  const { known, ...semantic } = semanticFace(ask, limits);
  const { count: countEpisodes, ...episodic } = episodicFace(ask, limits);
  return {
    ...semantic,
    ...episodic,
    ...vectors,
    onDidChange: didChange.event,
    placeChanged,
    state: async () => {
      const state = await semantic.state();
      return place === undefined ? state : { ...state, shared: place.uri };
    },
    stats: async () => {
      const { files, chunks } = await known();
      return { files, chunks, episodes: await countEpisodes() };
    },
    dispose: () => {
      lifetime.abort();
      idle.dispose();
      didChange.dispose();
      disposed ??= Promise.all([ending, end(running, limits.close)]).then(() => undefined);
      return disposed;
    },
  };
}

/** What of a shared memory stays on this machine: where things stand in its own copy of the folder. Each place has its own. */
function localPart(storageDir: string, shared: SharedPlace | undefined): string {
  if (shared === undefined) return storageDir;
  return join(storageDir, `shared-${hashOf(`${shared.uri} ${shared.prefix}`).slice(0, 12)}`);
}

function placeKey(shared: SharedPlace | undefined): string {
  return JSON.stringify(shared ?? null);
}

async function end(running: Promise<MemoryProcess> | undefined, graceMs: number): Promise<void> {
  const process = await running?.catch(() => undefined); // One that failed to start has nothing to end.
  await process?.close(graceMs);
}

function parsed<R extends z.ZodType>(shape: CallShape<z.ZodType, R>, value: unknown): z.output<R> {
  const result = shape.result.safeParse(value);
  if (result.success) return result.data;
  throw memoryFailed(shape.kind, result.error);
}

async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
