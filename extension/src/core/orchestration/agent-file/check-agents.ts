import { didYouMean, suggest, type Mistake } from '../../definition-file/index.ts';
import { matchesPattern } from '../../tools/name-pattern.ts';
import { isOwnFile, type AgentFile, type NamedThing } from '../agent-file.ts';

/** What the names in the files may mean, besides the agents of the files themselves. */
export interface KnownNames {
  /** Agents that need no file. */
  readonly agents: readonly string[];
  /** All tools that there are; undefined while that is not known. */
  readonly tools?: readonly string[];
  /** All routes that there are; undefined while that is not known. */
  readonly routes?: readonly string[];
}

/** Mistakes that one file alone does not show, by path. Files of VS Code's own have none: what does not fit is left out. */
export function checkAgents(
  files: readonly AgentFile[],
  known: KnownNames,
): ReadonlyMap<string, readonly Mistake[]> {
  const own = files.filter(({ path }) => isOwnFile(path));
  const agents = [...new Set([...known.agents, ...files.map(({ name }) => name)])];
  const first = new Map<string, string>();
  for (const { name, path } of own) if (!first.has(name)) first.set(name, path);
  return new Map(
    own.map((file) => {
      const other = first.get(file.name);
      const taken = other === undefined || other === file.path ? [] : [nameTaken(file, other)];
      return [file.path, [...taken, ...file.names.flatMap((named) => checkName(file, named, agents, known))]];
    }),
  );
}

function checkName(
  file: AgentFile,
  named: NamedThing,
  agents: readonly string[],
  known: KnownNames,
): Mistake[] {
  const { key, name } = named;
  if (key === 'tools') return known.tools === undefined ? [] : checkTool(named, known.tools);
  if (key === 'route') {
    if (!known.routes || known.routes.includes(name)) return [];
    return [
      mistake(named, 'unknown-route', 'warning', `there is no route “${name}”.`, suggest(name, known.routes)),
    ];
  }
  if (name === file.name) {
    return [
      mistake(
        named,
        'names-itself',
        'error',
        'an agent cannot call or follow itself. Take it out of the list.',
      ),
    ];
  }
  if (agents.includes(name)) return [];
  const others = agents.filter((agent) => agent !== file.name);
  return [mistake(named, 'unknown-agent', 'error', `there is no agent “${name}”.`, suggest(name, others))];
}

/** A warning only: a server that is not running now may bring the tool. */
function checkTool(named: NamedThing, tools: readonly string[]): Mistake[] {
  const { name } = named;
  if (tools.some((tool) => matchesPattern(name, tool))) return [];
  if (/^agents_/.test(name)) {
    const message = '“agents” and “handOvers” give the tools for that; they need not stand here.';
    return [mistake(named, 'needless-tool', 'warning', message)];
  }
  const word = name.includes('*') ? 'no tool matches' : 'there is no tool';
  return [mistake(named, 'unknown-tool', 'warning', `${word} “${name}”.`, suggest(name, tools))];
}

function mistake(
  { key, range }: NamedThing,
  code: string,
  severity: Mistake['severity'],
  message: string,
  replacement?: string,
): Mistake {
  return {
    code,
    severity,
    message: `${key}: ${message}${didYouMean(replacement)}`,
    range,
    ...(replacement === undefined ? {} : { replacement }),
  };
}

function nameTaken({ name, nameRange }: AgentFile, other: string): Mistake {
  const message = `name: “${name}” is the agent of ${other} already.`;
  return { code: 'name-taken', severity: 'error', message, range: nameRange };
}
