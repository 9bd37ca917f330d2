import { parentPort, workerData } from 'node:worker_threads';
import { chunkFile } from '../../core/memory/index.ts';
import { openParser, type LazyParser } from './parser.ts';
import type { FromWorker, ToWorker, WorkerData } from './worker-messages.ts';

/** Cuts files beside the thread that searches. It answers in the order in which it was asked. */

const port = parentPort;
const { grammars } = workerData as WorkerData;

let parser: Promise<LazyParser | undefined> | undefined;
let last: Promise<void> = Promise.resolve();
port?.on('message', (asked: ToWorker) => {
  last = last.then(() => answer(asked));
});

async function answer({ id, path, text }: ToWorker): Promise<void> {
  parser ??= open();
  const opened = await parser;
  await opened?.prepare(path);
  const message: FromWorker = { id, chunks: chunkFile(path, text, opened) };
  port?.postMessage(message);
}

async function open(): Promise<LazyParser | undefined> {
  try {
    return await openParser((name) => grammars[name] ?? '');
  } catch {
    return undefined; // No WebAssembly here, or its file is gone: everything is cut by line shapes.
  }
}
