import * as z from 'zod';
import { SPANS, SUBJECTS } from './metrics.ts';
import type { MetricsChoice, MetricsPageMessage, MetricsState } from './metrics-panel.ts';

const run = z.string().min(1).max(2000);
const choice: z.ZodType<MetricsChoice> = z.object({
  by: z.enum(SUBJECTS),
  over: z.enum(SPANS),
  days: z.number().int().positive().max(36_500).exactOptional(),
  group: z.object({ key: z.string().max(10_000).exactOptional() }).exactOptional(),
});

/** Everything that the page may send. */
export const metricsPageMessageSchema: z.ZodType<MetricsPageMessage> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('show'), choice }),
  z.object({ type: z.literal('runs'), choice, start: z.number().exactOptional() }),
  z.object({ type: z.literal('open-run'), run }),
  z.object({ type: z.literal('run-agent') }),
]);

export const metricsStateSchema: z.ZodType<MetricsState> = z.object({
  v: z.literal(1),
  folder: z.string().min(1).max(10_000),
  choice,
});
