import { start } from '../../start.ts';

start({
  program: () => import('./program.ts'),
  // Pages are converted in a thread.
  thread: async () => (await import('./convert-worker.ts')).startConvertWorker(),
});
