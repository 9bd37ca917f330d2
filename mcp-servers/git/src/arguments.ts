import { stringList, ToolFailure, type Arguments, type Property } from '../../tool.ts';
import type { Repository } from './repository.ts';

export const pathsProperty: Property = {
  type: 'array',
  items: { type: 'string' },
  description: 'Only these files and folders, relative to the workspace. They are taken literally.',
};

export const revisionHelp = 'a branch, a tag, a hash, `HEAD`, `HEAD~2`';

export function pathArguments(args: Arguments, repository: Repository): readonly string[] {
  const paths = stringList(args, 'paths').map((path) => repository.path(path));
  return paths.length === 0 ? [] : ['--', ...paths];
}

/** `a`, `a..b` or `a...b`, with hashes in the place of the names. */
export async function rangeArgument(
  range: string,
  repository: Repository,
  signal: AbortSignal,
): Promise<string> {
  const [, from = '', dots, to = ''] = /^(.*?)(\.{2,3})(.*)$/s.exec(range) ?? [];
  if (dots === undefined) return repository.commit(range, signal);
  if (/\.\./.test(to)) throw new ToolFailure(`"${range}" is no range of revisions.`);
  const [first, last] = await Promise.all([
    repository.commit(from || 'HEAD', signal),
    repository.commit(to || 'HEAD', signal),
  ]);
  return `${first}${dots}${last}`;
}
