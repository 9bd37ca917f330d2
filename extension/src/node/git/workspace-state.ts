import { createHash } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileVersion } from './changed-files.ts';
import type { BytePath } from './paths.ts';
import { absolute, parentOf, realParents, statOf } from './paths.ts';

export type Occupant =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'file'; readonly version: FileVersion }
  | { readonly kind: 'folder' }
  /** Neither file nor folder, or behind a symlink or a file: nothing of ours may go there. */
  | { readonly kind: 'blocked'; readonly by: 'symlink' | 'file' | 'other' };

/** What stands at a path of the user's workspace now, under exactly that name. */
export async function occupantOf(folder: string, path: BytePath): Promise<Occupant> {
  if (!realParents(folder)(path)) return blockedAbove(folder, path);
  const found = statOf(folder, path);
  if (!found || !hasExactName(folder, path)) return { kind: 'nothing' };
  if (found.isDirectory()) return { kind: 'folder' };
  if (found.isSymbolicLink()) {
    const target = readlinkSync(absolute(folder, path), { encoding: 'buffer' });
    return { kind: 'file', version: { mode: '120000', blob: blobId([target], target.length) } };
  }
  if (!found.isFile()) return { kind: 'blocked', by: 'other' };
  const mode = found.mode & 0o100 ? '100755' : '100644';
  return { kind: 'file', version: { mode, blob: await blobOf(absolute(folder, path)) } };
}

export function sameVersion(a: FileVersion | undefined, b: FileVersion | undefined): boolean {
  if (!a || !b) return a === b;
  // Windows keeps no such bit.
  const sameMode = process.platform === 'win32' || a.mode === b.mode;
  return a.blob === b.blob && sameMode;
}

function blockedAbove(folder: string, path: BytePath): Occupant {
  for (let at = parentOf(path); at !== undefined; at = parentOf(at)) {
    const found = statOf(folder, at);
    if (found?.isSymbolicLink()) return { kind: 'blocked', by: 'symlink' };
    if (found && !found.isDirectory()) return { kind: 'blocked', by: 'file' };
  }
  return { kind: 'nothing' };
}

/** On file systems that ignore case, `Readme.md` also answers to `README.md`, which is not the file that was meant. */
function hasExactName(folder: string, path: BytePath): boolean {
  const parent = parentOf(path);
  const name = path.slice(parent === undefined ? 0 : parent.length + 1);
  if (name.toLowerCase() === name.toUpperCase()) return true;
  const directory = parent === undefined ? Buffer.from(folder) : absolute(folder, parent);
  return readdirSync(directory, { encoding: 'buffer' }).some((entry) => entry.toString('latin1') === name);
}

/** Git's object id: SHA-1 over a header with the size, and the bytes as they are. */
function blobId(chunks: readonly Buffer[], size: number): string {
  const hash = createHash('sha1').update(`blob ${size}\0`);
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

async function blobOf(file: Buffer): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const content = await handle.readFile();
    return blobId([content], content.length);
  } finally {
    await handle.close();
  }
}
