import type { ServerProgram } from './serve.ts';
import { isMakingSnapshot } from './snapshot.ts';

export interface Starts {
  readonly program: () => Promise<{ readonly program: ServerProgram }>;
  /** What a thread of the server does, where it has one. A thread loads no MCP code. */
  readonly thread?: () => Promise<void>;
}

/** Where a server's file begins, whatever it was started for: a server is one file, and its threads are started from it too. */
export function start(starts: Starts): void {
  void begin(starts);
}

async function begin({ program, thread }: Starts): Promise<void> {
  if (thread && isThread()) await thread();
  else if (process.argv[2] === '--prepare-start') await (await import('./prepare-start.ts')).prepareStart();
  else await (await import('./serve.ts')).serve((await program()).program);
}

export function isThread(): boolean {
  return !isMakingSnapshot() && !process.getBuiltinModule('node:worker_threads').isMainThread;
}
