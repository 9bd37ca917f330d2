import {
  optionalInteger,
  optionalString,
  reading,
  schema,
  stringArgument,
  text,
  ToolFailure,
  type Tool,
} from '../../../tool.ts';
import { revisionHelp } from '../arguments.ts';
import type { Repository } from '../repository.ts';

const lineRange = { from: 1, to: Number.MAX_SAFE_INTEGER };

export function blameTool(repository: Repository): Tool {
  return {
    definition: {
      name: 'blame',
      title: 'Who wrote each line',
      description:
        'Says for each line of a file in which commit, by whom and when it was last changed. Lines that are not committed have a hash of zeros.',
      inputSchema: schema(
        {
          path: { type: 'string', description: 'File, relative to the workspace.' },
          startLine: { type: 'integer', minimum: 1 },
          endLine: { type: 'integer', minimum: 1 },
          revision: {
            type: 'string',
            description: `As of a commit: ${revisionHelp}. Default: the working tree.`,
          },
        },
        ['path'],
      ),
      annotations: reading,
    },
    async run(args, { signal }) {
      const path = repository.path(stringArgument(args, 'path'));
      const start = optionalInteger(args, 'startLine', lineRange) ?? 1;
      const end = optionalInteger(args, 'endLine', lineRange);
      if (end !== undefined && end < start)
        throw new ToolFailure('`endLine` must not be before `startLine`.');
      const revision = optionalString(args, 'revision');
      const commit = await repository.commit(revision ?? 'HEAD', signal);
      const output = await repository.git(
        [
          'blame',
          '--date=short',
          '--abbrev=8',
          '-L',
          `${start},${end ?? ''}`,
          ...(revision === undefined ? [] : [commit]),
          '--',
          path,
        ],
        { signal },
      );
      return [text(output === '' ? `"${path}" is empty.` : output)];
    },
  };
}
