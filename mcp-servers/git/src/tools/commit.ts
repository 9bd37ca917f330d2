import {
  optionalString,
  schema,
  stringArgument,
  stringList,
  text,
  ToolFailure,
  type Tool,
} from '../../../tool.ts';
import type { Repository } from '../repository.ts';

const strata = { name: 'Strata', email: 'strata@localhost' };

export function commitTool(repository: Repository): Tool {
  return {
    definition: {
      name: 'commit',
      title: 'Commit changes',
      description:
        'Commits what has changed: new, changed and deleted files, those under `paths` or all of them. Ignored files stay out. ' +
        'Nothing has to be staged first. Hooks are not run and commits are not signed.',
      inputSchema: schema(
        {
          message: { type: 'string', minLength: 1, description: 'Subject, then an empty line and more.' },
          paths: {
            type: 'array',
            items: { type: 'string' },
            description: 'Only these files and folders, relative to the workspace. Default: everything.',
          },
          author: {
            type: 'string',
            description: `\`Name <address>\`. Default: ${strata.name} <${strata.email}>.`,
          },
        },
        ['message'],
      ),
      annotations: {
        readOnlyHint: false,
        destructiveHint: false,
        idempotentHint: false,
        openWorldHint: false,
      },
    },
    async run(args, { signal }) {
      const message = stringArgument(args, 'message');
      if (message.trim() === '') throw new ToolFailure('`message` must not be empty.');
      if (message.includes('\0')) throw new ToolFailure('`message` must not hold a NUL character.');
      const { name, email } = authorOf(optionalString(args, 'author'));
      const paths = stringList(args, 'paths').map((path) => repository.path(path));
      const call = {
        signal,
        environment: {
          GIT_AUTHOR_NAME: name,
          GIT_AUTHOR_EMAIL: email,
          GIT_COMMITTER_NAME: name,
          GIT_COMMITTER_EMAIL: email,
        },
      };
      await repository.git(['add', '--all', '--', ...(paths.length > 0 ? paths : ['.'])], call);
      if (!(await changed(repository, paths, signal)))
        throw new ToolFailure(
          paths.length > 0
            ? 'Nothing has changed in these paths.'
            : 'Nothing has changed, so there is nothing to commit.',
        );
      await repository.git(
        [
          'commit',
          '--quiet',
          '--no-verify',
          '--no-gpg-sign',
          '--cleanup=whitespace',
          '--file=-',
          ...(paths.length > 0 ? ['--only', '--', ...paths] : []),
        ],
        { ...call, input: message },
      );
      const summary = await repository.git(
        [
          'show',
          '--no-show-signature',
          '--no-ext-diff',
          '--no-textconv',
          '--stat=120',
          '--format=%h %s',
          'HEAD',
          '--',
        ],
        { signal },
      );
      return [text(`Committed ${summary}`)];
    },
  };
}

async function changed(
  repository: Repository,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const staged = await repository.git(
    ['diff', '--cached', '--name-only', '--no-ext-diff', '--ignore-submodules=all', '--', ...paths],
    { signal },
  );
  return staged !== '';
}

function authorOf(author: string | undefined): { readonly name: string; readonly email: string } {
  if (author === undefined) return strata;
  const [, name = '', email = ''] = /^([^<>\n\0]+) <([^<>\s\0]+)>$/.exec(author.trim()) ?? [];
  if (name === '') throw new ToolFailure('`author` must have the form `Name <address>`.');
  return { name, email };
}
