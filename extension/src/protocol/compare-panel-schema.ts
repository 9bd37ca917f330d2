import * as z from 'zod';
import type { ComparePageMessage, CompareState } from './compare-panel.ts';

/** That of a sub-run grows with its depth. */
const run = z.string().min(1).max(2000);
const step = z
  .string()
  .max(2000)
  .regex(/^\d+(\.\d+)*$/);
const count = z.number().int().nonnegative();

/** Everything that the page may send. */
export const comparePageMessageSchema: z.ZodType<ComparePageMessage> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('texts'), version: count, line: count }),
  z.object({ type: z.literal('open-step'), run, step: step.exactOptional() }),
  z.object({ type: z.literal('open-file'), path: z.string().min(1).max(4096) }),
  z.object({ type: z.literal('open-text') }),
  z.object({ type: z.literal('choose-runs') }),
]);

export const compareStateSchema: z.ZodType<CompareState> = z.object({
  ...{ v: z.literal(1), a: run, b: run },
  line: count.exactOptional(),
  onlyDifferences: z.boolean().exactOptional(),
  scrollTop: z.number().nonnegative().exactOptional(),
  filesOpen: z.boolean().exactOptional(),
});
