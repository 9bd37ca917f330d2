import { reading, schema, text, type Tool } from '../../../tool.ts';
import type { Repository } from '../repository.ts';

export function statusTool(repository: Repository): Tool {
  return {
    definition: {
      name: 'status',
      title: 'Status of the repository',
      description:
        'Says on which branch the repository is and what differs from its last commit, as `git status --short --branch`: ' +
        'two letters (index, working tree) and a path, `??` for files that are not tracked.',
      inputSchema: schema({}, []),
      annotations: reading,
    },
    async run(_args, { signal }) {
      const output = await repository.git(
        ['status', '--short', '--branch', '--untracked-files=all', '--ignore-submodules=all'],
        { signal },
      );
      const [branch = '', ...changes] = output.trimEnd().split('\n');
      const head = branch.replace(/^## /, '').replace(/^No commits yet on (.*)$/, '$1 (no commits yet)');
      return [
        text([`Branch: ${head}`, ...(changes.length > 0 ? changes : ['Nothing has changed.'])].join('\n')),
      ];
    },
  };
}
