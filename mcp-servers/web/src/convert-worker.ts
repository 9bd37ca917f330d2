import { ownFile } from '../../own-file.ts';
import { ToolFailure } from '../../tool.ts';
import { toMarkdown } from './markdown/index.ts';

interface Job {
  readonly html: string;
  readonly url: string;
  readonly wholePage: boolean;
}

interface Converted {
  readonly text: string;
  readonly title: string | undefined;
}

const limitMs = 15_000;

/** Converts a page in a thread of its own, which can be stopped: a page may be made to take forever. */
export function convert(job: Job, signal: AbortSignal): Promise<Converted> {
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  return new Promise((resolve, reject) => {
    const worker = new Worker(ownFile(), {
      workerData: job,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    });
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      void worker.terminate();
      settle();
    };
    const fail = (why: string) => finish(() => reject(new ToolFailure(why)));
    const advice = 'Ask for it with `raw`.';
    const timer = setTimeout(() => fail(`The page took too long to be converted. ${advice}`), limitMs);
    const onAbort = () => fail('The call was cancelled.');
    signal.addEventListener('abort', onAbort, { once: true });
    worker.once('message', (converted: Converted) => finish(() => resolve(converted)));
    worker.once('error', () => fail(`The page could not be converted. ${advice}`));
  });
}

/** What the worker does. */
export function startConvertWorker(): void {
  const worker = process.getBuiltinModule('node:worker_threads');
  const job = worker.workerData as Job; // From `convert` above, by structured clone.
  const converted: Converted = toMarkdown(job.html, { base: job.url, wholePage: job.wholePage });
  worker.parentPort?.postMessage(converted);
}
