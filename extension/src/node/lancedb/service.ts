import { join } from 'node:path';
import type { Episode, Hit, IndexProgress, IndexReport } from '../../core/memory/index.ts';
import { chunkShape, indexedFiles, searchChunks } from './chunk-table.ts';
import { episodeShape, putEpisode, recallEpisodes } from './episode-table.ts';
import { indexFolder } from './indexer.ts';
import type { Native } from './load.ts';
import { compact, openStore } from './store.ts';

export interface Place {
  readonly folder: string;
  readonly storageDir: string;
  /** How long a write waits for another process's write to end. */
  readonly lockWaitMs: number;
}

/** The memory of one folder, inside of the memory process. */
export interface Service {
  index(signal: AbortSignal, onProgress: (progress: IndexProgress) => void): Promise<IndexReport>;
  search(query: string, limit: number): Promise<readonly Hit[]>;
  recall(query: string, limit: number): Promise<readonly Episode[]>;
  remember(episode: Episode, signal: AbortSignal): Promise<void>;
  stats(): Promise<{ readonly chunks: number; readonly files: number; readonly episodes: number }>;
}

export function openService(native: Native, place: Place): Service {
  const chunks = openStore(native, place.storageDir, chunkShape(native.arrow));
  const episodes = openStore(native, place.storageDir, episodeShape(native.arrow));
  const { lancedb } = native;
  return {
    async index(signal, onProgress) {
      const options = { waitMs: place.lockWaitMs, what: 'indexing', signal };
      const report = await chunks.write(options, async (table, notes) => {
        const manifestFile = join(chunks.directory, 'manifest.json');
        const found = await indexFolder(table, {
          folder: place.folder,
          manifestFile,
          signal,
          onProgress,
          now: Date.now,
        });
        return withNotes(found, notes);
      });
      // Also mends the episodes, so that after an index run everything can be read.
      const notes = await episodes.write(options, (_table, found) => Promise.resolve(found));
      return withNotes(report, notes);
    },
    async search(query, limit) {
      return (await chunks.read(async (table) => await searchChunks(lancedb, table, query, limit))) ?? [];
    },
    async recall(query, limit) {
      return (await episodes.read(async (table) => await recallEpisodes(lancedb, table, query, limit))) ?? [];
    },
    async remember(episode, signal) {
      const options = { waitMs: place.lockWaitMs, what: 'writing to', signal };
      await episodes.write(options, async (table) => {
        await putEpisode(table, episode);
        // LanceDB 0.31 scores rows that are not in the text index yet by how often a word occurs rather than in how many
        // rows: a common word then counts below zero, and the row is not found. There is one row a run, so it is cheap.
        await compact(table, Date.now());
      });
    },
    async stats() {
      const files = (await chunks.read(indexedFiles)) ?? new Map<string, { readonly chunks: number }>();
      return {
        files: files.size,
        chunks: [...files.values()].reduce((sum, file) => sum + file.chunks, 0),
        episodes: (await episodes.read(async (table) => await table.countRows())) ?? 0,
      };
    },
  };
}

function withNotes(report: IndexReport, notes: readonly string[]): IndexReport {
  return notes.length === 0 ? report : { ...report, notes: [...(report.notes ?? []), ...notes] };
}
