import type { StrataError } from '../../../base/errors.ts';
import type { AgentDefinition } from '../agent.ts';
import { unknownAgent } from '../errors.ts';

/**
 * The named agents and all that they may call or hand over to, directly or by way of others. Throws the mistake of an
 * agent's file, or `unknown-agent` for one that does not exist. A circle is no mistake: agents may hand back.
 */
export function reachableAgents(
  names: readonly string[],
  agents: ReadonlyMap<string, AgentDefinition>,
  mistakes: ReadonlyMap<string, StrataError> = new Map(),
): Record<string, AgentDefinition> {
  const reached = new Map<string, AgentDefinition>();
  const waiting = [...names];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    if (reached.has(name)) continue;
    const mistake = mistakes.get(name);
    if (mistake) throw mistake;
    const agent = agents.get(name);
    if (!agent) throw unknownAgent(name, [...agents.keys()], [...mistakes.values()]);
    reached.set(name, agent);
    waiting.push(...agent.agents, ...agent.handOvers);
  }
  return Object.fromEntries(reached);
}
