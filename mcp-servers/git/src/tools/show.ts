import { flag, optionalString, reading, schema, text, ToolFailure, type Tool } from '../../../tool.ts';
import { revisionHelp } from '../arguments.ts';
import type { Repository } from '../repository.ts';
import { plainDiff } from './diff.ts';

export function showTool(repository: Repository): Tool {
  return {
    definition: {
      name: 'show',
      title: 'Show a commit or a file of it',
      description:
        'Shows a commit: its message, its author and what it changed. With `path`: that file, or the list of that folder, as it was in the commit.',
      inputSchema: schema(
        {
          revision: { type: 'string', description: `A commit: ${revisionHelp}. Default: HEAD.` },
          path: { type: 'string', description: 'File or folder, relative to the workspace.' },
          summary: {
            type: 'boolean',
            description: 'Of a commit, only the files and how many lines of each.',
          },
        },
        [],
      ),
      annotations: reading,
    },
    async run(args, { signal }) {
      const commit = await repository.commit(optionalString(args, 'revision') ?? 'HEAD', signal);
      const path = optionalString(args, 'path');
      if (path !== undefined) return [text(await fileOf(repository, commit, path, signal))];
      const format = '--format=commit %H%d%nAuthor: %an <%ae>%nDate:   %ad%n%n%w(0,4,4)%B';
      const output = await repository.git(
        [
          'show',
          ...plainDiff,
          '--no-show-signature',
          '--date=iso',
          format,
          ...(flag(args, 'summary') ? ['--stat=120'] : ['--patch']),
          commit,
          '--',
        ],
        { signal },
      );
      return [text(output)];
    },
  };
}

async function fileOf(
  repository: Repository,
  commit: string,
  path: string,
  signal: AbortSignal,
): Promise<string> {
  const below = repository.path(path);
  // Not `show`, which would put a path through filters.
  const object = `${commit}:${below === '.' ? '' : `./${below}`}`;
  const missing = `"${path}" is not in that commit.`;
  const kind = await repository.git(['cat-file', '-t', object], { signal }).catch((error: unknown) => {
    if (
      error instanceof ToolFailure &&
      /does not exist|exists on disk|Not a valid object/i.test(error.message)
    )
      throw new ToolFailure(missing);
    throw error;
  });
  if (kind.trim() === 'tree') return repository.git(['ls-tree', '--name-only', object], { signal });
  if (kind.trim() !== 'blob') throw new ToolFailure(missing);
  const content = await repository.git(['cat-file', 'blob', object], { signal });
  if (content.slice(0, 8000).includes('\0')) throw new ToolFailure(`"${path}" is a binary file.`);
  return content;
}
