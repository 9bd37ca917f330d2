import * as z from 'zod';

/** One line of the file in which a suite inside the extension host says how its tests end, as they end. */
export const hostRecord = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('test'),
    outcome: z.enum(['passed', 'failed', 'skipped']),
    title: z.string(),
    ms: z.number(),
    /** Why it failed, or why it was skipped. */
    reason: z.string().optional(),
  }),
  z.object({ kind: z.literal('end'), passed: z.number(), failed: z.number(), skipped: z.number() }),
]);
export type HostRecord = z.infer<typeof hostRecord>;

/** Environment variables between the runner and the extension host. */
export const hostVariables = {
  results: 'STRATA_TEST_RESULTS',
  grep: 'STRATA_TEST_GREP',
  scratch: 'STRATA_TEST_SCRATCH',
} as const;

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

export const emptyTally = (): Tally => ({ passed: 0, failed: 0, skipped: 0 });

/** Prints one test as every part of this runner does. */
export function report(
  tally: Tally,
  outcome: keyof Tally,
  title: string,
  ms?: number,
  reason?: string,
): void {
  tally[outcome] += 1;
  const mark = { passed: '✔', failed: '✖', skipped: '-' }[outcome];
  const time = ms === undefined ? '' : ` (${Math.round(ms)} ms)`;
  if (outcome === 'skipped') console.log(`${mark} ${title} # SKIP ${reason ?? ''}`.trimEnd());
  else console.log(`${mark} ${title}${time}`);
  if (outcome === 'failed' && reason !== undefined) console.log(reason.replaceAll(/^/gm, '    '));
}

export function summary({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
