import { rm, writeFile } from 'node:fs/promises';
import type { RunFiles } from '../../core/orchestration/ports.ts';
import type { Isolation } from '../../protocol/run-event.ts';
import type { Applied, Changes } from './apply-changes.ts';
import { applyChanges } from './apply-changes.ts';
import { openJournal } from './apply-journal.ts';
import type { ConflictRule } from './apply-plan.ts';
import { changedFiles, countFiles } from './changed-files.ts';
import { whileWriting } from './collection-gate.ts';
import { copyMissing, restoreInPlace, storageError } from './errors.ts';
import { isFolder, madeFolder, readableFolder } from './folders.ts';
import { outerIgnoreRules } from './ignore-rules.ts';
import type { KnownFiles } from './known-files.ts';
import { listCopy } from './list-files.ts';
import { withTrees } from './mend-shadow.ts';
import { mergeTrees } from './merge-trees.ts';
import { shown } from './paths.ts';
import { readTreeFile } from './read-blobs.ts';
import { indexedFiles, makeCopy, restoreCopy } from './run-copy.ts';
import { runPaths } from './run-paths.ts';
import { openShadow } from './shadow-repository.ts';
import type { FilesRequest } from './take-tree.ts';
import { takeFiles } from './take-tree.ts';
import type { WorkspaceTree } from './workspace-snapshot.ts';
import { takeWorkspace } from './workspace-snapshot.ts';
import { editedIndex } from './write-tree.ts';

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

export type BegunRun = WorkspaceTree;

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
  /** Keeps trees that another run took, as a fork needs them after that run is gone. */
  adopt(trees: readonly string[], signal: AbortSignal): Promise<void>;
  /** Removes the run's copy. Its snapshots stay, so that it can still be replayed and applied. */
  discard(): Promise<void>;
}

/**
 * The files of one run. One process at a time may hold a run open; any number of runs may share a storage folder.
 * A `.git` in the copy, and files there that are ignored, are no part of any snapshot and are left alone by `restore`.
 */
