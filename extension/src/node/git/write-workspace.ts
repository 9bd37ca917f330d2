import { chmodSync, lchownSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { copyFile, lstat, readlink, rename, symlink, unlink } from 'node:fs/promises';
import type { BytePath } from './paths.ts';
import { absolute, parentOf, statOf } from './paths.ts';
import type { TreeEdit } from './write-tree.ts';

/**
 * Moves staged files to their places in the user's workspace, each by a rename, and takes away what shall go. Deletions first: a
 * file may become a folder, a folder a file, and a name may change in its case alone.
 */
export async function writeWorkspace(
  workspace: string,
  staging: string,
  todo: readonly TreeEdit[],
): Promise<void> {
  const owner = process.getuid?.() === 0 ? statSync(workspace) : undefined;
  for (const { path } of todo.filter(({ version }) => !version)) {
    await unlink(absolute(workspace, path));
    removeEmptyFolders(workspace, parentOf(path));
  }
  for (const { path } of todo.filter(({ version }) => version !== undefined)) {
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
