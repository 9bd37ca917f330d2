import { realpath } from 'node:fs/promises';

/** Where the folder is in a container. */
export const workspacePath = '/workspace';

/**
 * What an argument says in a container: the absolute path of the folder, or of something in it, becomes a path below
 * `/workspace`, also behind `--option=`; so does `${workspaceFolder}`. Relative paths stay as they are, since servers start
 * in `/workspace`: whether a plain word is a path cannot be known.
 */
export async function containerArguments(
  given: readonly string[],
  folder: string,
): Promise<readonly string[]> {
  // The user may have written either the name of a link to the folder or where it leads.
  const real = await realpath(folder).catch(() => folder);
  const folders = [...new Set([folder, real])].sort((a, b) => b.length - a.length);
  return given.map((argument) => folders.reduce(toContainer, argument));
}

/** One argument, for one name of the folder. */
export function toContainer(argument: string, folder: string): string {
  const expanded = argument.replaceAll('${workspaceFolder}', workspacePath);
  const [, option = '', value = ''] = /^(--?[\w-]+=)?([^]*)$/.exec(expanded) ?? [];
  const below = belowFolder(value, folder);
  return below === undefined ? expanded : `${option}${workspacePath}${below}`;
}

/** The rest of a path below the folder, with `/` in front and between, or '' for the folder itself. */
export function belowFolder(path: string, folder: string): string | undefined {
  const windows = /^[a-z]:[\\/]/i.test(folder);
  const plain = (text: string) => (windows ? text.replaceAll('\\', '/') : text);
  const root = plain(folder).replace(/\/+$/, '');
  const full = plain(path);
  const same = (a: string, b: string) => (windows ? a.toLowerCase() === b.toLowerCase() : a === b);
  if (root === '' || !same(full.slice(0, root.length), root)) return undefined;
  const rest = full.slice(root.length).replace(/\/+$/, '');
  if (rest !== '' && !rest.startsWith('/')) return undefined;
  return rest.split('/').includes('..') ? undefined : rest;
}
