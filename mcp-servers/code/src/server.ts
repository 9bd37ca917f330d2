import { isThread, start } from '../../start.ts';

// The kernel of JavaScript is this same file, so that the server stays one file. It loads no MCP code.
if (!process.argv.includes('--javascript-kernel')) start({ program: () => import('./program.ts') });
else if (isThread()) void import('./javascript/watcher.ts').then(({ startWatcher }) => startWatcher());
else void import('./javascript/kernel.ts').then(({ startKernel }) => startKernel());
