import { readdirSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { skippedFolders } from './search-request.ts';

export interface WalkedFile {
  /** Real path. */
  readonly path: string;
  /** Relative to the root, with forward slashes. */
  readonly shown: string;
}

/**
 * The regular files below a folder, sorted by name, folder by folder. Symbolic links are not followed. Synchronous,
 * because it runs in the search worker only.
 */
export function* walk(folder: string, shown: string): Generator<WalkedFile> {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return; // Unreadable, or removed meanwhile: what can be seen is still worth showing.
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const below = shown === '.' ? entry.name : `${shown}/${entry.name}`;
    if (entry.isFile()) yield { path: join(folder, entry.name), shown: below };
    else if (entry.isDirectory() && !skippedFolders.has(entry.name))
      yield* walk(join(folder, entry.name), below);
  }
}
