import { createInterface } from 'node:readline';
import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import type { Connection } from './connection.ts';
import { engineStream } from './engine-request.ts';

/** What the engine tells of one container. */
export interface ContainerEvents {
  /** How often something in it was killed because the memory limit was reached. */
  outOfMemoryKills(): number;
  /** Undefined until it has ended. */
  exitCode(): number | undefined;
  dispose(): void;
}

interface Watched {
  kills: number;
  exitCode: number | undefined;
}

const eventSchema = z.object({
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).nullish() }),
  timeNano: z.number().optional().catch(undefined),
});

/** Podman knows `die` as `died` where it is asked for, labels only with their value, and no event for memory kills. */
const filters = {
  docker: { type: ['container'], event: ['oom', 'die'], label: ['strata.server'] },
  podman: { type: ['container'], event: ['died'] },
};
const keptEvents = 50;
const answerLimitMs = 10_000;
const longestPauseMs = 5000;

/**
 * The events of an engine's containers: one stream for all, for as long as somebody watches, which is taken up again where
 * it broke off. Only events tell of memory kills: exit code 137 alone may be any kill, and a killed child leaves the server
 * alive.
 */
export class EventStream {
  readonly #connection: Connection;
  readonly #filters: string;
  readonly #watched = new Map<string, Watched>();
  #stream: IncomingMessage | undefined;
  #opening: Promise<void> | undefined;
  /** When the last event was, or the stream began, in seconds of the engine's clock as it takes them. */
  #since: string | undefined;
  /** The last events, to know them again. */
  #recent: readonly string[] = [];
  #retry: NodeJS.Timeout | undefined;
  #pauseMs = 0;

  constructor(connection: Connection, kind: 'docker' | 'podman') {
    this.#connection = connection;
    this.#filters = encodeURIComponent(JSON.stringify(filters[kind]));
  }

  /** The container must not run yet. */
  async watch(container: string, signal: AbortSignal): Promise<ContainerEvents> {
    const watched: Watched = { kills: 0, exitCode: undefined };
    this.#watched.set(container, watched);
    try {
      await this.#ensureOpen(signal);
    } catch (error) {
      this.#forget(container);
      throw error;
    }
    return {
      outOfMemoryKills: () => watched.kills,
      exitCode: () => watched.exitCode,
      dispose: () => this.#forget(container),
    };
  }

  close(): void {
    this.#watched.clear();
    this.#end();
  }

  #forget(container: string): void {
    this.#watched.delete(container);
    if (this.#watched.size === 0) this.#end();
  }

  #end(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#pauseMs = 0;
    this.#since = undefined; // What was before the next watcher is nobody's business.
    this.#stream?.destroy();
    this.#stream = undefined;
  }

  #ensureOpen(signal: AbortSignal): Promise<void> {
    if (this.#stream) return Promise.resolve();
    // Not by the signal of the one who asked first: the others wait for the same answer.
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    return abortable(this.#opening, signal);
  }

  async #open(): Promise<void> {
    const since = this.#since === undefined ? '' : `&since=${this.#since}`;
    const path = `/events?filters=${this.#filters}${since}`;
    const stream = await engineStream(this.#connection, {
      method: 'GET',
      path,
      signal: new AbortController().signal,
      limitMs: answerLimitMs,
    });
    if (this.#watched.size === 0) {
      stream.on('error', () => undefined).destroy(); // Everybody went while it was opened.
      return;
    }
    this.#stream = stream;
    this.#pauseMs = 0;
    this.#since ??= String(Math.floor(Date.parse(stream.headers.date ?? '') / 1000) || 0);
    const lines = createInterface({ input: stream });
    // What broke it matters to nobody: it is opened again, and whether the engine is there is asked elsewhere.
    for (const source of [stream, lines]) source.on('error', () => undefined);
    lines.on('line', (line) => this.#take(line));
    stream.on('close', () => this.#broken(stream));
  }

  #broken(stream: IncomingMessage): void {
    if (this.#stream !== stream) return;
    this.#stream = undefined;
    this.#openLater();
  }

  #openLater(): void {
    if (this.#watched.size === 0 || this.#retry) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      if (this.#watched.size === 0) return;
      this.#ensureOpen(new AbortController().signal).catch(() => this.#openLater());
    }, this.#pauseMs);
    this.#retry.unref();
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2 + 100);
  }

  #take(line: string): void {
    const event = readEvent(line);
    if (!event) return;
    const { Action: action, Actor: actor, timeNano } = event;
    if (timeNano !== undefined) {
      const key = `${action} ${actor.ID} ${timeNano}`;
      if (this.#recent.includes(key)) return; // A stream that is taken up again repeats what was at that moment.
      this.#recent = [...this.#recent.slice(1 - keptEvents), key];
      this.#since = secondsOf(timeNano);
    }
    const watched = this.#watched.get(actor.ID);
    if (!watched) return;
    if (action === 'oom') watched.kills += 1;
    else watched.exitCode ??= exitCodeOf(actor.Attributes ?? {});
  }
}

function readEvent(line: string): z.infer<typeof eventSchema> | undefined {
  try {
    return eventSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined; // Cut off with the connection.
  }
}

/** A little before: as a number the time is known to half a microsecond only. */
function secondsOf(timeNano: number): string {
  const micros = Math.floor(timeNano / 1000) - 1;
  return `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}`;
}

/** Podman has another name for it. */
function exitCodeOf(attributes: Readonly<Record<string, string>>): number | undefined {
  const text = attributes['exitCode'] ?? attributes['containerExitCode'];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function abortable(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(toError(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
