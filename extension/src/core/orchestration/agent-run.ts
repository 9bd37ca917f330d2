import { disclose } from '../tools/disclosure.ts';
import type { AgentDefinition } from './agent.ts';
import { mayUse } from './agent.ts';
import { converse } from './agent-loop.ts';
import type { RunPorts } from './run-ports.ts';
import type { RunInput } from './run-input.ts';
import { beginWork, listTools, recall, remember } from './run-work.ts';
import { allSettled } from './settled.ts';
import { orchestrationTools } from './orchestration-tools.ts';

/** The program of a run that one agent leads. */
export async function agentRun(ports: RunPorts, input: RunInput, agent: AgentDefinition): Promise<string> {
  const { work, files } = await beginWork(ports, input);
  const { task } = input;
  const [episodes, catalogue] = agent.memory
    ? await allSettled([recall(ports, task), listTools(ports, agent)])
    : [[], await listTools(ports, agent)];
  const answer = await converse(ports, {
    input,
    agent,
    work,
    offered: (lead) => {
      const usable = catalogue.filter((tool) => mayUse(lead, tool.name));
      const { shown, behind } = disclose(usable, input.catalogueTokens);
      return { shown: [...shown, ...orchestrationTools(lead, input.agents)], behind };
    },
    task,
    episodes,
    files,
    contextTokens: input.contextTokens,
  });
  if (agent.memory && input.depth === 0) await remember(ports, agent.name, task, answer, work);
  return answer;
}
