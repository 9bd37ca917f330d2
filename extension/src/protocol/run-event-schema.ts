import * as z from 'zod';
import type { Json } from '../base/json.ts';
import { CONTEXT_SECTIONS } from './context-report.ts';
import { RUN_EVENT_VERSION, STEP_KINDS } from './run-event.ts';
import type { RunEvent } from './run-event.ts';

const payload = z.union([
  // Read with JSON.parse, so it is JSON; a schema would copy it, and lose keys such as `__proto__` on the way.
  z.object({ inline: z.custom<Json>((value) => value !== undefined) }).strict(),
  z.object({ blob: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.number().int().nonnegative() }).strict(),
]);
const errorInfo = z.object({ code: z.string(), message: z.string(), action: z.string().exactOptional() });
const usage = z.object({
  input: z.number(),
  output: z.number(),
  cacheRead: z.number().exactOptional(),
  cacheWrite: z.number().exactOptional(),
  cacheWrite1h: z.number().exactOptional(),
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
const toolUse = z.object({
  server: z.string(),
  image: z.string().exactOptional(),
  cached: z.literal(true).exactOptional(),
  waitedMs: z.number().exactOptional(),
  connections: z
    .array(
      z.object({
        host: z.string(),
        port: z.number(),
        allowed: z.boolean(),
        at: z.number(),
        durationMs: z.number(),
        sentBytes: z.number(),
        receivedBytes: z.number(),
      }),
    )
    .exactOptional(),
  sampled: z.array(modelUse).exactOptional(),
});
const files = z.object({ before: z.string(), after: z.string(), paths: z.array(z.string()) });

const steering = z.object({
  text: z.string().exactOptional(),
  route: z.string().exactOptional(),
  prompt: z.string().exactOptional(),
});
const origin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user') }),
  z.object({ kind: z.literal('sub-run'), run: z.string(), step: z.string() }),
  z.object({ kind: z.literal('fork'), run: z.string(), step: z.string() }),
  z.object({ kind: z.literal('rerun'), run: z.string() }),
  z.object({ kind: z.literal('replay'), run: z.string(), live: z.enum(['models', 'tools']) }),
  z.object({ kind: z.literal('import'), source: z.string(), trace: z.string() }),
]);
const rating = z.object({
  verdict: z.enum(['up', 'down', 'none']).exactOptional(),
  correction: z.string().exactOptional(),
  memory: z.enum(['kept', 'pinned', 'forgotten']).exactOptional(),
});
const rollUp = z.object({
  steps: z.number(),
  calls: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  usd: z.number(),
  unpriced: z.number(),
  priced: z.number(),
  estimated: z.boolean(),
});
const context = z.object({
  budget: z.number(),
  tokens: z.number(),
  sections: z.array(
    z.object({ section: z.enum(CONTEXT_SECTIONS), messages: z.number(), tokens: z.number() }),
  ),
  leftOut: z.object({ messages: z.number(), tokens: z.number() }),
});

const envelope = {
  v: z.literal(RUN_EVENT_VERSION),
  run: z.string(),
  seq: z.number().int().positive(),
  at: z.number(),
};
const step = z.string().regex(/^\d+(\.\d+)*$/);

/** Every event of a run log, as it is read back. */
export const runEventSchema: z.ZodType<RunEvent> = z.discriminatedUnion('type', [
  z.object({
    ...envelope,
    type: z.literal('run.started'),
    origin,
    agent: z.string(),
    task: z.string(),
    folder: z.string(),
    route: z.string(),
    isolation: z.enum(['copy', 'workspace']),
    input: payload,
    strata: z.string(),
    user: z.string().exactOptional(),
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
    decision: z.enum(['applied', 'undone', 'discarded']),
    paths: z.array(z.string()),
    undo: z.object({ base: z.string(), result: z.string() }).exactOptional(),
  }),
  z.object({ ...envelope, type: z.literal('run.steered'), steering }),
  z.object({ ...envelope, type: z.literal('run.rated'), rating }),
  z.object({ ...envelope, type: z.literal('run.restored'), step, tree: z.string() }),
  z.object({
    ...envelope,
    type: z.literal('step.started'),
    step,
    kind: z.enum(STEP_KINDS),
    name: z.string(),
    effect: z.enum(['read', 'contained', 'change']),
    inputHash: z.string(),
    input: payload,
    attempt: z.number().int().positive(),
    retry: z.number().int().positive().exactOptional(),
    child: z.string().exactOptional(),
    context: context.exactOptional(),
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
    tool: toolUse.exactOptional(),
    files: files.exactOptional(),
    rollUp: rollUp.exactOptional(),
    edited: z.literal(true).exactOptional(),
  }),
  z.object({
    ...envelope,
    type: z.literal('step.failed'),
    step,
    error: errorInfo,
    durationMs: z.number(),
  }),
  z.object({ ...envelope, type: z.literal('step.interrupted'), step, reason: errorInfo }),
]);
