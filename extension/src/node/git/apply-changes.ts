import { chmodSync, lchownSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { copyFile, lstat, mkdtemp, readdir, readlink, rename, rm, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChangedFile } from './changed-files.ts';
import { changedFiles } from './changed-files.ts';
import { storageError, workspaceMissing, workspaceWriteError } from './errors.ts';
import type { BytePath } from './paths.ts';
import { absolute, joinPaths, parentOf, shown, statOf } from './paths.ts';
import type { Shadow } from './shadow-repository.ts';
import { occupantOf, sameVersion } from './workspace-state.ts';

export interface Conflict {
  readonly path: string;
  /** What stands in the way, as one sentence. */
  readonly reason: string;
}

export type Applied =
  | {
      readonly kind: 'applied';
      readonly written: readonly string[];
      readonly deleted: readonly string[];
      /** Files that were as the run left them already. */
      readonly unchanged: readonly string[];
    }
  /** Nothing at all was written. */
  | { readonly kind: 'conflict'; readonly conflicts: readonly Conflict[] };

export interface Changes {
  readonly base: string;
  readonly result: string;
}

const STAGING = '.strata-apply-';

/**
 * Writes what changed between two trees into the user's workspace. A file that is neither as it was nor as it shall be
 * is a conflict, and then nothing is written. All new content is on the disk before the first file is touched; each file is
 * replaced by a rename. After a crash half-way, applying again finishes it.
 */
export async function applyChanges(
  shadow: Shadow,
  workspace: string,
  changes: Changes,
  signal: AbortSignal,
): Promise<Applied> {
  const files = await changedFiles(shadow, changes.base, changes.result, signal);
  const leftovers = await readdir(workspace).catch((error: unknown) => {
    throw workspaceMissing(workspace, error);
  });
  const first = await compare(workspace, files, signal);
  if (first.conflicts.length > 0) return { kind: 'conflict', conflicts: first.conflicts };
  if (first.todo.length === 0) return report(first);

  let staging: string | undefined;
  try {
    for (const name of leftovers.filter((entry) => entry.startsWith(STAGING))) {
      await rm(join(workspace, name), { recursive: true, force: true });
    }
    staging = await mkdtemp(join(workspace, STAGING));
    await stage(shadow, staging, changes.result, first.todo, signal);
    // Staging takes a while, in which the user may have saved a file.
    const now = await compare(workspace, files, signal);
    if (now.conflicts.length > 0) return { kind: 'conflict', conflicts: now.conflicts };
    await commit(workspace, staging, now.todo);
    return report(now);
  } catch (error) {
    throw workspaceWriteError(workspace, error);
  } finally {
    if (staging !== undefined) await rm(staging, { recursive: true, force: true }).catch(() => undefined);
  }
}

interface Comparison {
  readonly todo: readonly ChangedFile[];
  readonly unchanged: readonly ChangedFile[];
  readonly conflicts: readonly Conflict[];
}

async function compare(
  workspace: string,
  files: readonly ChangedFile[],
  signal: AbortSignal,
): Promise<Comparison> {
  const todo: ChangedFile[] = [];
  const unchanged: ChangedFile[] = [];
  const conflicts: Conflict[] = [];
  const going = new Set(files.filter((file) => !file.after).map((file) => file.path));
  for (const file of files) {
    signal.throwIfAborted();
    const now = await occupantOf(workspace, file.path).catch((error: unknown) => String(error));
    const conflict = (reason: string): number => conflicts.push({ path: shown(file.path), reason });
    if (typeof now === 'string') conflict(`It cannot be read: ${now}`);
    else if (now.kind === 'folder') {
      if (file.after && !file.before && holdsOnly(workspace, file.path, going)) todo.push(file);
      else if (!file.after) unchanged.push(file);
      else conflict('A folder with other files stands there now.');
    } else if (now.kind === 'blocked') {
      if (!file.after) unchanged.push(file);
      else if (now.by === 'file' && [...going].some((path) => file.path.startsWith(`${path}/`)))
        todo.push(file);
      else if (now.by === 'symlink' && [...going].some((path) => file.path.startsWith(`${path}/`)))
        todo.push(file);
      else conflict(`A ${now.by === 'other' ? 'special file' : now.by} stands in its way.`);
    } else {
      const version = now.kind === 'file' ? now.version : undefined;
      if (sameVersion(version, file.after)) unchanged.push(file);
      else if (sameVersion(version, file.before)) todo.push(file);
      else if (!version) conflict('It was deleted in the workspace.');
      else if (!file.before) conflict('The run adds it, and another file stands there now.');
      else conflict('It was changed in the workspace since the run began.');
    }
  }
  return { todo, unchanged, conflicts };
}

/** Whether every file below a folder is among those that go away. */
function holdsOnly(workspace: string, folder: BytePath, going: ReadonlySet<BytePath>): boolean {
  return readdirSync(absolute(workspace, folder), { encoding: 'buffer' }).every((name) => {
    const path = `${folder}/${name.toString('latin1')}`;
    return statOf(workspace, path)?.isDirectory() ? holdsOnly(workspace, path, going) : going.has(path);
  });
}

async function stage(
  shadow: Shadow,
  staging: string,
  tree: string,
  todo: readonly ChangedFile[],
  signal: AbortSignal,
): Promise<void> {
  const index = join(shadow.stateDir, `${staging.slice(staging.lastIndexOf(STAGING))}.index`);
  const at = { workTree: staging, index, signal };
  const paths = todo.filter((file) => file.after).map((file) => file.path);
  try {
    await shadow.git(['read-tree', tree], at);
    await shadow.git(['checkout-index', '-z', '--stdin'], { ...at, input: joinPaths(paths) });
  } finally {
    await rm(index, { force: true }).catch((error: unknown) => {
      throw storageError(shadow.stateDir, error);
    });
  }
}

/** Deletions first: a file may become a folder, a folder a file, and a name may change in its case alone. */
async function commit(workspace: string, staging: string, todo: readonly ChangedFile[]): Promise<void> {
  const owner = process.getuid?.() === 0 ? statSync(workspace) : undefined;
  for (const { path } of todo.filter((file) => !file.after)) {
    await unlink(absolute(workspace, path));
    removeEmptyFolders(workspace, parentOf(path));
  }
  for (const { path } of todo.filter((file) => file.after)) {
    const parent = parentOf(path);
    if (parent !== undefined) makeFolders(workspace, parent, owner);
    const source = absolute(staging, path);
    const target = absolute(workspace, path);
    const old = statOf(workspace, path);
    if (old?.isDirectory()) removeEmptyFolders(workspace, path, 'with-those-inside');
    if (old?.isFile() && !statOf(staging, path)?.isSymbolicLink()) {
      const executable = (statOf(staging, path)?.mode ?? 0) & 0o111 ? (old.mode & 0o444) >> 2 : 0;
      chmodSync(source, (old.mode & 0o666) | executable);
    }
    const heir = old?.isFile() ? old : owner;
    if (heir && owner) lchownSync(source, heir.uid, heir.gid);
    await move(source, target);
  }
}

async function move(source: Buffer, target: Buffer): Promise<void> {
  try {
    await rename(source, target);
  } catch (error) {
    // Another file system is mounted inside the workspace.
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error;
    const beside = Buffer.concat([target, Buffer.from('.strata-new')]);
    if ((await lstat(source)).isSymbolicLink())
      await symlink(await readlink(source, { encoding: 'buffer' }), beside);
    else await copyFile(source, beside);
    await rename(beside, target);
  }
}

function makeFolders(
  workspace: string,
  path: BytePath,
  owner: { uid: number; gid: number } | undefined,
): void {
  if (statOf(workspace, path)?.isDirectory()) return;
  const parent = parentOf(path);
  if (parent !== undefined) makeFolders(workspace, parent, owner);
  mkdirSync(absolute(workspace, path));
  if (owner) lchownSync(absolute(workspace, path), owner.uid, owner.gid);
}

function removeEmptyFolders(
  workspace: string,
  path: BytePath | undefined,
  inside?: 'with-those-inside',
): void {
  if (path === undefined) return;
  const folder = absolute(workspace, path);
  if (inside) {
    for (const name of readdirSync(folder, { encoding: 'buffer' })) {
      removeEmptyFolders(workspace, `${path}/${name.toString('latin1')}`, inside);
    }
    rmdirSync(folder);
    return;
  }
  if (readdirSync(folder).length > 0) return;
  rmdirSync(folder);
  removeEmptyFolders(workspace, parentOf(path));
}

function report({ todo, unchanged }: Comparison): Applied {
  return {
    kind: 'applied',
    written: todo.filter((file) => file.after).map((file) => shown(file.path)),
    deleted: todo.filter((file) => !file.after).map((file) => shown(file.path)),
    unchanged: unchanged.map((file) => shown(file.path)),
  };
}
