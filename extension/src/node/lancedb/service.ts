import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
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
  /** How long nothing must have been written before episodes are compacted. */
  readonly idleMs: number;
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
  let idle: NodeJS.Timeout | undefined;

  /** Each remembered run is a version of its own; they are folded together when nothing goes on. */
  function compactWhenIdle(): void {
    clearTimeout(idle);
    idle = setTimeout(() => {
      const options = { waitMs: 0, what: 'tidying', signal: AbortSignal.timeout(60_000) };
      episodes
        .write(options, async (table) => await compact(table, Date.now()))
        .catch((error: unknown) => process.stderr.write(`Compaction was left out: ${messageOf(error)}\n`));
    }, place.idleMs);
    idle.unref();
  }

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
      await episodes.write(options, async (table) => await putEpisode(table, episode));
      compactWhenIdle();
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
