import * as z from 'zod';
import type { Json } from '../../base/json.ts';
import type { AgentDefinition } from './agent.ts';

/** Everything a run starts from, recorded with it: a resume or a replay must not depend on files that changed since. */
export interface RunInput {
  readonly agent: AgentDefinition;
  readonly task: string;
  /** Approval rules in force, first match wins: tool pattern and what to do. */
  readonly approval: Readonly<Record<string, 'allow' | 'ask' | 'deny'>>;
}

const schema: z.ZodType<RunInput> = z.object({
  agent: z.object({
    name: z.string(),
    description: z.string(),
    route: z.string(),
    tools: z.array(z.string()),
    maxSteps: z.number(),
    prompt: z.string(),
  }),
  task: z.string(),
  approval: z.record(z.string(), z.enum(['allow', 'ask', 'deny'])),
});

export function parseRunInput(value: Json): RunInput {
  return schema.parse(value);
}

export function runInputJson(input: RunInput): Json {
  return { agent: { ...input.agent }, task: input.task, approval: { ...input.approval } };
}
