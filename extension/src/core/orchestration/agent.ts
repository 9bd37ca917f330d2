import type { Isolation } from '../../protocol/run-event.ts';
import { matchesPattern } from '../tools/name-pattern.ts';

/** What an agent gets that does not say otherwise: all that there is, also of servers that a person added. */
export const DEFAULT_TOOLS = ['*'];
export const DEFAULT_MAX_STEPS = 50;

/** An agent: a prompt, a route to models, and what it may use. */
export interface AgentDefinition {
  readonly name: string;
  readonly description: string;
  /** Task type that the router turns into a model. */
  readonly route: string;
  /** Names of tools, `*` standing for any run of characters. */
  readonly tools: readonly string[];
  /** Names of agents that it may give parts of its task to; each works in a run of its own. */
  readonly agents: readonly string[];
  /** Names of agents that it may hand the conversation over to. */
  readonly handOvers: readonly string[];
  /** Model calls after which the run pauses and asks whether to go on. */
  readonly maxSteps: number;
  /** Dollars after which the run pauses and asks whether to go on; sub-runs count. */
  readonly budget?: number;
  /** Whether it is told of earlier runs, and its own are remembered. */
  readonly memory: boolean;
  /** Where it makes its changes, when it is not what the settings say. */
  readonly isolation?: Isolation;
  readonly prompt: string;
}

export function mayUse(agent: Pick<AgentDefinition, 'tools'>, tool: string): boolean {
  return agent.tools.some((pattern) => matchesPattern(pattern, tool));
}
