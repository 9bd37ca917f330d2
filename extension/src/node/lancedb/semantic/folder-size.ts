import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of all files below a folder, measured again only after some time: those who watch ask at each change. */
export function measuredSize(folder: string, now: () => number): () => Promise<number> {
  let measured: { readonly at: number; readonly bytes: Promise<number> } | undefined;
  return () => {
    if (measured === undefined || Math.abs(now() - measured.at) > FRESH_MS)
      measured = { at: now(), bytes: folderSize(folder) };
    return measured.bytes;
  };
}

const FRESH_MS = 3_000;

/** Bytes of all files below a folder; 0 where it is not there. */
async function folderSize(folder: string): Promise<number> {
  let bytes = 0;
  try {
    for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
      if (entry.isFile()) bytes += await sizeOf(join(entry.parentPath, entry.name));
    }
  } catch {
    return bytes; // It is not there, or is being rebuilt.
  }
  return bytes;
}

async function sizeOf(file: string): Promise<number> {
  return await lstat(file).then(
    ({ size }) => size,
    () => 0, // Cleaned up since it was listed.
  );
}
