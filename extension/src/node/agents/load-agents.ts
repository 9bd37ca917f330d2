import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { isStrataError, StrataError } from '../../base/errors.ts';
import { builtInAgents, parseAgentFile } from '../../core/orchestration/index.ts';
import type { AgentDefinition } from '../../core/orchestration/index.ts';

export interface LoadedAgents {
  /** By name; an agent of the workspace takes the place of a built-in one of the same name. */
  readonly agents: ReadonlyMap<string, AgentDefinition>;
  /** Files that could not be read, by the name that their agent would have. */
  readonly mistakes: ReadonlyMap<string, StrataError>;
}

/** In rising order of precedence. */
const FOLDERS = ['.github/agents', '.strata/agents'];

const AGENT_FILE = /\.agent\.md$/;
const MOST_BYTES = 256 * 1024;

export async function loadAgents(workspace: string): Promise<LoadedAgents> {
  const agents = new Map(builtInAgents.map((agent) => [agent.name, agent]));
  const mistakes = new Map<string, StrataError>();
  for (const folder of FOLDERS) {
    for (const name of await filesIn(path.join(workspace, folder))) {
      const shown = `${folder}/${name}`;
      try {
        const file = path.join(workspace, folder, name);
        const found = await stat(file);
        // Reading a pipe would wait for whoever writes to it.
        if (!found.isFile()) throw new Error('It is no file.');
        if (found.size > MOST_BYTES) throw tooLarge(shown);
        const text = await readFile(file, 'utf8');
        const agent = parseAgentFile(shown, text);
        agents.set(agent.name, agent);
        mistakes.delete(agent.name);
      } catch (error) {
        mistakes.set(name.replace(AGENT_FILE, ''), isStrataError(error) ? error : unreadable(shown, error));
      }
    }
  }
  return { agents, mistakes };
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => AGENT_FILE.test(name)).sort();
  } catch {
    // No such folder, or one that may not be read: then it has no agents to offer.
    return [];
  }
}

function tooLarge(file: string): StrataError {
  return new StrataError('agent-invalid', `${file} is larger than 256 KB.`, 'Shorten the prompt.');
}

function unreadable(file: string, cause: unknown): StrataError {
  return new StrataError('agent-invalid', `${file} cannot be read.`, 'Check its permissions.', { cause });
}
