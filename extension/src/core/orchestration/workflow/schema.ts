import * as z from 'zod';
import type { WorkflowDefinition } from './definition.ts';

const base = {
  id: z.string(),
  retries: z.number().int().nonnegative(),
  timeLimitMs: z.number().positive().exactOptional(),
};

const node = z.discriminatedUnion('kind', [
  z.object({ ...base, kind: z.literal('agent'), agent: z.string(), task: z.string() }),
  z.object({
    ...base,
    kind: z.literal('map'),
    over: z.string(),
    agent: z.string(),
    task: z.string(),
    parallel: z.number().int().positive(),
  }),
  z.object({
    ...base,
    kind: z.literal('critic'),
    author: z.string(),
    critic: z.string(),
    task: z.string(),
    rounds: z.number().int().positive(),
  }),
  z.object({
    ...base,
    kind: z.literal('discussion'),
    chair: z.string(),
    members: z.array(z.string()),
    task: z.string(),
    rounds: z.number().int().positive(),
  }),
]);

const condition = z.object({
  node: z.string(),
  field: z.enum(['answer', 'outcome']),
  test: z.enum(['contains', 'equals', 'matches']),
  value: z.string(),
  negated: z.boolean(),
});

const edge = z.object({
  from: z.string(),
  to: z.string(),
  when: condition.exactOptional(),
  limit: z.number().int().positive().exactOptional(),
});

/** A workflow as it stands in the input of a run. Its file has a form of its own, for people. */
export const workflowSchema: z.ZodType<WorkflowDefinition> = z.object({
  name: z.string(),
  description: z.string(),
  nodes: z.array(node),
  edges: z.array(edge),
  budget: z.number().exactOptional(),
});
