import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import { isStrataError, messageOf } from '../../../base/errors.ts';
import { contextUnreadable } from './errors.ts';

/** A file, folder or link of a build context. Sockets, pipes and devices are none. */
export interface TreeEntry {
  /** From the tree's root, with `/`. */
  readonly name: string;
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  readonly size: number;
  readonly executable: boolean;
  /** Where a link leads. It is sent as a link, and so leads nowhere outside of the image. */
  readonly target?: string;
}

export interface WalkOptions {
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  readonly maxEntries: number;
  /** Thrown when the tree is larger. */
  readonly tooLarge: () => Error;
  /** Left out; folders that are left out are entered all the same when `entersIgnored` says so. */
  readonly ignored?: (name: string) => boolean;
  readonly entersIgnored?: boolean;
}

/** All of a folder, in the order of the names, without following any link. */
export async function walkTree(root: string, options: WalkOptions): Promise<readonly TreeEntry[]> {
  const entries: TreeEntry[] = [];
  let bytes = 0;
  const visit = async (folder: string, prefix: string): Promise<void> => {
    options.signal.throwIfAborted();
    for (const file of (await list(folder)).toSorted((a, b) => (a < b ? -1 : 1))) {
      const name = `${prefix}${file}`;
      const path = join(folder, file);
      const left = options.ignored?.(name) ?? false;
      if (left && !options.entersIgnored) continue;
      const entry = await toEntry(name, path);
      if (!entry || (left && entry.kind !== 'folder')) continue;
      if (!left) {
        entries.push(entry);
        bytes += entry.size;
        if (bytes > options.maxBytes || entries.length > options.maxEntries) throw options.tooLarge();
      }
      if (entry.kind === 'folder') await visit(path, `${name}/`);
    }
  };
  await visit(root, '');
  return entries;
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    throw contextUnreadable(folder, messageOf(error));
  });
}

async function toEntry(name: string, path: string): Promise<TreeEntry | undefined> {
  try {
    const found = await lstat(path);
    const common = { name, path, size: 0, executable: false };
    if (found.isDirectory()) return { ...common, kind: 'folder' };
    if (found.isSymbolicLink()) return { ...common, kind: 'link', target: await readlink(path) };
    if (!found.isFile()) return undefined;
    return { ...common, kind: 'file', size: found.size, executable: (found.mode & 0o111) !== 0 };
  } catch (error) {
    throw contextUnreadable(path, messageOf(error));
  }
}

/** Of everything that goes into the image: names, kinds, modes, links and contents. */
export async function hashTree(entries: readonly TreeEntry[], signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for (const { name, path, kind, size, executable, target } of entries) {
    signal.throwIfAborted();
    hash.update(`\n${JSON.stringify([name, kind, size, executable, target ?? ''])}`);
    if (kind !== 'file') continue;
    try {
      for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Buffer);
    } catch (error) {
      signal.throwIfAborted();
      throw contextUnreadable(path, messageOf(error));
    }
  }
  return hash.digest('hex');
}

/** A file that is made for the context. */
export interface MadeFile {
  readonly name: string;
  readonly content: string | Buffer;
}

/**
 * The build context as an archive, read while it is sent. Owners and times are left out, so that the same files give the
 * same layers; modes are reduced to whether a file can be executed, so that any user in the container can read it.
 */
export function contextArchive(
  files: readonly MadeFile[],
  tree: readonly TreeEntry[] = [],
  prefix = '',
): Readable {
  const tar = pack();
  const archive = Readable.from(tar);
  // Whoever sends it destroys it when the sending ends early, and hears of its errors.
  archive.once('close', () => tar.destroy());
  fill(tar, { files, tree, prefix }).then(
    () => tar.finalize(),
    (error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return archive;
}

const mtime = new Date(0);

async function fill(
  tar: Pack,
  from: { readonly files: readonly MadeFile[]; readonly tree: readonly TreeEntry[]; readonly prefix: string },
): Promise<void> {
  for (const { name, content } of from.files) tar.entry({ name, mode: 0o644, mtime }, content);
  if (from.prefix !== '') tar.entry({ name: from.prefix, type: 'directory', mode: 0o755, mtime });
  for (const entry of from.tree) {
    const name = `${from.prefix}${entry.name}`;
    if (entry.kind === 'folder') tar.entry({ name, type: 'directory', mode: 0o755, mtime });
    else if (entry.kind === 'link')
      tar.entry({ name, type: 'symlink', linkname: entry.target ?? '', mode: 0o777, mtime });
    else await copy(tar, name, entry);
  }
}

async function copy(tar: Pack, name: string, { path, size, executable }: TreeEntry): Promise<void> {
  const target = tar.entry({ name, size, mode: executable ? 0o755 : 0o644, mtime });
  try {
    if (size === 0) target.end(undefined);
    else await pipeline(createReadStream(path), target);
  } catch (error) {
    // A file that has grown or shrunk since it was looked at.
    throw isStrataError(error) ? error : contextUnreadable(path, messageOf(error));
  }
}
