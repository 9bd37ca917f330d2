import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { chunkFile, type Chunk } from '../../core/memory/index.ts';
import { grammarFiles, missingGrammars } from './grammar-files.ts';
import { GRAMMAR_NAMES } from './grammars.ts';
import type { FromWorker, ToWorker, WorkerData } from './worker-messages.ts';

/** Cuts files into chunks in a thread of its own. */
export interface Cutter {
  /**
   * Whatever the file holds there is an answer, in the order in which it was asked; only a cutter that was closed
   * rejects.
   */
  chunks(path: string, text: string): Promise<readonly Chunk[]>;
  /** Names of compiled grammars, or of the parser, that did not come along, or were needed and could not be loaded. */
  lacking(): readonly string[];
  close(): Promise<void>;
}

export interface CutterOptions {
  /** How long the thread may take for one file before it is ended and the file is cut without a parser. */
  readonly fileLimitMs?: number;
  /** The thread, where it is not the one beside this file. */
  readonly worker?: string;
  /** Places of the compiled grammars, where they are not those that come along. */
  readonly grammars?: Readonly<Record<string, string>>;
}

/** The thread starts at the first file. */
export function openCutter({ fileLimitMs = FILE_LIMIT_MS, ...options }: CutterOptions = {}): Cutter {
  const lacking = new Set(options.grammars === undefined ? missingGrammars(GRAMMAR_NAMES) : []);
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let isReady = false;
  let timer: NodeJS.Timeout | undefined;
  let ending: Promise<unknown> = Promise.resolve();
  let next = 0;
  let closed = false;

  function start(): Worker {
    const workerData: WorkerData = { grammars: options.grammars ?? grammarFiles(GRAMMAR_NAMES) };
    isReady = false;
    const started = new Worker(options.worker ?? workerFile(), {
      workerData,
      // Trees of one file at a time, and their texts.
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    });
    started.on('message', (answer: FromWorker) => {
      if ('ready' in answer) {
        if (worker === started) isReady = true;
        watch();
        return;
      }
      const { id, chunks } = answer;
      const asked = waiting.get(id);
      waiting.delete(id);
      if (answer.lacking !== undefined) lacking.add(answer.lacking);
      asked?.resolve(chunks);
      watch();
    });
    // What it was at is the first that waits, and the rest goes to the next thread.
    started.on('error', () => giveUp(started));
    started.on('exit', () => giveUp(started));
    return started;
  }

  /** One limit at a time: the thread answers in order, so it is at the first that waits. */
  function watch(): void {
    clearTimeout(timer);
    timer = undefined;
    const at = worker;
    if (waiting.size === 0 || at === undefined) return;
    timer = setTimeout(() => giveUp(at), isReady ? fileLimitMs : fileLimitMs + START_LIMIT_MS);
    timer.unref();
  }

  function giveUp(dead: Worker): void {
    if (worker !== dead) return;
    worker = undefined;
    clearTimeout(timer);
    ending = Promise.all([ending, dead.terminate()]);
    const [[id, first] = []] = waiting;
    if (id !== undefined && first !== undefined) {
      waiting.delete(id);
      settleWithoutParser(first);
    }
    if (closed || waiting.size === 0) return;
    // At once, so that a file that is asked for meanwhile does not get ahead of those that wait.
    worker = start();
    for (const [each, { path, text }] of waiting) send(worker, { id: each, path, text });
    watch();
  }

  return {
    async chunks(path, text) {
      if (closed) throw new Error('The cutter was closed.');
      const id = next++;
      return await new Promise<readonly Chunk[]>((resolve, reject) => {
        waiting.set(id, { path, text, resolve, reject });
        worker ??= start();
        send(worker, { id, path, text });
        if (waiting.size === 1) watch();
      });
    },
    lacking: () => [...lacking],
    async close() {
      closed = true;
      clearTimeout(timer);
      const ended = worker;
      worker = undefined;
      for (const { reject } of waiting.values()) reject(new Error('The cutter was closed.'));
      waiting.clear();
      await Promise.all([ending, ended?.terminate()]);
    },
  };
}

interface Waiting {
  readonly path: string;
  readonly text: string;
  readonly resolve: (chunks: readonly Chunk[]) => void;
  readonly reject: (error: unknown) => void;
}

function settleWithoutParser({ path, text, resolve, reject }: Waiting): void {
  try {
    resolve(chunkFile(path, text));
  } catch (error) {
    reject(error);
  }
}

function send(to: Worker, message: ToWorker): void {
  to.postMessage(message);
}

/** The bundle beside this one, or the source. */
function workerFile(): string {
  const bundle = join(import.meta.dirname, 'memory-cutter.cjs');
  return existsSync(bundle) ? bundle : join(import.meta.dirname, 'worker.ts');
}

/** Of a thread that loads its bundle and the parser on a machine that is busy. */
const START_LIMIT_MS = 60_000;

/** The parser ends by itself long before; this is for a thread that hangs. */
const FILE_LIMIT_MS = 30_000;
