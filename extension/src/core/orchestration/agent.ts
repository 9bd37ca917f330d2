import { matchesPattern } from '../tools/policy.ts';

/** What an agent gets that does not say otherwise. */
export const DEFAULT_TOOLS = ['memory_*', 'files_*', 'shell_*'];
export const DEFAULT_MAX_STEPS = 50;

/** An agent: a prompt, a route to models, and the tools it may use. */
export interface AgentDefinition {
  readonly name: string;
  readonly description: string;
  /** Task type that the router turns into a model. */
  readonly route: string;
  /** Names of tools, `*` standing for any run of characters. */
  readonly tools: readonly string[];
  /** Model calls after which the run gives up. */
  readonly maxSteps: number;
  readonly prompt: string;
}

export function mayUse(agent: Pick<AgentDefinition, 'tools'>, tool: string): boolean {
  return agent.tools.some((pattern) => matchesPattern(pattern, tool));
}
