import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { StrataError } from '../../base/errors.ts';
import {
  DEFINITION_FOLDERS,
  definitionMistake,
  isAgentFile,
  isWorkflowFile,
  readDefinitions,
} from '../../core/orchestration/agent-file/index.ts';
import type { DefinitionSource } from '../../core/orchestration/agent-file/index.ts';
import type { AgentDefinition, WorkflowDefinition } from '../../core/orchestration/index.ts';

export interface LoadedAgents {
  /** By name; an agent of the workspace takes the place of a built-in one of the same name. */
  readonly agents: ReadonlyMap<string, AgentDefinition>;
  /** By name, which is that of no agent. */
  readonly workflows: ReadonlyMap<string, WorkflowDefinition>;
  /** Files that cannot be used, by the name that their agent or workflow would have. */
  readonly mistakes: ReadonlyMap<string, StrataError>;
}

const MOST_BYTES = 256 * 1024;

export async function loadAgents(workspace: string): Promise<LoadedAgents> {
  const { sources, mistakes: unreadable } = await readDefinitionFiles(workspace);
  const { agents, workflows, files } = readDefinitions(sources);
  const mistakes = new Map(unreadable);
  for (const file of files) {
    const mistake = definitionMistake(file);
    // A workflow that has taken an agent's name does not make the agent a bad one.
    if (mistake)
      mistakes.set(file.kind === 'workflow' && agents.has(file.name) ? file.path : file.name, mistake);
    // A good file of `.strata/` makes up for a bad one of `.github/`, which comes first.
    else mistakes.delete(file.name);
  }
  return { agents, workflows, mistakes };
}

/** The text of all agent and workflow files, and for those that have none the reason, by the name that would be theirs. */
export async function readDefinitionFiles(workspace: string): Promise<{
  readonly sources: readonly DefinitionSource[];
  readonly mistakes: ReadonlyMap<string, StrataError>;
}> {
  const sources: DefinitionSource[] = [];
  const mistakes = new Map<string, StrataError>();
  for (const folder of DEFINITION_FOLDERS) {
    for (const name of await filesIn(path.join(workspace, folder))) {
      const shown = `${folder}/${name}`;
      if (!isAgentFile(shown) && !isWorkflowFile(shown)) continue;
      const text = await textOf(path.join(workspace, folder, name), shown);
      if (typeof text === 'string') sources.push({ path: shown, text });
      else mistakes.set(name.replace(/\.(agent\.md|workflow\.ya?ml)$/, ''), text);
    }
  }
  return { sources, mistakes };
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch {
    // No such folder, or one that may not be read: then it has nothing to offer.
    return [];
  }
}

async function textOf(file: string, shown: string): Promise<string | StrataError> {
  try {
    const found = await stat(file);
    // Reading a pipe would wait for whoever writes to it.
    if (!found.isFile()) throw new Error('It is no file.');
    if (found.size > MOST_BYTES) return tooLarge(shown);
    return await readFile(file, 'utf8');
  } catch (error) {
    return unreadable(shown, error);
  }
}

function tooLarge(file: string): StrataError {
  return new StrataError('agent-invalid', `${file} is larger than 256 KB.`, 'Shorten the prompt.');
}

function unreadable(file: string, cause: unknown): StrataError {
  return new StrataError('agent-invalid', `${file} cannot be read.`, 'Check its permissions.', { cause });
}
