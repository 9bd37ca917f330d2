import { chooseRun, isAtRest } from '../commands/choose.ts';
import type { Command } from '../commands/context.ts';

/** Shows two runs side by side, with what differs. */
export const compareRuns: Command = async (context, args) => {
  const first = args.a ?? args.run;
  const a = await chooseRun(context, first === undefined ? {} : { run: first }, 'Run to compare', isAtRest);
  const second = args.b === undefined ? {} : { run: args.b };
  const b = await chooseRun(
    context,
    second,
    'Run to compare it with',
    (run) => isAtRest(run) && run.id !== a.run,
  );
  const pair = { a: a.run, b: b.run };
  const comparison = await context.comparison.show(pair);
  return { ...pair, ...(comparison ? { counts: comparison.counts, summary: comparison.summary } : {}) };
};
