import type { AgentDefinition } from './agent.ts';
import { coder } from './built-in-agents/coder.ts';
import { explorer } from './built-in-agents/explorer.ts';
import { planner } from './built-in-agents/planner.ts';
import { reviewer } from './built-in-agents/reviewer.ts';

export const builtInAgents: readonly AgentDefinition[] = [coder, explorer, reviewer, planner];
