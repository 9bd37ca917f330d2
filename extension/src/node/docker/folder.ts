import { lchown, lstat, readdir, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { Engine } from './engine.ts';
import { folderNotShareable, folderRefused } from './errors.ts';

/** User and group inside of a container when nothing speaks for another. */
const ordinary = { uid: 1000, gid: 1000 };

export interface SharedFolder {
  /** Real path on this machine, to be mounted. */
  readonly path: string;
  /** `uid:gid` for the container. */
  readonly user: string;
}

/**
 * Makes a folder usable by the tools' containers, which never run as root. Whoever owns the folder is the user inside, so
 * that what the tools write stays theirs. A run's own copy that belongs to root is given to user 1000; a user's workspace
 * is never given away. On a rootless engine user 0 inside is the user who runs the engine. Nothing may be running in the
 * folder meanwhile: it could swap a folder for a link while the ownership changes.
 */
export async function shareFolder(
  engine: Engine,
  folder: string,
  options: { readonly ownCopy: boolean },
): Promise<SharedFolder> {
  const path = await realpath(folder);
  const refusal = await whyRefused(engine, path);
  if (refusal) throw folderRefused(path, refusal);
  if (engine.rootless) return { path, user: '0:0' };
  if (process.platform !== 'linux') return { path, user: `${ordinary.uid}:${ordinary.gid}` };
  const owner = await stat(path);
  const self = process.getuid?.() ?? ordinary.uid;
  if (self !== 0) return { path, user: `${self}:${process.getgid?.() ?? self}` };
  if (!options.ownCopy) {
    if (owner.uid === 0) throw folderNotShareable(path);
    return { path, user: `${owner.uid}:${owner.gid}` };
  }
  const user = owner.uid === 0 ? ordinary : owner;
  await giveAway(path, user);
  return { path, user: `${user.uid}:${user.gid}` };
}

async function giveAway(path: string, to: { readonly uid: number; readonly gid: number }): Promise<void> {
  const found = await lstat(path);
  if (found.uid !== to.uid) await lchown(path, to.uid, to.gid);
  if (!found.isDirectory()) return;
  for (const name of await readdir(path)) await giveAway(join(path, name), to);
}

async function whyRefused(engine: Engine, path: string): Promise<string | undefined> {
  if (!(await stat(path)).isDirectory()) return 'it is not a folder.';
  const home = await realpath(homedir()).catch(() => homedir());
  if (contains(path, home)) return 'it holds the home folder.';
  if (engine.connection.kind !== 'socket' || process.platform === 'win32') return undefined;
  const socket = await realpath(engine.connection.socketPath).catch(() => undefined);
  return socket && contains(path, socket) ? 'it holds the socket of the Docker engine.' : undefined;
}

function contains(folder: string, path: string): boolean {
  const below = relative(folder, path);
  return below === '' || !(below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below));
}
