import { readdirSync } from 'node:fs';
import type { ApplyJournal } from './apply-journal.ts';
import type { ChangedFile, FileVersion } from './changed-files.ts';
import { changedFiles } from './changed-files.ts';
import type { Clash, MergedFile } from './merge-files.ts';
import { mergeFiles } from './merge-files.ts';
import type { BytePath } from './paths.ts';
import { absolute, joinPaths, shown, statOf } from './paths.ts';
import { readBlobs } from './read-blobs.ts';
import type { Shadow } from './shadow-repository.ts';
import type { Occupant } from './workspace-state.ts';
import { occupantOf, sameVersion } from './workspace-state.ts';
import { withIndex } from './write-tree.ts';

export interface Conflict {
  readonly path: string;
  /** What stands in the way, as one sentence. */
  readonly reason: string;
  /** The text with conflict markers, `<<<<<<< yours` to `>>>>>>> run`, where both versions are text. */
  readonly merged?: string;
}

/** What becomes of a file in conflict. `strict` does not even merge lines. */
export type ConflictRule = 'strict' | 'refuse' | 'mark' | 'ours' | 'theirs';

export interface PlannedFile {
  readonly path: BytePath;
  /** What stands there. */
  readonly found: Occupant;
  /** The user's version: what stands there, or what stood there before an apply that was cut off. */
  readonly original: FileVersion | undefined;
  readonly goal: FileVersion | undefined;
  /** Lines of the user's are in it beside the run's. */
  readonly merged: boolean;
}

export interface Plan {
  readonly files: readonly PlannedFile[];
  /** Those that the rule decided, or if `refused`, all. */
  readonly conflicts: readonly Conflict[];
  readonly refused: boolean;
}

export interface PlanRequest {
  readonly workspace: string;
  readonly changes: { readonly base: string; readonly result: string };
  readonly rule: ConflictRule;
  readonly journal: ApplyJournal | undefined;
  readonly signal: AbortSignal;
}

const LABELS = { ours: 'yours', theirs: 'run' };

const REASONS: Readonly<Record<Clash, string>> = {
  'same-lines': 'You and the run changed the same lines.',
  'added-twice': 'The run adds it, and another file stands there now.',
  'deleted-by-us': 'It was deleted in the workspace.',
  'deleted-by-them': 'The run deletes it, and it was changed in the workspace since the run began.',
  binary: 'It was changed in the workspace since the run began, and it is no text that could be merged.',
  'too-large': 'It was changed in the workspace since the run began, and it is too large to be merged.',
  'other-kind': 'It is a symlink on one side and a file on the other.',
};

const CHANGED_SINCE = 'It was changed in the workspace since then.';

/** Decides for each file that the run changed what shall stand there. Writes nothing but blobs in the shadow repository. */
export async function planApply(shadow: Shadow, request: PlanRequest): Promise<Plan> {
  const { workspace, changes, rule, journal, signal } = request;
  const changed = await changedFiles(shadow, changes.base, changes.result, signal);
  const files: PlannedFile[] = [];
  const clashing: (ChangedFile & { readonly found: Occupant; readonly original: FileVersion | undefined })[] =
    [];
  const blocked: { readonly file: ChangedFile; readonly found: Occupant }[] = [];
  const conflicts: Conflict[] = [];
  let obstacles = 0;
  const obstacle = (path: BytePath, reason: string): void => {
    obstacles += 1;
    conflicts.push({ path: shown(path), reason });
  };

  for (const file of changed) {
    signal.throwIfAborted();
    const { path, before, after } = file;
    const found = await occupantOf(workspace, path).catch((error: unknown) => String(error));
    if (typeof found === 'string') obstacle(path, `It cannot be read: ${found}`);
    else if (found.kind === 'folder' || found.kind === 'blocked') {
      if (after) blocked.push({ file, found });
      else files.push({ path, found, original: undefined, goal: undefined, merged: false });
    } else {
      const now = versionOf(found);
      const recorded = sameVersion(now, before) ? undefined : journal?.original(path, now);
      const original = recorded ? recorded.version : now;
      if (sameVersion(original, after) || sameVersion(original, before))
        files.push({ path, found, original, goal: after, merged: false });
      else clashing.push({ ...file, found, original });
    }
  }

  const outcome =
    rule === 'strict' ? new Map<BytePath, MergedFile>() : await mergeClashing(shadow, request, clashing);
  const markedTexts = await textsOf(shadow, outcome.values(), signal);
  for (const { path, found, original, after } of clashing) {
    const result = outcome.get(path);
    if (result?.kind === 'merged') {
      files.push({ path, found, original, goal: result.version, merged: true });
      continue;
    }
    const merged = result?.marked && markedTexts.get(result.marked.blob);
    conflicts.push({
      path: shown(path),
      reason: result ? REASONS[result.clash] : CHANGED_SINCE,
      ...(merged === undefined ? {} : { merged }),
    });
    const goal = rule === 'theirs' ? after : rule === 'mark' ? (result?.marked ?? original) : original;
    files.push({ path, found, original, goal, merged: false });
  }

  const going = new Set(
    files.filter(({ found, goal }) => !goal && found.kind === 'file').map(({ path }) => path),
  );
  for (const { file, found } of blocked) {
    const reason = blockage(workspace, file, found, going);
    if (reason === undefined)
      files.push({ path: file.path, found, original: undefined, goal: file.after, merged: false });
    else obstacle(file.path, reason);
  }
  // What stands in the way of the run's version is somebody's work that no rule of ours may clear away.
  const refused =
    rule === 'refuse' || rule === 'strict' ? conflicts.length > 0 : rule === 'theirs' && obstacles > 0;
  return {
    files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
    conflicts: conflicts.sort((a, b) => (a.path < b.path ? -1 : 1)),
    refused,
  };
}

