import type { Context, Runnable } from 'mocha';

/** Ends the running mocha test as one that cannot run here. Never returns: mocha's own `skip` throws. */
export function skip(context: Context, reason: string): never {
  Object.assign(context.runnable(), { skipReason: reason });
  context.skip();
}

export function reasonOf(test: Runnable): string {
  return 'skipReason' in test && typeof test.skipReason === 'string' ? test.skipReason : 'no reason given';
}
