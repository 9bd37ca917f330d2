import { createRequire, registerHooks } from 'node:module';
import { isMainThread, parentPort } from 'node:worker_threads';
import type { ToWorker, WorkerReady } from '../../extension/src/node/tree-sitter/worker-messages.ts';

/**
 * A memory process whose cutting thread hangs at a file that says so and dies at another one, and which lacks the grammar
 * of Go. It is the process and the thread in one file.
 */

if (isMainThread) {
  const odd = import.meta.resolve('./odd-cutter.ts');
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier === '../../tree-sitter/index.ts' ? odd : specifier, context),
  });
  await import('./odd-cutter.ts');
  await import('../../extension/src/node/lancedb/child.ts');
} else {
  parentPort?.on('message', ({ text }: ToWorker) => {
    if (text.includes('the thread dies')) process.exit(1);
    // Only a thread that has loaded all can hang at a file.
    if (text.includes('the thread hangs')) parentPort?.postMessage({ ready: true } satisfies WorkerReady);
    while (text.includes('the thread hangs'));
  });
  // In this turn of the event loop: a file that came before the thread listens would be lost, and it would look dead.
  createRequire(import.meta.url)('../../extension/src/node/tree-sitter/worker.ts');
}