export function versionOf(found: Occupant): FileVersion | undefined {
  return found.kind === 'file' ? found.version : undefined;
}

/** Takes the user's files that are in question into the shadow repository, as the plan found them. */
export async function keepFound(
  shadow: Shadow,
  workspace: string,
  paths: readonly BytePath[],
  signal: AbortSignal,
): Promise<void> {
  if (paths.length === 0) return;
  await withIndex(shadow, async (index) => {
    const args = ['update-index', '-z', '--add', '--remove', '--replace', '--stdin'];
    await shadow.git(args, { workTree: workspace, index, signal, input: joinPaths(paths) });
  });
}

async function mergeClashing(
  shadow: Shadow,
  { workspace, signal }: PlanRequest,
  clashing: readonly (ChangedFile & {
    readonly found: Occupant;
    readonly original: FileVersion | undefined;
  })[],
): Promise<ReadonlyMap<BytePath, MergedFile>> {
  const present = clashing.filter(({ found }) => found.kind === 'file').map(({ path }) => path);
  await keepFound(shadow, workspace, present, signal);
  const sides = clashing.map(({ path, before, after, original }) => ({
    path,
    base: before,
    ours: original,
    theirs: after,
  }));
  return mergeFiles(shadow, sides, LABELS, signal);
}

async function textsOf(
  shadow: Shadow,
  outcome: Iterable<MergedFile>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const blobs = [...outcome].flatMap((result) =>
    result.kind === 'clash' && result.marked ? [result.marked.blob] : [],
  );
  if (blobs.length === 0) return new Map();
  const contents = await readBlobs(shadow, blobs, signal);
  return new Map([...contents].map(([blob, text]) => [blob, text.toString('utf8')]));
}

/** Why the run's file cannot go where a folder, or something above it, stands; nothing where that goes away itself. */
function blockage(
  workspace: string,
  { path, before }: ChangedFile,
  found: Occupant,
  going: ReadonlySet<BytePath>,
): string | undefined {
  if (found.kind === 'folder')
    return !before && holdsOnly(workspace, path, going)
      ? undefined
      : 'A folder with other files stands there now.';
  if (found.kind !== 'blocked') return undefined;
  if (found.by !== 'other' && [...going].some((gone) => path.startsWith(`${gone}/`))) return undefined;
  return `A ${found.by === 'other' ? 'special file' : found.by} stands in its way.`;
}

/** Whether every file below a folder is among those that go away. */
function holdsOnly(workspace: string, folder: BytePath, going: ReadonlySet<BytePath>): boolean {
  return readdirSync(absolute(workspace, folder), { encoding: 'buffer' }).every((name) => {
    const path = `${folder}/${name.toString('latin1')}`;
    return statOf(workspace, path)?.isDirectory() ? holdsOnly(workspace, path, going) : going.has(path);
  });
}
