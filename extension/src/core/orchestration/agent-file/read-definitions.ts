import { firstError, hasErrors, inOrder, type Mistake } from '../../definition-file/index.ts';
import { isOwnFile, readAgentFile } from '../agent-file.ts';
import type { StrataError } from '../../../base/errors.ts';
import type { AgentDefinition } from '../agent.ts';
import { builtInAgents } from '../built-in-agents.ts';
import { agentFileInvalid } from '../errors.ts';
import { checkWorkflows } from '../workflow/check-workflows.ts';
import type { WorkflowDefinition } from '../workflow/definition.ts';
import { workflowFileInvalid } from '../workflow/errors.ts';
import { parseWorkflowFile } from '../workflow/parse.ts';
import { checkAgents } from './check-agents.ts';
import { isAgentFile, isWorkflowFile } from './file-names.ts';
import { foreignAgents } from './foreign-agents.ts';
import { BUILT_IN_TOOLS } from './tool-names.ts';

export interface DefinitionSource {
  /** Relative to the workspace, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** All agents and workflows of a workspace. */
export interface Definitions {
  /** By name; an agent of `.strata/` takes the place of one of `.github/`, and that of a built-in one. */
  readonly agents: ReadonlyMap<string, AgentDefinition>;
  readonly workflows: ReadonlyMap<string, WorkflowDefinition>;
  readonly files: readonly DefinitionFile[];
}

export interface DefinitionFile {
  readonly path: string;
  readonly kind: 'agent' | 'workflow';
  /** What it is called, or would be. */
  readonly name: string;
  readonly mistakes: readonly Mistake[];
}

/** Why a file cannot be used, with the line of its first error; undefined when it can. */
export function definitionMistake({ path, kind, mistakes }: DefinitionFile): StrataError | undefined {
  const error = firstError(mistakes);
  const invalid = kind === 'agent' ? agentFileInvalid : workflowFileInvalid;
  return error && invalid(path, error.range.start.line + 1, error.message);
}

/** `routes` are those that there are, as far as that is known. Files of other names are left out. */
export function readDefinitions(
  sources: readonly DefinitionSource[],
  routes?: readonly string[],
): Definitions {
  const sorted = sources.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const agentFiles = sorted
    .filter(({ path }) => isAgentFile(path))
    .map(({ path, text }) => readAgentFile(path, text));
  const workflowFiles = sorted
    .filter(({ path }) => isWorkflowFile(path))
    .map(({ path, text }) => parseWorkflowFile(path, text));
  const builtIn = builtInAgents.map(({ name }) => name);
  const between = checkAgents(agentFiles, {
    agents: builtIn,
    tools: BUILT_IN_TOOLS,
    ...(routes === undefined ? {} : { routes }),
  });
  const names = [...new Set([...builtIn, ...agentFiles.map(({ name }) => name)])];
  const betweenWorkflows = checkWorkflows(workflowFiles, names);
  const agents = new Map(builtInAgents.map((agent) => [agent.name, agent]));
  const foreign = agentFiles.filter(({ path }) => !isOwnFile(path));
  const own = agentFiles.filter(({ path }) => isOwnFile(path));
  const files: DefinitionFile[] = [];
  for (const file of [...foreignAgents(foreign, names), ...own]) {
    const mistakes = inOrder([...file.mistakes, ...(between.get(file.path) ?? [])]);
    files.push({ path: file.path, kind: 'agent', name: file.name, mistakes });
    if (file.agent && !hasErrors(mistakes)) agents.set(file.name, file.agent);
    else agents.delete(file.name);
  }
  const workflows = new Map<string, WorkflowDefinition>();
  for (const file of workflowFiles) {
    const mistakes = inOrder([...file.mistakes, ...(betweenWorkflows.get(file.path) ?? [])]);
    files.push({ path: file.path, kind: 'workflow', name: file.name, mistakes });
    if (file.workflow && !hasErrors(mistakes)) workflows.set(file.name, file.workflow);
  }
  return { agents, workflows, files };
}
