import { start } from '../../start.ts';

start({
  program: () => import('./program.ts'),
  // The search runs in a thread.
  thread: async () => (await import('./search-worker.ts')).startSearchWorker(),
});
