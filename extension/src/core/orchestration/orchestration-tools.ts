import type { Tool } from '../tools/tool.ts';
import type { AgentDefinition } from './agent.ts';

/** Answered by the run itself, not by a server. */
export const RUN_AGENT = 'agents_run';
export const HAND_OVER = 'agents_hand_over';

/** What an agent may do with the agents that it names; nothing for one that names none. */
export function orchestrationTools(
  agent: AgentDefinition,
  agents: Readonly<Record<string, AgentDefinition>>,
): readonly Tool[] {
  const tools: Tool[] = [];
  const called = agent.agents.filter((name) => agents[name]);
  if (called.length > 0) {
    tools.push(
      tool(
        RUN_AGENT,
        `Give a part of the task to another agent, which works on it alone and answers when it is done. Several calls at once run side by side. What it changes in files is merged into yours.\n${describe(called, agents)}`,
        called,
        { task: 'The whole of what it must know: it sees nothing of this conversation.' },
      ),
    );
  }
  const takers = agent.handOvers.filter((name) => agents[name]);
  if (takers.length > 0) {
    tools.push(
      tool(
        HAND_OVER,
        `Hand the conversation over to another agent, which goes on in your place. You do not come back.\n${describe(takers, agents)}`,
        takers,
        { message: 'What it should know and do first.' },
      ),
    );
  }
  return tools;
}

function tool(
  name: string,
  description: string,
  agents: readonly string[],
  text: Readonly<Record<string, string>>,
): Tool {
  const words = Object.entries(text).map(
    ([key, about]) => [key, { type: 'string', description: about }] as const,
  );
  return {
    name,
    server: 'agents',
    // A sub-run has rules of its own for what it does.
    effect: 'read',
    description,
    inputSchema: {
      type: 'object',
      properties: { agent: { type: 'string', enum: [...agents] }, ...Object.fromEntries(words) },
      required: ['agent', ...Object.keys(text)],
      additionalProperties: false,
    },
  };
}

function describe(names: readonly string[], agents: Readonly<Record<string, AgentDefinition>>): string {
  return names.map((name) => `- ${name}: ${agents[name]?.description ?? ''}`).join('\n');
}
