import path from 'node:path';
import type { Json } from './base/json.ts';
import { embedderFrom, embedderOfEnvironment, readEmbedderSetting } from './core/memory/embedding/index.ts';
import type { EmbedderSurroundings } from './core/memory/embedding/index.ts';
import type { Memory } from './core/memory/index.ts';
import type { Environment } from './core/models/index.ts';
import type { FolderChanges } from './folder-changes.ts';
import { keepEpisodes } from './folder-episodes.ts';
import type { EpisodeKeeper } from './folder-episodes.ts';
import { sharedMemoryOf } from './folder-shared-memory.ts';
import type { SharedMemorySettings } from './folder-shared-memory.ts';
import { openMemory } from './node/lancedb/index.ts';
import { openNotes } from './node/notes/index.ts';
import type { Notes } from './node/notes/index.ts';
import type { RunStore } from './node/sqlite/index.ts';

interface FolderMemoryParts {
  readonly folder: string;
  /** Of this folder alone. */
  readonly storage: string;
  readonly bundles: string;
  readonly store: RunStore;
  /** Nothing is written into a folder that its person does not trust. */
  readonly mayWriteNotes: () => boolean;
  /** Variables that name the proxy for embedders, where it is not this process that has them. */
  readonly proxy: (() => Environment) | undefined;
  /** The setting of the embedder, as it stands; where there are no settings, the environment has it. */
  readonly embedder: (() => Json | undefined) | undefined;
  readonly embedding: EmbedderSurroundings;
  /** The address of a memory that is shared; where there are no settings, the environment has it. */
  readonly sharedMemory: (() => SharedMemorySettings) | undefined;
}

export interface WiredMemory {
  readonly memory: Memory;
  readonly notes: Notes;
  readonly episodes: EpisodeKeeper;
  /** Tells the memory what the settings and keys now say. Throws what is wrong with them; search is by keyword then. */
  readonly applySettings: () => Promise<void>;
}

/** A folder's memory, wired to its storage, its notes and its runs. */
export function folderMemory(parts: FolderMemoryParts): WiredMemory {
  const { folder, storage, bundles, store, mayWriteNotes, embedder, embedding, proxy } = parts;
  const storageDir = path.join(storage, 'memory');
  const childPath = path.join(bundles, 'memory-child.cjs');
  const opened = openMemory({
    ...{ folder, storageDir, childPath, proxy },
    shared: sharedMemoryOf(folder, parts.sharedMemory, embedding),
  });
  const notes = openNotes({
    folder,
    notedFile: path.join(storageDir, 'noted.json'),
    mayWrite: mayWriteNotes,
    now: Date.now,
  });
  const episodes = keepEpisodes(store, opened, notes);
  return {
    memory: episodes.memory,
    ...{ notes, episodes },
    applySettings: async () => {
      try {
        const setting =
          embedder === undefined ? embedderOfEnvironment(embedding.env) : readEmbedderSetting(embedder());
        await opened.useEmbedder(setting && (await embedderFrom(setting, embedding)));
      } catch (error) {
        // One that cannot be used must not go on with a key or an address that was taken back.
        await opened.useEmbedder(undefined);
        throw error;
      } finally {
        await opened.placeChanged();
      }
    },
  };
}

/** The same, and what a run has written among the notes is an agent's word when it is applied. */
export function adoptingNotes(apply: FolderChanges['apply'], notes: Notes): FolderChanges['apply'] {
  return async (run, signal, options) => {
    const before = await notes.list();
    const applied = await apply(run, signal, options);
    if (applied.kind === 'applied' && applied.written.includes(NOTES_PATH)) await notes.adopt(run, before);
    return applied;
  };
}

const NOTES_PATH = '.strata/memory.md';
