import { join } from 'node:path';
import { isStrataError } from '../../base/errors.ts';
import { pathInside } from '../path-inside.ts';
import { readableFolder } from './folders.ts';
import type { KnownFile, TreeCache } from './known-files.ts';
import { loadTreeCache, saveTreeCache } from './known-files.ts';
import { listWorkspace } from './list-files.ts';
import type { BytePath } from './paths.ts';
import { bytesOf } from './paths.ts';
import type { Shadow } from './shadow-repository.ts';
import type { FilesRequest } from './take-tree.ts';
import { takeFiles } from './take-tree.ts';
import { editedTree } from './write-tree.ts';

export interface WorkspaceRequest {
  readonly workspace: string;
  readonly storageDir: string;
  /** A name of one's own for a file that is being written. */
  readonly run: string;
  readonly held: FilesRequest['held'];
  /** Keeps a tree that later snapshots build on from being collected. */
  readonly keep: (tree: string) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface WorkspaceTree {
  readonly tree: string;
  readonly files: number;
  /** One sentence per file that was left out. */
  readonly notes: readonly string[];
}

/** Reading so many small files takes as long as writing down what is remembered of ten thousand. */
const WORTH_SAVING = 200;

/** What is remembered of the workspace is shared by all runs, and the last to finish leaves it to the next. */
export async function takeWorkspace(shadow: Shadow, request: WorkspaceRequest): Promise<WorkspaceTree> {
  await readableFolder(request.workspace);
  try {
    return await take(shadow, request);
  } finally {
    // A folder that goes away meanwhile looks like one whose files were deleted, or like a git that fails.
    await readableFolder(request.workspace);
  }
}

async function take(shadow: Shadow, request: WorkspaceRequest): Promise<WorkspaceTree> {
  const { workspace, storageDir, run, keep, signal } = request;
  const file = join(shadow.stateDir, 'workspace.files');
  const [found, cache] = await Promise.all([listWorkspace(shadow, workspace, signal), loadTreeCache(file)]);
  const own = pathInside(workspace, storageDir);
  const prefix = own === undefined ? undefined : `${bytesOf(own)}/`;
  const listing =
    prefix === undefined ? found : new Map([...found].filter(([path]) => !path.startsWith(prefix)));
  const takeOn = async (last: TreeCache | undefined): Promise<WorkspaceTree> => {
    const known = last?.files ?? new Map<BytePath, KnownFile>();
    const { held } = request;
    const where = { workTree: workspace, listing, known, held, signal };
    const taken = await takeFiles(shadow, { ...where, troubled: 'leave-out' });
    const tree = await editedTree(shadow, last?.tree, taken.edits, signal);
    // As long as it spares nearly all reading, the older one will do: a tree and the stamps of that tree are never wrong.
    if (last === undefined || taken.read > WORTH_SAVING) {
      await keep(tree);
      await saveTreeCache(file, run, { tree, files: taken.files });
    }
    return { tree, files: taken.files.size, notes: taken.notes };
  };
  if (request.held === 'none') return takeOn(undefined);
  // What it speaks of may be gone from a repository that was damaged: that costs one slow snapshot, not the run.
  return takeOn(cache).catch((error: unknown) => {
    if (!cache || signal.aborted || !isStrataError(error) || error.code !== 'git-failed') throw error;
    return takeOn(undefined);
  });
}
