import type { AgentFile } from '../agent-file.ts';

/**
 * Ties VS Code's own agents to those that exist: they are called by their name or by that of their file, in any case of
 * the letters. Names that lead nowhere are left out, since they may be right in VS Code.
 */
export function foreignAgents(files: readonly AgentFile[], names: readonly string[]): readonly AgentFile[] {
  const known = new Map<string, string>();
  for (const { name, path } of files) known.set(stem(path).toLowerCase(), name);
  for (const name of names) known.set(name.toLowerCase(), name);
  return files.map((file) => {
    if (!file.agent) return file;
    const resolve = (given: readonly string[]): string[] => [
      ...new Set(
        given
          .flatMap((name) =>
            name === '*' ? files.map((one) => one.name) : (known.get(name.toLowerCase()) ?? []),
          )
          .filter((name) => name !== file.name),
      ),
    ];
    const { agents, handOvers } = file.agent;
    return { ...file, agent: { ...file.agent, agents: resolve(agents), handOvers: resolve(handOvers) } };
  });
}

function stem(path: string): string {
  return /([^/]+?)\.agent\.md$/.exec(path)?.[1] ?? path;
}
