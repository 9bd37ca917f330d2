import { isMainThread } from 'node:worker_threads';

// The kernel of JavaScript is this same file, so that the bundle stays one file. It loads no MCP code.
if (!process.argv.includes('--javascript-kernel')) (await import('./serve.ts')).serve();
else if (isMainThread) (await import('./javascript/kernel.ts')).startKernel();
else (await import('./javascript/watcher.ts')).startWatcher();
