import { lchown, lstat, opendir, readdir, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, parse, relative, sep } from 'node:path';
import { strataHome } from '../home.ts';
import type { Engine } from './engine.ts';
import { folderNotShareable, folderRefused } from './errors.ts';

export { guardedNames } from './guarded.ts';

/** Folders of our own whose subfolders are made for tools: of runs, of runs to come, and one with nothing in it. */
const meantForTools = ['copies', 'warm', 'empty'];

/** User and group inside of a container when nothing speaks for another. */
const ordinary = { uid: 1000, gid: 1000 };

export interface SharedFolder {
  /** Real path on this machine, to be mounted. */
  readonly path: string;
  /** `uid:gid` for the container. */
  readonly user: string;
  /** A volume that holds a copy of it, on an engine that does not see this machine's files; see `remote/`. */
  readonly volume?: string;
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
  const refusal = await whyRefused(engine, path, options.ownCopy);
  if (refusal) throw folderRefused(path, refusal);
  if (engine.rootless) return { path, user: '0:0' };
  if (engine.remote) return { path, user: `${ordinary.uid}:${ordinary.gid}` };
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

async function whyRefused(engine: Engine, path: string, ownCopy: boolean): Promise<string | undefined> {
  if (!(await stat(path)).isDirectory()) return 'it is not a folder.';
  if (path === parse(path).root) return 'it is the whole file system.';
  const home = await realpath(homedir()).catch(() => homedir());
  if (contains(path, home)) return 'it holds the home folder.';
  const storage = await realpath(strataHome()).catch(() => undefined); // Nothing was ever kept.
  if (storage !== undefined) {
    if (contains(path, storage)) return 'it holds Strata’s own files.';
    const isMeant = ownCopy && meantForTools.includes(basename(dirname(path)));
    if (contains(storage, path) && !isMeant) return 'it is one of Strata’s own folders.';
  }
  if (process.platform === 'win32') return undefined;
  if (engine.connection.kind === 'socket') {
    const socket = await realpath(engine.connection.socketPath).catch(() => undefined);
    if (socket && contains(path, socket)) return 'it holds the socket of the Docker engine.';
  }
  // Where system calls are filtered nothing inside can open a Unix socket; elsewhere whatever listens on one is reached.
  const socket = engine.features.seccomp ? undefined : await socketIn(path);
  return socket === undefined
    ? undefined
    : `it holds the Unix socket ${socket}, and this engine does not keep programs from using it.`;
}

/** Entries that are looked at, which takes about a second. */
const longestLook = 100_000;

async function socketIn(folder: string): Promise<string | undefined> {
  const open = [folder];
  let seen = 0;
  for (let at = open.shift(); at !== undefined; at = open.shift()) {
    const entries = await opendir(at).catch(() => undefined); // May not be read, by the tools neither.
    if (!entries) continue;
    for await (const entry of entries) {
      if (entry.isSocket()) return relative(folder, join(at, entry.name));
      if (entry.isDirectory()) open.push(join(at, entry.name));
      if ((seen += 1) > longestLook) return undefined;
    }
  }
  return undefined;
}

function contains(folder: string, path: string): boolean {
  const below = relative(folder, path);
  return below === '' || !(below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below));
}
