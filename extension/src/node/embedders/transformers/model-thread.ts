import type { Worker } from 'node:worker_threads';
import { messageOf } from '../../../base/errors.ts';
import { EmbedderError, embedderSilent } from '../../../core/memory/embedding/index.ts';
import { fromWorker } from './worker-messages.ts';

interface Asked {
  readonly resolve: (vectors: readonly Float32Array[]) => void;
  readonly reject: (error: unknown) => void;
}

/** The thread of a local model. It ends when nothing was asked for a while, since a loaded model holds some hundred MB. */
export class ModelThread {
  readonly #worker: Worker;
  readonly #asked = new Map<number, Asked>();
  readonly #ends = new Set<() => void>();
  #lastId = 0;
  #idle: NodeJS.Timeout | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Waits until the model is loaded. */
  static async start(worker: Worker, signal: AbortSignal): Promise<ModelThread> {
    const thread = new ModelThread(worker);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const give = (error: Error): void => {
      reject(error);
      void worker.terminate();
    };
    const abort = (): void => give(new DOMException('The embedder was replaced.', 'AbortError'));
    const timer = setTimeout(() => give(embedderSilent(LOAD_MS)), LOAD_MS);
    signal.addEventListener('abort', abort, { once: true });
    // Read and dropped: the runtime prints its own warnings.
    worker.stdout.resume();
    worker.stderr.resume();
    worker.on('error', (error) => {
      reject(error instanceof Error ? error : new Error(messageOf(error)));
      thread.#ended(messageOf(error));
    });
    worker.on('exit', () => {
      reject(new Error('its thread ended while it was loading'));
      thread.#ended('its thread ended');
    });
    worker.on('message', (raw) => {
      const message = fromWorker.parse(raw);
      if ('ready' in message) resolve();
      else thread.#settle(message);
    });
    try {
      await promise;
      worker.unref();
      return thread;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  /** What was asked for before cannot be taken back from the thread; with the signal its answer is not waited for. */
  async embed(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]> {
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<readonly Float32Array[]>();
    const abort = (): void => reject(signal.reason);
    const timer = setTimeout(() => {
      reject(embedderSilent(EMBED_MS));
      void this.end();
    }, EMBED_MS);
    signal.addEventListener('abort', abort, { once: true });
    this.#asked.set(id, { resolve, reject });
    clearTimeout(this.#idle);
    this.#worker.postMessage({ id, texts });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      this.#asked.delete(id);
      this.#idle = setTimeout(() => void this.end(), IDLE_MS).unref();
    }
  }

  onEnd(listener: () => void): void {
    this.#ends.add(listener);
  }

  async end(): Promise<void> {
    clearTimeout(this.#idle);
    this.#ended('it was ended');
    await this.#worker.terminate();
  }

  #settle(message: Exclude<ReturnType<typeof fromWorker.parse>, { ready: true }>): void {
    const asked = this.#asked.get(message.id);
    if (asked === undefined) return; // Nobody waits for it any more.
    if ('failure' in message)
      asked.reject(new EmbedderError('bad-answer', `The local model failed: ${message.failure}`));
    else asked.resolve(rowsOf(message.numbers, message.dimension));
  }

  #ended(why: string): void {
    for (const { reject } of this.#asked.values())
      reject(new EmbedderError('overloaded', `The local model stopped: ${why}.`));
    for (const listener of this.#ends) listener();
    this.#ends.clear();
  }
}

/** From a slow disk. */
const LOAD_MS = 120_000;
/** Eight texts of the longest kind, on a busy machine. */
const EMBED_MS = 120_000;
const IDLE_MS = 5 * 60_000;

function rowsOf(numbers: Float32Array, dimension: number): readonly Float32Array[] {
  if (dimension < 1) return [];
  return Array.from({ length: Math.floor(numbers.length / dimension) }, (_, at) =>
    numbers.subarray(at * dimension, (at + 1) * dimension),
  );
}
