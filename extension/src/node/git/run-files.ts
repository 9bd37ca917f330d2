import { constants } from 'node:fs';
import { access, mkdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { assert } from '../../base/assert.ts';
import { isStrataError } from '../../base/errors.ts';
import type { RunFiles } from '../../core/orchestration/ports.ts';
import type { Isolation } from '../../protocol/run-event.ts';
import type { Applied, Changes } from './apply-changes.ts';
import { applyChanges } from './apply-changes.ts';
import { openJournal } from './apply-journal.ts';
import type { ConflictRule } from './apply-plan.ts';
import { changedFiles, countFiles } from './changed-files.ts';
import { copyMissing, restoreInPlace, storageError, storageUnwritable, workspaceMissing } from './errors.ts';
import { outerIgnoreRules } from './ignore-rules.ts';
import type { KnownFile, KnownFiles, TreeCache } from './known-files.ts';
import { loadTreeCache, saveTreeCache } from './known-files.ts';
import { listCopy, listWorkspace } from './list-files.ts';
import type { BytePath } from './paths.ts';
import { bytesOf, shown } from './paths.ts';
import { mergeTrees } from './merge-trees.ts';
import { indexedFiles, makeCopy, restoreCopy } from './run-copy.ts';
import { readTreeFile } from './read-blobs.ts';
import { openShadow } from './shadow-repository.ts';
import type { Listing } from './take-tree.ts';
import { takeFiles } from './take-tree.ts';
import { editedIndex, editedTree } from './write-tree.ts';

/** Keeps what is remembered of the workspace, whichever runs are forgotten. */
const WORKSPACE_REF = 'refs/strata-workspace/last';

export interface RunFilesOptions {
  /** The user's folder. */
  readonly workspace: string;
  /** Strata's storage for that folder; made if it does not exist. */
  readonly storageDir: string;
  readonly run: string;
  readonly isolation: Isolation;
  /** The last snapshot of a run that goes on: if its copy is gone, it is made again from this tree. */
  readonly tree?: string;
  readonly signal?: AbortSignal;
}

export interface BegunRun {
  readonly tree: string;
  readonly files: number;
  /** One sentence per file that was left out. */
  readonly notes: readonly string[];
}

export interface ApplyOptions {
  readonly conflicts?: Exclude<ConflictRule, 'strict'>;
}

export interface GitRunFiles extends RunFiles {
  begin(signal: AbortSignal, from?: string): Promise<BegunRun>;
  /** Unified text from one tree to another, with renames. Binary files are only named. */
  diff(before: string, after: string, signal?: AbortSignal): Promise<string>;
  /**
   * Writes the run's changes into the user's workspace, all or none. Where the user changed a file too, lines are merged;
   * what cannot be merged is refused unless `conflicts` says otherwise: `mark` writes such a text with conflict markers and
   * leaves other files as the user has them, `ours` leaves them all, `theirs` takes the run's version. In place there is
   * nothing left to write.
   */
  apply(changes: Changes, signal: AbortSignal, options?: ApplyOptions): Promise<Applied>;
  /** Puts back what an apply replaced (its `undo`), unless a file is no longer as the apply left it: then nothing is written. */
  undoApply(undo: Changes, signal: AbortSignal): Promise<Applied>;
  /** A file of a snapshot; of a symlink, where it leads. Undefined when the tree has no such file. */
  readFile(tree: string, path: string, signal?: AbortSignal): Promise<Buffer | undefined>;
  /** Removes the run's copy. Its snapshots stay, so that it can still be replayed and applied. */
  discard(): Promise<void>;
}

/**
 * The files of one run. One process at a time may hold a run open; any number of runs may share a storage folder.
 * A `.git` in the copy, and files there that are ignored, are no part of any snapshot and are left alone by `restore`.
 */
export async function openRunFiles(options: RunFilesOptions): Promise<GitRunFiles> {
  const { run, isolation } = options;
  assert(/^[\w-]+$/.test(run), `a run id names files, so it holds only letters, digits and dashes: ${run}`);
  const workspace = await readableFolder(options.workspace);
  const storageDir = await madeFolder(options.storageDir);
  const shadow = await openShadow(storageDir, options.signal);
  const inPlace = isolation === 'workspace';
  const folder = inPlace ? workspace : join(storageDir, 'copies', run);
  const copy = {
    folder,
    index: join(shadow.stateDir, `${run}.index`),
    excludes: join(shadow.stateDir, `${run}.exclude`),
  };
  // Only the run's owner is here, so a lock was left by a git that was killed.
  await rm(`${copy.index}.lock`, { force: true });

  let kept: string | undefined;
  /** A reference keeps the tree from being collected, whatever a person runs in the shadow repository. */
  const keep = async (tree: string, signal: AbortSignal, more?: string): Promise<void> => {
    if (tree === kept && more === undefined) return;
    const refs = [`refs/strata/${run}/${tree}`, ...(more === undefined ? [] : [more])];
    const input = Buffer.from(refs.map((ref) => `update ${ref} ${tree}\n`).join(''));
    await shadow.git(['update-ref', '--stdin'], { input, signal });
    kept = tree;
  };

  const listed = async (signal: AbortSignal): Promise<Listing> => {
    const paths = await listWorkspace(shadow, workspace, signal);
    const own = relative(workspace, storageDir);
    if (own === '' || own.startsWith('..')) return paths;
    const prefix = `${bytesOf(own.split(sep).join('/'))}/`;
    return new Map([...paths].filter(([path]) => !path.startsWith(prefix)));
  };

  /** What is remembered of the workspace is shared by all runs, and the last to finish leaves it to the next. */
  const takeWorkspace = async (signal: AbortSignal): Promise<BegunRun> => {
    await readableFolder(workspace);
    const file = join(shadow.stateDir, 'workspace.files');
    const [listing, cache] = await Promise.all([listed(signal), loadTreeCache(file)]);
    const take = async (last: TreeCache | undefined): Promise<BegunRun> => {
      const known = last?.files ?? new Map<BytePath, KnownFile>();
      const taken = await takeFiles(shadow, {
        workTree: workspace,
        listing,
        known,
        troubled: 'leave-out',
        signal,
      });
      const tree = await editedTree(shadow, last?.tree, taken.edits, signal);
      await keep(tree, signal, WORKSPACE_REF);
      await saveTreeCache(file, run, { tree, files: taken.files });
      return { tree, files: taken.files.size, notes: taken.notes };
    };
    // What it speaks of may be gone from a repository that was damaged: that costs one slow snapshot, not the run.
    return take(cache).catch((error: unknown) => {
      if (!cache || signal.aborted || !isStrataError(error) || error.code !== 'git-failed') throw error;
      return take(undefined);
    });
  };

  let copied: KnownFiles | undefined;
  const takeCopy = async (signal: AbortSignal): Promise<string> => {
    if (!(await isFolder(folder))) throw copyMissing(folder);
    const listing = await listCopy(shadow, folder, { ...copy, signal });
    const known = copied ?? (await indexedFiles(shadow, copy, signal));
    copied = undefined;
    const taken = await takeFiles(shadow, { workTree: folder, listing, known, troubled: 'keep', signal });
    const tree = await editedIndex(shadow, copy.index, taken.edits, signal);
    copied = taken.files;
    return tree;
  };

  const files: GitRunFiles = {
    folder,

    async begin(signal, from) {
      if (inPlace && from !== undefined) throw restoreInPlace(folder);
      const taken =
        from === undefined
          ? await takeWorkspace(signal)
          : { tree: from, files: await countFiles(shadow, from, signal), notes: [] };
      await keep(taken.tree, signal);
      if (!inPlace) {
        await writeFile(copy.excludes, outerIgnoreRules(workspace)).catch((error: unknown) => {
          throw storageError(storageDir, error);
        });
        copied = await makeCopy(shadow, copy, taken.tree, signal);
      }
      return taken;
    },

    async snapshot(signal) {
      const tree = inPlace ? (await takeWorkspace(signal)).tree : await takeCopy(signal);
      await keep(tree, signal);
      return tree;
    },

    async restore(tree, signal) {
      if (inPlace) throw restoreInPlace(folder);
      copied = undefined;
      const there = await isFolder(folder);
      copied = await (there ? restoreCopy : makeCopy)(shadow, copy, tree, signal);
    },

    async changedPaths(before, after) {
      if (before === after) return [];
      return (await changedFiles(shadow, before, after)).map((file) => shown(file.path));
    },

    async merge(changes, signal) {
      const merged = await mergeTrees(shadow, changes, signal);
      await keep(merged.tree, signal);
      return merged;
    },

    async diff(before, after, signal) {
      const args = [
        'diff-tree',
        '-p',
        '-r',
        '-M',
        '--no-color',
        '--no-ext-diff',
        '--no-textconv',
        before,
        after,
      ];
      return (await shadow.git(args, { signal })).toString('utf8');
    },

    async apply(changes, signal, { conflicts: rule = 'refuse' } = {}) {
      if (inPlace) return NOTHING_TO_APPLY;
      const journal = await openJournal(shadow, run, signal);
      return applyChanges(shadow, { workspace, changes, rule, journal, keep, signal });
    },

    async undoApply(undo, signal) {
      const journal = await openJournal(shadow, run, signal);
      const request = { workspace, changes: undo, rule: 'strict', journal: undefined, keep, signal } as const;
      const undone = await applyChanges(shadow, request);
      if (undone.kind === 'applied') await journal.clear();
      return undone;
    },

    readFile: (tree, path, signal) => readTreeFile(shadow, tree, path, signal),

    async discard() {
      if (inPlace) return;
      await rm(folder, { recursive: true, force: true });
      await rm(copy.index, { force: true });
    },
  };

  if (options.tree !== undefined && !inPlace && !(await isFolder(folder))) {
    copied = await makeCopy(shadow, copy, options.tree, options.signal ?? new AbortController().signal);
  }
  return files;
}

const NOTHING_TO_APPLY: Applied = {
  kind: 'applied',
  written: [],
  deleted: [],
  unchanged: [],
  merged: [],
  decided: [],
  undo: undefined,
};

async function readableFolder(folder: string): Promise<string> {
  try {
    const real = await realpath(folder);
    if (!(await stat(real)).isDirectory()) throw new Error('it is not a folder');
    await access(real, constants.R_OK | constants.X_OK);
    return real;
  } catch (error) {
    throw workspaceMissing(folder, error);
  }
}

async function madeFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true });
    const real = await realpath(folder);
    await access(real, constants.W_OK);
    return real;
  } catch (error) {
    const known = storageError(folder, error);
    // Node reports a read-only disk as ENOENT when it was to make the folders above as well.
    throw isStrataError(known) ? known : storageUnwritable(folder, error);
  }
}

async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