export async function openRunFiles(options: RunFilesOptions): Promise<GitRunFiles> {
  const { run, isolation } = options;
  const workspace = await readableFolder(options.workspace);
  const storageDir = await madeFolder(options.storageDir);
  const shadow = await openShadow(storageDir, options.signal);
  const inPlace = isolation === 'workspace';
  const paths = runPaths(storageDir, shadow.stateDir, run);
  const folder = inPlace ? workspace : paths.folder;
  const copy = { ...paths, folder };
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

  const takeUsers = (signal: AbortSignal, held: FilesRequest['held'] = 'known'): Promise<WorkspaceTree> =>
    takeWorkspace(shadow, {
      workspace,
      storageDir,
      run,
      held,
      keep: (tree) => keep(tree, signal, WORKSPACE_REF),
      signal,
    });

  let copied: KnownFiles | undefined;
  const takeCopy = async (signal: AbortSignal, held: FilesRequest['held'] = 'known'): Promise<string> => {
    if (!(await isFolder(folder))) throw copyMissing(folder);
    const listing = await listCopy(shadow, folder, { ...copy, signal });
    const known = copied ?? (await indexedFiles(shadow, copy, signal));
    copied = undefined;
    const taken = await takeFiles(shadow, {
      workTree: folder,
      listing,
      known,
      held,
      troubled: 'keep',
      signal,
    });
    const tree = await editedIndex(shadow, copy.index, taken.edits, signal);
    copied = taken.files;
    return tree;
  };

  const writeExcludes = (): Promise<void> =>
    writeFile(copy.excludes, outerIgnoreRules(workspace)).catch((error: unknown) => {
      throw storageError(storageDir, error);
    });

  /** Takes what there is of both folders once more, since a tree that was lost may be made of the same files. */
  const recover = async (signal: AbortSignal): Promise<void> => {
    kept = undefined;
    copied = undefined;
    await keep((await takeUsers(signal, 'none')).tree, signal);
    if (inPlace || !(await isFolder(folder))) return;
    await writeExcludes();
    await keep(await takeCopy(signal, 'none'), signal);
  };

  /** One thing at a time in the copy and its index; parallel steps of a run wait for each other here. */
  let last: Promise<unknown> = Promise.resolve();
  const work = <T>(
    signal: AbortSignal | undefined,
    trees: readonly string[],
    task: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const live = signal ?? new AbortController().signal;
    const result = last.then(() => {
      live.throwIfAborted();
      return whileWriting(shadow.stateDir, live, () =>
        withTrees(
          shadow,
          trees,
          () => recover(live),
          () => task(live),
        ),
      );
    });
    last = result.catch(() => undefined);
    return result;
  };

  const remake = async (tree: string, signal: AbortSignal): Promise<void> => {
    copied = undefined;
    const make = (await isFolder(folder)) ? restoreCopy : makeCopy;
    copied = await make(shadow, copy, tree, signal);
  };

  const files: GitRunFiles = {
    folder,

    begin: (given, from) =>
      work(given, from === undefined ? [] : [from], async (signal) => {
        if (inPlace && from !== undefined) throw restoreInPlace(folder);
        const taken =
          from === undefined
            ? await takeUsers(signal)
            : { tree: from, files: await countFiles(shadow, from, signal), notes: [] };
        await keep(taken.tree, signal);
        if (!inPlace) {
          await writeExcludes();
          copied = await makeCopy(shadow, copy, taken.tree, signal);
        }
        return taken;
      }),

    snapshot: (given) =>
      work(given, [], async (signal) => {
        const tree = inPlace ? (await takeUsers(signal)).tree : await takeCopy(signal);
        await keep(tree, signal);
        return tree;
      }),

    ...(inPlace
      ? {}
      : {
          workspaceTree: (given: AbortSignal) =>
            work(given, [], async (signal) => {
              const { tree } = await takeUsers(signal);
              await keep(tree, signal);
              return tree;
            }),
        }),

    adopt: (trees, given) =>
      work(given, trees, async (signal) => {
        for (const tree of trees) await keep(tree, signal);
      }),

    restore: (tree, given) =>
      work(given, [tree], async (signal) => {
        if (inPlace) throw restoreInPlace(folder);
        await remake(tree, signal);
      }),

    changedPaths: async (before, after) =>
      before === after
        ? []
        : work(undefined, [before, after], async (signal) =>
            (await changedFiles(shadow, before, after, signal)).map((file) => shown(file.path)),
          ),

    merge: (changes, given) =>
      work(given, [changes.base, changes.ours, changes.theirs], async (signal) => {
        const merged = await mergeTrees(shadow, changes, signal);
        await keep(merged.tree, signal);
        return merged;
      }),

    diff: (before, after, given) =>
      work(given, [before, after], async (signal) =>
        (await shadow.git([...DIFF, before, after], { signal })).toString('utf8'),
      ),

    apply: async (changes, given, { conflicts: rule = 'refuse' } = {}) =>
      inPlace
        ? NOTHING_TO_APPLY
        : work(given, [changes.base, changes.result], async (signal) => {
            const journal = await openJournal(shadow, copy.journal, signal);
            return applyChanges(shadow, { workspace, changes, rule, journal, keep, signal });
          }),

    undoApply: (undo, given) =>
      work(given, [undo.base, undo.result], async (signal) => {
        const journal = await openJournal(shadow, copy.journal, signal);
        const request = {
          workspace,
          changes: undo,
          rule: 'strict',
          journal: undefined,
          keep,
          signal,
        } as const;
        const undone = await applyChanges(shadow, request);
        if (undone.kind === 'applied') await journal.clear();
        return undone;
      }),

    readFile: (tree, path, given) =>
      work(given, [tree], (signal) => readTreeFile(shadow, tree, path, signal)),

    async discard() {
      if (inPlace) return;
      await rm(folder, { recursive: true, force: true });
      await rm(copy.index, { force: true });
    },
  };

  const { tree } = options;
  if (tree !== undefined && !inPlace && !(await isFolder(folder)))
    await work(options.signal, [tree], (signal) => remake(tree, signal));
  return files;
}

const DIFF = ['diff-tree', '-p', '-r', '-M', '--no-color', '--no-ext-diff', '--no-textconv'];

const NOTHING_TO_APPLY: Applied = {
  kind: 'applied',
  written: [],
  deleted: [],
  unchanged: [],
  merged: [],
  decided: [],
  undo: undefined,
};
