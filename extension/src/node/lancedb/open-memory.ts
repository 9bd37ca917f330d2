import type { z } from 'zod';
import { isStrataError } from '../../base/errors.ts';
import { memoryClosed, memoryFailed, type Memory } from '../../core/memory/index.ts';
import { MemoryProcess, type Call } from './memory-process.ts';
import { results, type Request } from './messages.ts';

export interface MemoryOptions {
  /** The workspace folder to index. */
  readonly folder: string;
  /** A folder of this workspace folder's own, for Strata's data; it is made when it is first needed. */
  readonly storageDir: string;
  /** The memory process: `dist/memory-child.cjs`, or `child.ts` where the sources are run. */
  readonly childPath: string;
  /** LanceDB's native module, where it lies neither beside the child nor in `node_modules`. */
  readonly nativeModule?: string;
  /** In milliseconds; the defaults suit a person who waits. */
  readonly limits?: Partial<MemoryLimits>;
}

export interface MemoryLimits {
  /** Until the process has loaded LanceDB. */
  readonly start: number;
  readonly read: number;
  readonly write: number;
  /** Index runs may be long; this is how long one may go without a sign of progress. */
  readonly indexSilence: number;
  /** How long a write waits for another process's write to the same folder. */
  readonly lockWait: number;
  /** How long `dispose` lets a write be finished. */
  readonly close: number;
}

const LIMITS: MemoryLimits = {
  start: 30_000,
  read: 20_000,
  write: 60_000,
  indexSilence: 180_000,
  lockWait: 30_000,
  close: 3_000,
};

/**
 * Layer 3 on LanceDB, in a process of its own that is started at the first call and again after it died. A search that
 * was under way then is asked once more; an index run or a remembered run fails with `memory-stopped`.
 */
export function openMemory(options: MemoryOptions): Memory {
  const limits = { ...LIMITS, ...options.limits };
  let running: Promise<MemoryProcess> | undefined;
  let disposed: Promise<void> | undefined;
  const lifetime = new AbortController();
  const closed = (): boolean => lifetime.signal.aborted;

  function start(): Promise<MemoryProcess> {
    if (running !== undefined) return running;
    const { folder, storageDir, childPath, nativeModule } = options;
    const times = { lockWaitMs: limits.lockWait, startMs: limits.start };
    const place = { folder, storageDir, childPath, nativeModule };
    const starting = MemoryProcess.start({ ...place, ...times }, lifetime.signal, () => {
      if (running === starting) running = undefined;
    });
    running = starting;
    return starting;
  }

  async function ask<S extends z.ZodType>(schema: S, call: Call, tries: number): Promise<z.infer<S>> {
    for (let left = tries - 1; ; left--) {
      if (closed()) throw memoryClosed();
      call.signal?.throwIfAborted();
      try {
        const process = await untilAborted(start(), call.signal);
        return parsed(schema, await process.call(call), call.request);
      } catch (error) {
        if (closed() && call.signal?.aborted !== true) throw memoryClosed();
        if (left <= 0 || !isStrataError(error) || error.code !== 'memory-stopped') throw error;
      }
    }
  }

  const read = { limitMs: limits.read };
  return {
    index: ({ signal, onProgress }) => {
      const progress = onProgress === undefined ? {} : { onProgress };
      const silence = limits.indexSilence + limits.lockWait;
      return ask(results.index, { request: { kind: 'index' }, signal, limitMs: silence, ...progress }, 1);
    },
    search: (query, { limit, signal }) =>
      ask(
        results.search,
        { request: { kind: 'search', query: query.slice(0, SENT), limit: whole(limit) }, signal, ...read },
        2,
      ),
    recall: (query, { limit, signal }) =>
      ask(
        results.recall,
        { request: { kind: 'recall', query: query.slice(0, SENT), limit: whole(limit) }, signal, ...read },
        2,
      ),
    remember: async (episode) => {
      const limitMs = limits.write + limits.lockWait;
      await ask(results.remember, { request: { kind: 'remember', episode }, signal: undefined, limitMs }, 1);
    },
    stats: () => ask(results.stats, { request: { kind: 'stats' }, signal: undefined, ...read }, 2),
    dispose: () => {
      lifetime.abort();
      disposed ??= end(running, limits.close);
      return disposed;
    },
  };
}

/** More of a query is never read; see `fullTextQuery`. */
const SENT = 10_000;
const MOST_HITS = 200;

function whole(limit: number): number {
  return Number.isFinite(limit) ? Math.min(Math.max(Math.trunc(limit), 0), MOST_HITS) : MOST_HITS;
}

async function end(running: Promise<MemoryProcess> | undefined, graceMs: number): Promise<void> {
  const process = await running?.catch(() => undefined); // One that failed to start has nothing to end.
  await process?.close(graceMs);
}

function parsed<S extends z.ZodType>(schema: S, value: unknown, request: Request): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw memoryFailed(request.kind, result.error);
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
