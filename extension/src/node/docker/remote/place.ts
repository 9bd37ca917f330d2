import {
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Entry } from './tree.ts';

export type Wanted = Pick<Entry, 'path' | 'kind' | 'mode' | 'size' | 'modified' | 'target'>;

/** A path that leads to something below a root and can mean nothing else, on any system. */
export function isBelow(path: string): boolean {
  return (
    path !== '' &&
    !/[\0\\]/.test(path) &&
    !/^[A-Za-z]:/.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

/**
 * Puts entries below a root, the last part of a path replaced and the parts before it real folders: a link is never
 * followed, wherever it comes from.
 */
export class Placer {
  readonly #root: string;
  #open:
    { readonly entry: Wanted; readonly file: number; readonly temporary: string; left: number } | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** Makes a folder or a link; of a file the content follows by `take`. Returns whether it is whole. */
  begin(entry: Wanted): boolean {
    this.abandon();
    const at = this.#resolve(entry.path);
    if (entry.kind === 'folder') {
      if (!isFolder(at)) {
        rmSync(at, { recursive: true, force: true });
        mkdirSync(at);
      }
      chmodSync(at, entry.mode | 0o700); // One that its owner may not enter could never be filled.
      return true;
    }
    if (isFolder(at)) rmSync(at, { recursive: true, force: true });
    const temporary = join(dirname(at), `.strata-copy-${process.pid}`);
    rmSync(temporary, { force: true });
    if (entry.kind === 'link') {
      symlinkSync(entry.target ?? '', temporary);
      renameSync(temporary, at);
      return true;
    }
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    this.#open = { entry, file: openSync(temporary, flags, 0o600), temporary, left: entry.size };
    return entry.size === 0 ? this.take(Buffer.alloc(0)) : false;
  }

  /** Some of the content of the file that was begun. Returns whether it is whole. */
  take(content: Buffer): boolean {
    const open = this.#open;
    if (!open) throw new Error('No file was begun.');
    if (content.length > open.left) throw new Error('There is more of the file than was said.');
    for (let at = 0; at < content.length;) at += writeSync(open.file, content, at);
    open.left -= content.length;
    if (open.left > 0) return false;
    const { entry, file, temporary } = open;
    closeSync(file);
    this.#open = undefined;
    chmodSync(temporary, entry.mode);
    utimesSync(temporary, entry.modified / 1000, entry.modified / 1000);
    renameSync(temporary, this.#resolve(entry.path));
    return true;
  }

  /** What is not there any more; a folder only when nothing is left in it. */
  remove(path: string): void {
    const at = this.#resolve(path);
    try {
      if (isFolder(at)) rmdirSync(at);
      else unlinkSync(at);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'ENOENT' && code !== 'ENOTEMPTY') throw error;
    }
  }

  /** Forgets a file that did not become whole. */
  abandon(): void {
    if (!this.#open) return;
    closeSync(this.#open.file);
    rmSync(this.#open.temporary, { force: true });
    this.#open = undefined;
  }

  #resolve(path: string): string {
    if (!isBelow(path)) throw new Error(`"${path}" is no path of the folder.`);
    let at = this.#root;
    for (const part of path.split('/').slice(0, -1)) {
      at = join(at, part);
      if (isFolder(at)) continue;
      rmSync(at, { force: true });
      mkdirSync(at);
    }
    return join(this.#root, path);
  }
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
