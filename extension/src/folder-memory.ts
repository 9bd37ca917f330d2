import path from 'node:path';
import type { Memory } from './core/memory/index.ts';
import { openMemory } from './node/lancedb/index.ts';

interface FolderMemoryParts {
  readonly folder: string;
  /** Of this folder alone. */
  readonly storage: string;
  readonly bundles: string;
}

/** A folder's memory, wired to its storage. */
export function folderMemory({ folder, storage, bundles }: FolderMemoryParts): Memory {
  return openMemory({
    folder,
    storageDir: path.join(storage, 'memory'),
    childPath: path.join(bundles, 'memory-child.cjs'),
  });
}
