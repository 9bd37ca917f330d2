import { didYouMean, suggest, type Mistake } from '../../definition-file/index.ts';
import type { WorkflowDefinition } from './definition.ts';
import type { WorkflowFile } from './parse.ts';

/** Mistakes that one file alone does not show, by path. `agents` are the names of all agents that there are. */
export function checkWorkflows(
  files: readonly WorkflowFile[],
  agents: readonly string[],
): ReadonlyMap<string, readonly Mistake[]> {
  return new Map(
    files.map((file, index) => [
      file.path,
      [...nameTaken(file, files.slice(0, index), agents), ...unknownAgents(file, agents)],
    ]),
  );
}

function nameTaken(
  { name, nameRange }: WorkflowFile,
  before: readonly WorkflowFile[],
  agents: readonly string[],
): Mistake[] {
  const other = before.find((file) => file.name === name);
  const whose = agents.includes(name) ? 'an agent' : other && `the workflow of ${other.path}`;
  if (whose === undefined) return [];
  const message = `name: “${name}” is ${whose} already.`;
  return [{ code: 'name-taken', severity: 'error', message, range: nameRange }];
}

function unknownAgents({ agents: named }: WorkflowFile, agents: readonly string[]): Mistake[] {
  return named.flatMap(({ name, range }) => {
    if (agents.includes(name)) return [];
    const replacement = suggest(name, agents);
    const message = `there is no agent “${name}”.${didYouMean(replacement)}`;
    const fix = replacement === undefined ? {} : { replacement };
    return [{ code: 'unknown-agent', severity: 'error' as const, message, range, ...fix }];
  });
}

/** Names of the agents that a workflow calls itself; see `reachableAgents` for those behind them. */
export function agentsOfWorkflow({ nodes }: WorkflowDefinition): readonly string[] {
  const names = nodes.flatMap((node) => {
    switch (node.kind) {
      case 'agent':
      case 'map':
        return [node.agent];
      case 'critic':
        return [node.author, node.critic];
      case 'discussion':
        return [node.chair, ...node.members];
    }
  });
  return [...new Set(names)];
}
