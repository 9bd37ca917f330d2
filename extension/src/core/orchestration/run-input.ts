import * as z from 'zod';
import type { Json } from '../../base/json.ts';
import type { RunId } from '../../protocol/run-event.ts';
import type { ApprovalRules } from '../tools/policy.ts';
import type { AgentDefinition } from './agent.ts';
import { runImported } from './errors.ts';
import type { RecordedRequest } from './lent-chat/chat-request.ts';
import { requestSchema } from './lent-chat/request-schema.ts';
import type { WorkflowDefinition } from './workflow/definition.ts';
import { workflowSchema } from './workflow/schema.ts';

/** Everything a run starts from, recorded with it: a resume or a replay must not depend on files that changed since. */
export interface RunInput {
  readonly program: Program;
  readonly task: string;
  /** Approval rules in force, first match wins: tool pattern and what to do. */
  readonly approval: ApprovalRules;
  /**
   * Tokens that descriptions of other people's tools may take up in each request; beyond that they stand behind
   * `tools_find` and `tools_call`. Absent for no limit, as in runs from before there was one.
   */
  readonly catalogueTokens?: number;
  /** The agents that this run and those below it may call or hand over to, by name. */
  readonly agents: Readonly<Record<string, AgentDefinition>>;
  /** Tree to begin with in place of the folder's files: a sub-run's, a rerun's. */
  readonly from?: string;
  /** Tokens that a request and its answer may come to; absent in runs from before there was a limit. */
  readonly contextTokens?: number;
  /** The run that a person started and that this one is a part of; absent in that one itself. */
  readonly root?: RunId;
  /** What that run may spend with all its sub-runs before it pauses; absent in runs from before there was one. */
  readonly budget?: { readonly usd?: number; readonly tokens?: number };
  /** 0 for a run that a person started, 1 for its sub-runs, and so on. */
  readonly depth: number;
}

export type Program =
  | { readonly kind: 'agent'; readonly agent: AgentDefinition }
  | { readonly kind: 'workflow'; readonly workflow: WorkflowDefinition }
  /** Calls that another program makes through the gateway; nobody plans them. */
  | { readonly kind: 'gateway'; readonly client: { readonly name: string; readonly version: string } }
  /** A turn of another program's chat, of which this is the first request. `client` is its name, such as `vscode`. */
  | { readonly kind: 'chat'; readonly client: string; readonly request: RecordedRequest };

/** Fields that came later have the value that runs before them meant. */
const agent = z.object({
  name: z.string(),
  description: z.string(),
  route: z.string(),
  tools: z.array(z.string()),
  agents: z.array(z.string()).default([]),
  handOvers: z.array(z.string()).default([]),
  maxSteps: z.number(),
  budget: z.number().exactOptional(),
  memory: z.boolean().default(true),
  isolation: z.enum(['copy', 'workspace']).exactOptional(),
  prompt: z.string(),
});

const approval = z.enum(['allow', 'ask', 'deny']);
const argumentRule = z.object({
  arguments: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  decision: approval,
});

const shared = {
  task: z.string(),
  approval: z.record(z.string(), z.union([approval, z.array(z.union([approval, argumentRule]))])),
  catalogueTokens: z.number().exactOptional(),
  agents: z.record(z.string(), agent).default({}),
  from: z.string().exactOptional(),
  contextTokens: z.number().exactOptional(),
  root: z.string().exactOptional(),
  budget: z.object({ usd: z.number().exactOptional(), tokens: z.number().exactOptional() }).exactOptional(),
  depth: z.number().default(0),
};

const program = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('agent'), agent }),
  z.object({ kind: z.literal('workflow'), workflow: workflowSchema }),
  z.object({ kind: z.literal('gateway'), client: z.object({ name: z.string(), version: z.string() }) }),
  z.object({ kind: z.literal('chat'), client: z.string(), request: requestSchema }),
]);

const schema: z.ZodType<RunInput> = z.union([
  z.object({ ...shared, program }),
  // Before there were workflows, every run was one agent's.
  z
    .object({ ...shared, agent })
    .transform(({ agent: only, ...rest }) => ({ ...rest, program: { kind: 'agent' as const, agent: only } })),
]);

/** What stands in the place of an input where another program did the run. */
const imported = z.object({ imported: z.object({}) });

/** Throws `run-imported` for a run that another program did. */
export function parseRunInput(value: Json): RunInput {
  if (imported.safeParse(value).success) throw runImported();
  return schema.parse(value);
}

export function runInputJson(input: RunInput): Json {
  // Plain data, which an interface without an index signature cannot say of itself.
  return structuredClone(input) as unknown as Json;
}
