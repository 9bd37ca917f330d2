import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApplyJournal, Writing } from './apply-journal.ts';
import type { Conflict, ConflictRule, Plan, PlannedFile } from './apply-plan.ts';
import { keepFound, planApply, versionOf } from './apply-plan.ts';
import { workspaceMissing, workspaceWriteError } from './errors.ts';
import { joinPaths, shown } from './paths.ts';
import type { Shadow } from './shadow-repository.ts';
import { occupantOf, sameVersion } from './workspace-state.ts';
import type { TreeEdit } from './write-tree.ts';
import { editedTree, withIndex } from './write-tree.ts';
import { writeWorkspace } from './write-workspace.ts';

export interface Changes {
  readonly base: string;
  readonly result: string;
}

export type Applied =
  | {
      readonly kind: 'applied';
      readonly written: readonly string[];
      readonly deleted: readonly string[];
      /** Files that were as they shall be already. */
      readonly unchanged: readonly string[];
      /** Those among the written ones that hold the user's lines beside the run's. */
      readonly merged: readonly string[];
      /** Conflicts that were decided by the given rule. */
      readonly decided: readonly Conflict[];
      /** What puts the workspace back, for `undoApply`; undefined where nothing of it was changed. */
      readonly undo: Changes | undefined;
    }
  /** Nothing at all was written. */
  | { readonly kind: 'conflict'; readonly conflicts: readonly Conflict[] };

export interface ApplyRequest {
  readonly workspace: string;
  readonly changes: Changes;
  readonly rule: ConflictRule;
  readonly journal: ApplyJournal | undefined;
  /** Keeps a tree from being collected. */
  readonly keep: (tree: string, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

const STAGING = '.strata-apply-';
/** How often to plan anew when the user saves a file while the new content is being laid out. */
const ATTEMPTS = 3;

/**
 * Writes what changed between two trees into the user's workspace, all or nothing. A file that the user changed too is merged
 * line by line; what that leaves in conflict is decided by the rule. All new content is on the disk before the first
 * file is touched; each file is replaced by a rename. After a crash half-way, applying again finishes it.
 */
export async function applyChanges(shadow: Shadow, request: ApplyRequest): Promise<Applied> {
  const { workspace, journal, signal } = request;
  const leftovers = await readdir(workspace).catch((error: unknown) => {
    throw workspaceMissing(workspace, error);
  });
  let staging: string | undefined;
  try {
    let moved: readonly Conflict[] = [];
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const plan = await planApply(shadow, request);
      if (plan.refused) return { kind: 'conflict', conflicts: plan.conflicts };
      const todo = plan.files.filter(isOpen);
      await keepFound(
        shadow,
        workspace,
        todo.filter(({ found }) => found.kind === 'file').map(pathOf),
        signal,
      );
      moved = await changedMeanwhile(workspace, todo);
      if (moved.length > 0) continue;
      const writing = await keepBoth(shadow, request, plan.files);
      if (todo.length === 0) return report(plan, writing);
      if (staging === undefined) {
        for (const name of leftovers.filter((entry) => entry.startsWith(STAGING)))
          await rm(join(workspace, name), { recursive: true, force: true });
        staging = await mkdtemp(join(workspace, STAGING));
      }
      const edits = todo.map(({ path, goal }): TreeEdit => ({ path, version: goal }));
      const round = join(staging, String(attempt));
      await stage(shadow, round, edits, signal);
      moved = await changedMeanwhile(workspace, todo);
      if (moved.length > 0) continue;
      await journal?.add(writing);
      await writeWorkspace(workspace, round, edits);
      await journal?.settle(writing);
      return report(plan, writing);
    }
    return { kind: 'conflict', conflicts: moved };
  } catch (error) {
    throw workspaceWriteError(workspace, error);
  } finally {
    if (staging !== undefined) await rm(staging, { recursive: true, force: true }).catch(() => undefined);
  }
}

const pathOf = ({ path }: PlannedFile): string => path;

function isOpen({ found, goal }: PlannedFile): boolean {
  if (found.kind === 'folder' || found.kind === 'blocked') return goal !== undefined;
  return !sameVersion(versionOf(found), goal);
}

/** Two trees: the user's versions and the ones that take their place, for undo and for an apply that goes on after a crash. */
async function keepBoth(
  shadow: Shadow,
  { keep, signal }: ApplyRequest,
  files: readonly PlannedFile[],
): Promise<Writing> {
  const touched = files.filter(({ original, goal }) => !sameVersion(original, goal));
  const [saved, written] = await Promise.all([
    editedTree(
      shadow,
      undefined,
      touched.map(({ path, original }) => ({ path, version: original })),
      signal,
    ),
    editedTree(
      shadow,
      undefined,
      touched.map(({ path, goal }) => ({ path, version: goal })),
      signal,
    ),
  ]);
  for (const tree of [saved, written]) await keep(tree, signal);
  return { saved, written };
}

async function stage(
  shadow: Shadow,
  folder: string,
  edits: readonly TreeEdit[],
  signal: AbortSignal,
): Promise<void> {
  const present = edits.filter(({ version }) => version !== undefined);
  const tree = await editedTree(shadow, undefined, present, signal);
  await withIndex(shadow, async (index) => {
    const at = { index, signal };
    await shadow.git(['read-tree', tree], at);
    const input = joinPaths(present.map(({ path }) => path));
    await shadow.git(['checkout-index', '-z', '--stdin', `--prefix=${folder}/`], {
      ...at,
      workTree: folder.slice(0, folder.lastIndexOf('/')),
      input,
    });
  });
}

/** Laying out takes a while, in which the user may have saved a file. */
async function changedMeanwhile(
  workspace: string,
  todo: readonly PlannedFile[],
): Promise<readonly Conflict[]> {
  const conflicts: Conflict[] = [];
  for (const { path, found } of todo) {
    const now = await occupantOf(workspace, path).catch(() => undefined);
    if (now?.kind !== found.kind || !sameVersion(versionOf(now), versionOf(found)))
      conflicts.push({ path: shown(path), reason: 'It is being changed in the workspace at this moment.' });
  }
  return conflicts;
}

function report({ files, conflicts }: Plan, { saved, written }: Writing): Applied {
  const open = files.filter(isOpen);
  const decided = new Set(conflicts.map(({ path }) => path));
  const names = (some: readonly PlannedFile[]): readonly string[] => some.map(({ path }) => shown(path));
  return {
    kind: 'applied',
    written: names(open.filter(({ goal }) => goal)),
    deleted: names(open.filter(({ goal }) => !goal)),
    unchanged: names(files.filter((file) => !isOpen(file) && !decided.has(shown(file.path)))),
    merged: names(open.filter(({ merged }) => merged)),
    decided: conflicts,
    undo: saved === written ? undefined : { base: written, result: saved },
  };
}
