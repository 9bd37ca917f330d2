import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isStrataError } from '../../base/errors.ts';
import { treeMissing } from './errors.ts';
import type { Shadow } from './shadow-repository.ts';

/**
 * Does work that needs the given trees. When it fails because the repository or some of the trees are gone or damaged,
 * `recover` may bring them back, since ids are made of contents: a folder that is still as it was gives the same tree
 * again. Throws `tree-missing` when it does not.
 */
export async function withTrees<T>(
  shadow: Shadow,
  trees: readonly string[],
  recover: () => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isStrataError(error) || error.code !== 'git-failed') throw error;
    if (
      (await shadow.isWhole()) &&
      !DAMAGE.test(error.message) &&
      (await lacking(shadow, trees)) === undefined
    )
      throw error;
    await shadow.mend();
    await dropEmptyObjects(shadow.gitDir);
    await recover();
    const lost = await lacking(shadow, trees);
    if (lost !== undefined) throw treeMissing(lost, error);
    return await work();
  }
}

const DAMAGE = /corrupt|is empty|unable to read|invalid object|bad object|inflate/;

/** The first of the trees that the repository does not hold whole. */
async function lacking(shadow: Shadow, trees: readonly string[]): Promise<string | undefined> {
  for (const tree of trees) {
    try {
      await shadow.git(['rev-list', '--objects', '--quiet', tree]);
    } catch (error) {
      if (isStrataError(error) && error.code === 'git-failed') return tree;
      throw error;
    }
  }
  return undefined;
}

/** After a power failure a new object may be there with nothing in it, and git does not write again what is there. */
async function dropEmptyObjects(gitDir: string): Promise<void> {
  const objects = join(gitDir, 'objects');
  for (const folder of await readdir(objects).catch(() => [])) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue;
    for (const name of await readdir(join(objects, folder))) {
      const file = join(objects, folder, name);
      if ((await stat(file)).size === 0) await rm(file, { force: true });
    }
  }
}
