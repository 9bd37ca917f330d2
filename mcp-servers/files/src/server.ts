import { isMainThread } from 'node:worker_threads';
import { startSearchWorker } from './search-worker.ts';

// The search runs in a worker of this same file, so that the bundle stays one file. The worker loads no MCP code.
if (isMainThread) (await import('./serve.ts')).serve();
else startSearchWorker();
