import { isMainThread } from 'node:worker_threads';

// Pages are converted in a worker of this same file, so that the bundle stays one file. The worker loads no MCP code.
if (isMainThread) (await import('./serve.ts')).serve();
else (await import('./convert-worker.ts')).startConvertWorker();
