import { flag, optionalInteger, optionalString, reading, schema, text, ToolFailure } from '../../../tool.ts';
import type { Tool } from '../../../tool.ts';
import { pathArguments, pathsProperty, revisionHelp } from '../arguments.ts';
import type { Repository } from '../repository.ts';

export const plainDiff = ['--no-ext-diff', '--no-textconv', '--no-color', '--ignore-submodules=all'];

export function diffTool(repository: Repository): Tool {
  return {
    definition: {
      name: 'diff',
      title: 'Differences',
      description:
        'Shows differences as a unified diff. Without arguments: the working tree against the index. With `staged`: the index against the ' +
        'last commit. With `from`: the working tree against that commit. With `from` and `to`: one commit against the other. ' +
        'Files that are not tracked are not shown; `status` names them.',
      inputSchema: schema(
        {
          from: { type: 'string', description: `A commit: ${revisionHelp}.` },
          to: { type: 'string', description: 'A commit. Needs `from`.' },
          staged: { type: 'boolean' },
          paths: pathsProperty,
          summary: { type: 'boolean', description: 'Only the files and how many lines of each.' },
          contextLines: { type: 'integer', minimum: 0, maximum: 1000, description: 'Default: 3.' },
        },
        [],
      ),
      annotations: reading,
    },
    async run(args, { signal }) {
      const from = optionalString(args, 'from');
      const to = optionalString(args, 'to');
      const staged = flag(args, 'staged');
      if (to !== undefined && from === undefined) throw new ToolFailure('`to` needs `from`.');
      if (to !== undefined && staged) throw new ToolFailure('`staged` does not go with `to`.');
      const context = optionalInteger(args, 'contextLines', { from: 0, to: 1000 }) ?? 3;
      const commits = [];
      if (from !== undefined) commits.push(await repository.commit(from, signal));
      if (to !== undefined) commits.push(await repository.commit(to, signal));
      const output = await repository.git(
        [
          'diff',
          ...plainDiff,
          ...(flag(args, 'summary') ? ['--stat=120'] : [`--unified=${context}`]),
          ...(staged ? ['--cached'] : []),
          ...commits,
          ...pathArguments(args, repository),
        ],
        { signal },
      );
      return [text(output === '' ? 'No differences.' : output)];
    },
  };
}
