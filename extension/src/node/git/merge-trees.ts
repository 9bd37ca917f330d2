import type { MergeConflict } from '../../core/orchestration/ports.ts';
import type { FileVersion } from './changed-files.ts';
import { changedFiles } from './changed-files.ts';
import type { Clash, Sides } from './merge-files.ts';
import { mergeFiles } from './merge-files.ts';
import type { BytePath } from './paths.ts';
import { parentOf, shown } from './paths.ts';
import type { Shadow } from './shadow-repository.ts';
import type { TreeEdit } from './write-tree.ts';
import { editedTree } from './write-tree.ts';

export interface TreesToMerge {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

export interface MergedTree {
  readonly tree: string;
  readonly paths: readonly string[];
  readonly conflicts: readonly MergeConflict[];
}

const REASONS: Readonly<Record<Clash, string>> = {
  'same-lines': 'Both sides changed the same lines.',
  'added-twice': 'Both sides added it, with different contents.',
  'deleted-by-us': 'It was deleted here, and changed there.',
  'deleted-by-them': 'It was changed here, and deleted there.',
  binary: 'Both sides changed it, and it is no text that could be merged line by line.',
  'too-large': 'Both sides changed it, and it is too large to be merged line by line.',
  'other-kind': 'It is a symlink on one side and a file on the other.',
};

/** Brings what theirs changed since the base into ours. A path in conflict stays as ours has it. Renames are not followed. */
export async function mergeTrees(
  shadow: Shadow,
  { base, ours, theirs }: TreesToMerge,
  signal: AbortSignal,
): Promise<MergedTree> {
  const [own, incoming] = await Promise.all([
    changedFiles(shadow, base, ours, signal),
    changedFiles(shadow, base, theirs, signal),
  ]);
  const ownByPath = new Map(own.map((file) => [file.path, file]));
  const edits: TreeEdit[] = [];
  const clashing: Sides[] = [];
  const conflicts: { readonly path: BytePath; readonly reason: string }[] = [];
  const inTheWay = standing(own.filter(({ after }) => after).map(({ path }) => path));
  for (const { path, before, after } of incoming) {
    const mine = ownByPath.get(path);
    if (mine && same(mine.after, after)) continue;
    const obstacle = after ? inTheWay(path) : undefined;
    if (obstacle !== undefined) conflicts.push({ path, reason: obstacle });
    else if (mine) clashing.push({ path, base: before, ours: mine.after, theirs: after });
    else edits.push({ path, version: after });
  }
  const merged = await mergeFiles(shadow, clashing, { ours: 'ours', theirs: 'theirs' }, signal);
  for (const [path, result] of merged) {
    if (result.kind === 'clash') conflicts.push({ path, reason: REASONS[result.clash] });
    // Ours may hold what theirs brought already.
    else if (!same(ownByPath.get(path)?.after, result.version)) edits.push({ path, version: result.version });
  }
  return {
    tree: await editedTree(shadow, ours, edits, signal),
    paths: edits
      .map(({ path }) => path)
      .sort()
      .map(shown),
    conflicts: conflicts
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .map(({ path, reason }) => ({ path: shown(path), reason })),
  };
}

/** Tells whether a file of ours stands where theirs needs a folder, or a folder with our files where theirs has a file. */
function standing(files: readonly BytePath[]): (path: BytePath) => string | undefined {
  const ours = new Set(files);
  const folders = new Set<BytePath>();
  for (const path of files) {
    for (let at = parentOf(path); at !== undefined && !folders.has(at); at = parentOf(at)) folders.add(at);
  }
  return (path) => {
    if (folders.has(path) && !ours.has(path))
      return 'There is a folder with other files here, and a file there.';
    for (let at = parentOf(path); at !== undefined; at = parentOf(at)) {
      if (ours.has(at)) return 'There is a file here, and a folder there.';
    }
    return undefined;
  };
}

function same(a: FileVersion | undefined, b: FileVersion | undefined): boolean {
  return a?.blob === b?.blob && a?.mode === b?.mode;
}
