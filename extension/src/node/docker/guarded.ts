import { lstat, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { folderUnguarded } from './errors.ts';

/** What the host acts on by itself: hooks and configuration of git, tasks of the editor, servers, workflows. */
const names = ['.git', '.vscode', '.strata', '.mcp.json', '.github'];
const largestModulesFile = 256 * 1024;

/**
 * What tools that work in the user's own folder may read there and not write, as far as it exists: a mount needs something to
 * stand on. A link cannot be kept from them, since they could put something else in its place.
 */
export async function guardedNames(folder: string): Promise<readonly string[]> {
  const guarded: string[] = [];
  for (const name of names) {
    const found = await lstat(join(folder, name)).catch(() => undefined); // Not there.
    if (found?.isSymbolicLink()) throw folderUnguarded(folder, name);
    if (found?.isDirectory() || found?.isFile()) guarded.push(name);
  }
  return [...guarded, ...(await submoduleNames(folder))];
}

/** Git looks into submodules with their own configuration, so that of each is as good as the one above. */
async function submoduleNames(folder: string): Promise<readonly string[]> {
  const file = join(folder, '.gitmodules');
  const found = await lstat(file).catch(() => undefined);
  if (!found?.isFile() || found.size > largestModulesFile) return [];
  const paths = [...(await readFile(file, 'utf8')).matchAll(/^\s*path\s*=\s*(.+?)\s*$/gm)].map(
    ([, path]) => path ?? '',
  );
  const inside: string[] = [];
  for (const path of paths) {
    const name = `${path}/.git`;
    const whole = join(folder, name);
    const real = await realpath(whole).catch(() => undefined); // Not checked out.
    if (real !== undefined && real === whole) inside.push(name);
  }
  return inside;
}
