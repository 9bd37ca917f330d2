import * as z from 'zod';
import type { Json } from '../base/json.ts';

/**
 * Events as version 1 wrote them. Frozen: nothing here may follow what the events of today look like, or logs that people have
 * would no longer open.
 */
const payload = z.union([
  z.object({ inline: z.custom<Json>((value) => value !== undefined) }).strict(),
  z.object({ blob: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.number().int().nonnegative() }).strict(),
]);
const errorInfo = z.object({ code: z.string(), message: z.string(), action: z.string().exactOptional() });
const usage = z.object({
  input: z.number(),
  output: z.number(),
  cacheRead: z.number().exactOptional(),
  cacheWrite: z.number().exactOptional(),
  reasoning: z.number().exactOptional(),
});
const cost = z.union([
  z.object({ kind: z.enum(['priced', 'estimated']), usd: z.number() }),
  z.object({ kind: z.enum(['unknown']) }),
  z.object({ kind: z.enum(['free']) }),
]);
const modelUse = z.object({
  provider: z.string(),
  model: z.string(),
  usage,
  cost,
  firstTokenMs: z.number().exactOptional(),
});
const files = z.object({ before: z.string(), after: z.string(), paths: z.array(z.string()) });

const envelope = { v: z.literal(1), run: z.string(), seq: z.number().int().positive(), at: z.number() };
const step = z.string().regex(/^\d+(\.\d+)*$/);

export const runEventV1Schema = z.discriminatedUnion('type', [
  z.object({
    ...envelope,
    type: z.literal('run.started'),
    agent: z.string(),
    task: z.string(),
    folder: z.string(),
    route: z.string(),
    isolation: z.enum(['copy', 'workspace']),
    input: payload,
    strata: z.string(),
  }),
  z.object({ ...envelope, type: z.literal('run.resumed'), owner: z.string() }),
  z.object({ ...envelope, type: z.literal('run.paused'), reason: errorInfo }),
  z.object({
    ...envelope,
    type: z.literal('run.finished'),
    outcome: z.enum(['succeeded', 'failed', 'stopped']),
    answer: payload.exactOptional(),
    error: errorInfo.exactOptional(),
  }),
  z.object({
    ...envelope,
    type: z.literal('run.changes'),
    decision: z.enum(['applied', 'discarded']),
    paths: z.array(z.string()),
  }),
  z.object({
    ...envelope,
    type: z.literal('step.started'),
    step,
    kind: z.enum(['snapshot', 'index', 'recall', 'catalogue', 'chat', 'approval', 'tool', 'remember']),
    name: z.string(),
    effect: z.enum(['read', 'contained', 'change']),
    inputHash: z.string(),
    input: payload,
    attempt: z.number().int().positive(),
  }),
  z.object({ ...envelope, type: z.literal('step.output'), step, text: z.string() }),
  z.object({
    ...envelope,
    type: z.literal('step.note'),
    step,
    level: z.enum(['info', 'warning']),
    text: z.string(),
  }),
  z.object({
    ...envelope,
    type: z.literal('step.finished'),
    step,
    output: payload,
    durationMs: z.number(),
    isError: z.boolean().exactOptional(),
    model: modelUse.exactOptional(),
    files: files.exactOptional(),
  }),
  z.object({ ...envelope, type: z.literal('step.failed'), step, error: errorInfo, durationMs: z.number() }),
  z.object({ ...envelope, type: z.literal('step.interrupted'), step, reason: errorInfo }),
]);

export type RunEventV1 = z.infer<typeof runEventV1Schema>;
