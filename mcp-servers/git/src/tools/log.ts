import { optionalInteger, optionalString, reading, schema, text, type Tool } from '../../../tool.ts';
import { pathArguments, pathsProperty, rangeArgument, revisionHelp } from '../arguments.ts';
import type { Repository } from '../repository.ts';

export function logTool(repository: Repository): Tool {
  return {
    definition: {
      name: 'log',
      title: 'History',
      description:
        'Lists commits, the newest first: hash, date, author, branches and tags, and the subject below it.',
      inputSchema: schema(
        {
          revision: {
            type: 'string',
            description: `Where to begin (${revisionHelp}), or a range such as \`main..HEAD\`. Default: HEAD.`,
          },
          paths: pathsProperty,
          limit: { type: 'integer', minimum: 1, maximum: 500, description: 'Default: 20.' },
          skip: {
            type: 'integer',
            minimum: 0,
            maximum: 1_000_000,
            description: 'Commits to leave out first.',
          },
          author: { type: 'string', description: 'Only commits whose author has this in name or address.' },
          message: { type: 'string', description: 'Only commits that have this in their message.' },
          since: {
            type: 'string',
            description: 'Only later ones, for example `2024-05-01` or `2 weeks ago`.',
          },
          until: { type: 'string', description: 'Only earlier ones.' },
        },
        [],
      ),
      annotations: reading,
    },
    async run(args, { signal }) {
      const revision = await rangeArgument(optionalString(args, 'revision') ?? 'HEAD', repository, signal);
      const limit = optionalInteger(args, 'limit', { from: 1, to: 500 }) ?? 20;
      const skip = optionalInteger(args, 'skip', { from: 0, to: 1_000_000 }) ?? 0;
      const filters = [
        ['author', '--author'],
        ['message', '--grep'],
        ['since', '--since'],
        ['until', '--until'],
      ].flatMap(([name = '', option = '']) => {
        const value = optionalString(args, name);
        return value === undefined ? [] : [`${option}=${value}`];
      });
      const output = await repository.git(
        [
          'log',
          '--no-color',
          '--no-show-signature',
          '--fixed-strings',
          '--regexp-ignore-case',
          '--date=format:%Y-%m-%d %H:%M',
          '--format=%h %ad %an%d%n    %s',
          `--max-count=${limit + 1}`,
          `--skip=${skip}`,
          ...filters,
          revision,
          ...pathArguments(args, repository),
        ],
        { signal },
      );
      const lines = output.trimEnd().split('\n');
      if (output === '') return [text('No commit fits.')];
      const shown = text(lines.slice(0, limit * 2).join('\n'));
      if (lines.length <= limit * 2) return [shown];
      return [shown, text(`[There are more: go on with skip ${skip + limit}.]`)];
    },
  };
}
