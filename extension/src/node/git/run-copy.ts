import { lchownSync } from 'node:fs';
import { chown, mkdir, rm } from 'node:fs/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import { storageError } from './errors.ts';
import type { BytePath } from './paths.ts';
import { absolute, parentOf, realParents, splitPaths, statOf } from './paths.ts';
import type { Shadow } from './shadow-repository.ts';

/** The user inside our containers. Files that root made here must be theirs, or the tools could not write to them. */
const CONTAINER_USER = 1000;

export interface Copy {
  readonly folder: string;
  readonly index: string;
  readonly excludes: string;
}

/** Makes the copy anew from a tree; whatever stood in its place is removed. */
export async function makeCopy(shadow: Shadow, copy: Copy, tree: string, signal: AbortSignal): Promise<void> {
  try {
    await rm(copy.folder, { recursive: true, force: true });
    await rm(copy.index, { force: true });
    await mkdir(copy.folder, { recursive: true });
  } catch (error) {
    throw storageError(copy.folder, error);
  }
  const at = { workTree: copy.folder, index: copy.index, signal };
  await shadow.git(['read-tree', '--reset', '-u', tree], at);
  if (await handOver(shadow, copy, signal)) {
    // The new owner shows in what the index remembers of each file; looked at again now, not in the first step.
    await shadow.git(['update-index', '-q', '--refresh'], at);
  }
}

/**
 * Puts an existing copy back. Files of the tree get their content, and files that were added go away. Ignored files
 * (installed packages, caches) are left alone: a step that is done again finds what earlier steps had installed.
 */
export async function restoreCopy(
  shadow: Shadow,
  copy: Copy,
  tree: string,
  signal: AbortSignal,
): Promise<void> {
  const at = { workTree: copy.folder, index: copy.index, excludes: copy.excludes, signal };
  await shadow.git(['read-tree', '--reset', '-u', tree], at);
  await shadow.git(['clean', '-ffdq'], at);
  await handOver(shadow, copy, signal);
}

/** Whether anything changed hands. */
async function handOver(shadow: Shadow, copy: Copy, signal: AbortSignal): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const at = { workTree: copy.folder, index: copy.index, signal };
  const files = splitPaths(await shadow.git(['ls-files', '-z'], at));
  await chown(copy.folder, CONTAINER_USER, CONTAINER_USER);
  const hasRealParents = realParents(copy.folder);
  const seen = new Set<BytePath>();
  for (const file of files) {
    if (seen.size % 1_000 === 0) await breathe();
    if (!hasRealParents(file)) continue;
    for (
      let path: BytePath | undefined = file;
      path !== undefined && !seen.has(path);
      path = parentOf(path)
    ) {
      seen.add(path);
      if (statOf(copy.folder, path)?.uid === 0)
        lchownSync(absolute(copy.folder, path), CONTAINER_USER, CONTAINER_USER);
    }
  }
  return files.length > 0;
}
