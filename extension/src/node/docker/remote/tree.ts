import { lstatSync, readdirSync, readlinkSync, type BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** A file, folder or link below a root, and how to know whether it changed. */
export interface Entry {
  /** From the root, with `/`. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** Permissions. */
  readonly mode: number;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Of a link. */
  readonly target?: string;
  /** The change time is part of it, which no program can set: the same text means the same content. */
  readonly signature: string;
}

/** Looked at without letting others have their turn: a few milliseconds. */
const entriesInSlice = 200;

/**
 * Everything below a folder by its path, links as links. Sockets, pipes and names that are no UTF-8 are left out. In slices,
 * since it also runs in the editor's extension host.
 */
export async function readTree(root: string): Promise<Map<string, Entry>> {
  const found = new Map<string, Entry>();
  const visit = async (folder: string) => {
    for (const name of namesIn(join(root, folder))) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const entry = name.includes('\ufffd') ? undefined : readEntry(root, path);
      if (!entry) continue;
      found.set(path, entry);
      if (found.size % entriesInSlice === 0) await nextTurn();
      if (entry.kind === 'folder') await visit(path);
    }
  };
  await visit('');
  return found;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    // It went away while we looked. One that is closed to us is no empty one: what was in it would be taken for removed.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Undefined when it is not there, or nothing that is copied. */
export function readEntry(root: string, path: string): Entry | undefined {
  try {
    const at = join(root, path);
    const stats = lstatSync(at, { bigint: true });
    const kind = kindOf(stats);
    if (!kind) return undefined;
    const { size, mtimeMs, mtimeNs, ctimeNs, ino } = stats;
    const mode = Number(stats.mode) & 0o777;
    return {
      path,
      kind,
      mode,
      size: kind === 'file' ? Number(size) : 0,
      modified: Number(mtimeMs),
      ...(kind === 'link' ? { target: readlinkSync(at) } : {}),
      // A folder's times change with what is in it, which has entries of its own.
      signature:
        kind === 'folder' ? `${kind} ${mode}` : `${kind} ${mode} ${size} ${mtimeNs} ${ctimeNs} ${ino}`,
    };
  } catch {
    return undefined; // It went away while we looked, or is closed to us.
  }
}

function kindOf(stats: BigIntStats): Entry['kind'] | undefined {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSymbolicLink() ? 'link' : undefined;
}

export interface TreeChanges {
  /** Folders before what is in them. */
  readonly changed: readonly Entry[];
  /** What is in a folder before the folder. */
  readonly removed: readonly string[];
}

export function changesBetween(
  before: ReadonlyMap<string, Entry>,
  now: ReadonlyMap<string, Entry>,
): TreeChanges {
  return {
    changed: [...now.values()].filter(({ path, signature }) => before.get(path)?.signature !== signature),
    removed: [...before.keys()].filter((path) => !now.has(path)).reverse(),
  };
}
