import { accessSync, constants } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { isStrataError } from '../../base/errors.ts';
import { MAX_FILE_BYTES } from './limits.ts';
import type { BytePath } from './paths.ts';
import { absolute, joinPaths, realParents, shown, splitPaths, statOf } from './paths.ts';
import type { Shadow } from './shadow-repository.ts';

export interface TreeRequest {
  readonly workTree: string;
  /** Remembers size and time of each file, so that only changed ones are read. */
  readonly index: string;
  readonly paths: readonly BytePath[];
  /**
   * `leave-out`: files that are too large or may not be read are left out, and said so. `keep`: those that the index
   * already has are kept whatever their size, since leaving one out would look as if the run had deleted it.
   */
  readonly troubled: 'leave-out' | 'keep';
  readonly signal: AbortSignal;
}

export interface TakenTree {
  readonly tree: string;
  readonly files: number;
  /** One sentence per file that was left out. */
  readonly notes: readonly string[];
}

/** Brings the index up to date with the given files and writes it as a tree. */
export async function takeTree(shadow: Shadow, request: TreeRequest): Promise<TakenTree> {
  const { workTree, index, signal } = request;
  const at = { workTree, index, signal };
  const indexed = new Set(splitPaths(await shadow.git(['ls-files', '-z'], at)));
  const { present, notes } = await presentFiles(request, indexed);
  const stale = [...indexed].filter((path) => !present.has(path));
  if (stale.length > 0) {
    await shadow.git(['update-index', '-z', '--force-remove', '--stdin'], { ...at, input: joinPaths(stale) });
  }
  const update = async (): Promise<void> => {
    const args = ['update-index', '-z', '--add', '--remove', '--replace', '--stdin'];
    await shadow.git(args, { ...at, input: joinPaths(present) });
  };
  try {
    await update();
  } catch (error) {
    const unreadable = [...present].filter((path) => !readable(workTree, path));
    const tolerable = request.troubled === 'leave-out' && unreadable.length > 0;
    if (!tolerable || !isStrataError(error) || error.code === 'disk-full') throw error;
    for (const path of unreadable) {
      present.delete(path);
      notes.push(`${shown(path)} was left out: it may not be read.`);
    }
    const dropped = unreadable.filter((path) => indexed.has(path));
    await shadow.git(['update-index', '-z', '--force-remove', '--stdin'], {
      ...at,
      input: joinPaths(dropped),
    });
    await update();
  }
  const tree = (await shadow.git(['write-tree'], at)).toString('utf8').trim();
  return { tree, files: present.size, notes };
}

async function presentFiles(
  request: TreeRequest,
  indexed: ReadonlySet<BytePath>,
): Promise<{ present: Set<BytePath>; notes: string[] }> {
  const present = new Set<BytePath>();
  const notes: string[] = [];
  const hasRealParents = realParents(request.workTree);
  let seen = 0;
  for (const path of request.paths) {
    // Stat calls are synchronous, which is five times faster, but the editor must get its turn.
    if (++seen % 1_000 === 0) await breathe();
    request.signal.throwIfAborted();
    const found = hasRealParents(path) ? statOf(request.workTree, path) : undefined;
    if (!found || !(found.isFile() || found.isSymbolicLink())) continue;
    const keep = request.troubled === 'keep' && indexed.has(path);
    if (found.size > MAX_FILE_BYTES && !keep) {
      notes.push(`${shown(path)} was left out: it is larger than ${MAX_FILE_BYTES / 1024 / 1024} MB.`);
      continue;
    }
    present.add(path);
  }
  return { present, notes };
}

function readable(folder: string, path: BytePath): boolean {
  if (statOf(folder, path)?.isSymbolicLink()) return true;
  try {
    accessSync(absolute(folder, path), constants.R_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
