import { readFileSync, statSync } from 'node:fs';
import { ownFile } from '../../own-file.ts';
import { globToRegExp } from './glob.ts';
import { ToolFailure } from '../../tool.ts';
import { matchLine, maxFileBytes, searchLimitMs, tooLong } from './search-request.ts';
import type { SearchAnswer, SearchRequest } from './search-request.ts';
import { walk, type WalkedFile } from './walk.ts';

/**
 * Runs a search in a worker thread of its own. A regular expression can take forever on the wrong line; a worker can be
 * stopped in the middle of it, and this thread keeps hearing when its input ends.
 */
export function search(request: SearchRequest, signal: AbortSignal): Promise<SearchAnswer> {
  signal.throwIfAborted();
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  return new Promise((resolve, reject) => {
    const worker = new Worker(ownFile(), {
      workerData: request,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    });
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      void worker.terminate();
      settle();
    };
    const timer = setTimeout(() => finish(() => reject(tooLong())), searchLimitMs);
    const onAbort = () => finish(() => reject(new ToolFailure('The search was cancelled.')));
    signal.addEventListener('abort', onAbort, { once: true });
    worker.once('message', (answer: SearchAnswer | { readonly failure: string }) =>
      finish(() => ('failure' in answer ? reject(new ToolFailure(answer.failure)) : resolve(answer))),
    );
    worker.once('error', (error) =>
      finish(() => reject(error instanceof Error ? error : new Error(String(error)))),
    );
  });
}

/** What the worker does. */
export function startSearchWorker(): void {
  const worker = process.getBuiltinModule('node:worker_threads');
  const request = worker.workerData as SearchRequest; // From `search` above, by structured clone.
  let answer: SearchAnswer | { readonly failure: string };
  try {
    answer = run(request);
  } catch (error) {
    answer = { failure: error instanceof Error ? error.message : String(error) };
  }
  worker.parentPort?.postMessage(answer);
}

function run(request: SearchRequest): SearchAnswer {
  const glob = request.glob === undefined ? undefined : globToRegExp(request.glob);
  const pattern = request.pattern && new RegExp(request.pattern.source, request.pattern.flags);
  const lines: string[] = [];
  let files = 0;
  for (const file of request.file
    ? [{ path: request.folder, shown: request.shown }]
    : walk(request.folder, request.shown)) {
    if (glob && !glob.test(file.shown)) continue;
    const found = pattern ? matchingLines(file, pattern) : [file.shown];
    if (found.length > 0 && lines.length < request.limit) files += 1;
    for (const line of found) {
      if (lines.length === request.limit) return { lines, files, more: true };
      lines.push(line);
    }
  }
  return { lines, files, more: false };
}

function matchingLines(file: WalkedFile, pattern: RegExp): string[] {
  const content = readText(file.path);
  if (content === undefined) return [];
  const found: string[] = [];
  let number = 0;
  for (const line of content.split('\n')) {
    number += 1;
    if (!pattern.test(line)) continue;
    found.push(matchLine(file.shown, number, line));
  }
  return found;
}

/** The text of a file; undefined when it is binary, very large or gone. */
function readText(path: string): string | undefined {
  try {
    if (statSync(path).size > maxFileBytes) return undefined;
    const bytes = readFileSync(path);
    return bytes.subarray(0, 8000).includes(0) ? undefined : bytes.toString('utf8');
  } catch {
    return undefined; // Removed or made unreadable since it was listed.
  }
}
