import { lchownSync } from 'node:fs';
import { chown, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe, setTimeout as delay } from 'node:timers/promises';
import { isStrataError } from '../../base/errors.ts';
import { storageError } from './errors.ts';
import type { KnownFile, KnownFiles } from './known-files.ts';
import { stampOf } from './known-files.ts';
import type { BytePath } from './paths.ts';
import { absolute, parentOf, realParents, splitPaths, statOf } from './paths.ts';
import { modeOf } from './read-content.ts';
import type { Shadow } from './shadow-repository.ts';

/** Longer than the clock of most file systems takes to tick, see `stampOf`. */
const SETTLING_MS = 60;
/** The user inside our containers. Files that root made here must be theirs, or the tools could not write to them. */
export const CONTAINER_USER = 1000;

export interface Copy {
  readonly folder: string;
  readonly index: string;
  readonly excludes: string;
}

/**
 * Makes the copy anew from a tree; whatever stood in its place is removed. The folder itself stays when it is there:
 * containers that were started in advance have it mounted. Returns its files.
 */
export async function makeCopy(
  shadow: Shadow,
  copy: Copy,
  tree: string,
  signal: AbortSignal,
): Promise<KnownFiles> {
  try {
    await rm(copy.index, { force: true });
    await emptyFolder(copy.folder);
  } catch (error) {
    throw storageError(copy.folder, error);
  }
  await shadow.git(['read-tree', '--reset', '-u', tree], {
    workTree: copy.folder,
    index: copy.index,
    signal,
  });
  return handedOver(shadow, copy, signal);
}

async function emptyFolder(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => undefined); // Whatever is wrong, making it says so.
  if (found && !found.isDirectory()) await rm(folder, { force: true });
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
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
): Promise<KnownFiles> {
  const at = { workTree: copy.folder, index: copy.index, excludes: copy.excludes, signal };
  // The index does not remember how the files that a snapshot took in look, nor that root gave them away. What git
  // recognises now it need not write again.
  await shadow.git(['update-index', '-q', '--refresh'], { ...at }).catch((error: unknown) => {
    if (!isStrataError(error) || error.code !== 'git-failed') throw error;
  });
  await shadow.git(['read-tree', '--reset', '-u', tree], at);
  await shadow.git(['clean', '-ffdq'], at);
  return handedOver(shadow, copy, signal);
}

/** The files of the copy's index, without a look at the copy: they are read again at the next snapshot. */
export async function indexedFiles(shadow: Shadow, copy: Copy, signal: AbortSignal): Promise<KnownFiles> {
  const files = new Map<BytePath, KnownFile>();
  const at = { workTree: copy.folder, index: copy.index, signal };
  for (const entry of splitPaths(await shadow.git(['ls-files', '-s', '-z'], at))) {
    const tab = entry.indexOf('\t');
    const [mode = '', blob = ''] = entry.slice(0, tab).split(' ');
    files.set(entry.slice(tab + 1), { version: { mode, blob }, stamp: undefined });
  }
  return files;
}

/** The files that git has just laid out, given to the user inside the containers. */
async function handedOver(shadow: Shadow, copy: Copy, signal: AbortSignal): Promise<KnownFiles> {
  const files = await indexedFiles(shadow, copy, signal);
  const asRoot = process.getuid?.() === 0;
  if (asRoot) await chown(copy.folder, CONTAINER_USER, CONTAINER_USER);
  const hasRealParents = realParents(copy.folder);
  const folders = new Set<BytePath>();
  const looked = new Map<BytePath, KnownFile>();
  for (const [file, { version }] of files) {
    if (looked.size % 500 === 0) await breathe();
    looked.set(file, { version, stamp: undefined });
    if (!hasRealParents(file)) continue;
    if (asRoot) {
      giveAway(copy.folder, file);
      for (let at = parentOf(file); at !== undefined && !folders.has(at); at = parentOf(at)) {
        folders.add(at);
        giveAway(copy.folder, at);
      }
    }
    const found = statOf(copy.folder, file);
    const stamp =
      found && modeOf(found) === version.mode ? stampOf(found, Date.now() + SETTLING_MS) : undefined;
    looked.set(file, { version, stamp });
  }
  // Nobody changes the copy before this is over, so what was laid out this moment has settled by then.
  await delay(SETTLING_MS);
  return looked;
}

function giveAway(folder: string, path: BytePath): void {
  if (statOf(folder, path)?.uid === 0) lchownSync(absolute(folder, path), CONTAINER_USER, CONTAINER_USER);
}
