import { parentPort, workerData } from 'node:worker_threads';
import { chunkFile } from '../../core/memory/index.ts';
import { grammarOf } from './grammars.ts';
import { openParser, type LazyParser } from './parser.ts';
import type { CutFile, ToWorker, WorkerData, WorkerReady } from './worker-messages.ts';

/** Cuts files beside the thread that searches. It answers in the order in which it was asked. */

const port = parentPort;
const { grammars } = workerData as WorkerData;

const parser = open();
void parser.then(() => port?.postMessage({ ready: true } satisfies WorkerReady));
let last: Promise<void> = Promise.resolve();
port?.on('message', (asked: ToWorker) => {
  last = last.then(() => answer(asked));
});

async function answer({ id, path, text }: ToWorker): Promise<void> {
  const opened = await parser;
  const lacking = opened === undefined ? parserFor(path) : await opened.prepare(path);
  const chunks = chunkFile(path, text, opened);
  const message: CutFile = { id, chunks, ...(lacking === undefined ? {} : { lacking }) };
  port?.postMessage(message);
}

function parserFor(path: string): string | undefined {
  return grammarOf(path) === undefined ? undefined : 'web-tree-sitter';
}

async function open(): Promise<LazyParser | undefined> {
  try {
    return await openParser((name) => grammars[name] ?? '');
  } catch {
    return undefined; // No WebAssembly here, or its file is gone: everything is cut by line shapes.
  }
}
