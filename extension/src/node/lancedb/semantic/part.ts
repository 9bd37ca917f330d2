import { join } from 'node:path';
import type { IndexReport } from '../../../core/memory/index.ts';
import { handler, type Handler, type PartContext } from '../handler.ts';
import { openStore, type WriteOptions } from '../store.ts';
import { chunkShape, indexedFiles, searchChunks } from './chunk-table.ts';
import { indexFolder } from './indexer.ts';
import { countChunksCall, indexCall, searchCall } from './requests.ts';

/** The index of the workspace. `mendOthers` makes what else is stored readable again; it returns what had to be set aside. */
export function semanticPart(
  { native, place, changed }: PartContext,
  mendOthers: (options: WriteOptions) => Promise<readonly string[]>,
): readonly Handler[] {
  const chunks = openStore(native, place.storageDir, chunkShape(native.arrow));
  return [
    handler(indexCall, async (_body, { signal, onProgress }) => {
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
      changed();
      return withNotes(report, await mendOthers(options));
    }),
    handler(
      searchCall,
      async ({ query, limit }) =>
        (await chunks.read((table) => searchChunks(native.lancedb, table, query, limit))) ?? [],
    ),
    handler(countChunksCall, async () => {
      const files = (await chunks.read(indexedFiles)) ?? new Map<string, { readonly chunks: number }>();
      return { files: files.size, chunks: [...files.values()].reduce((sum, file) => sum + file.chunks, 0) };
    }),
  ];
}

function withNotes(report: IndexReport, notes: readonly string[]): IndexReport {
  return notes.length === 0 ? report : { ...report, notes: [...(report.notes ?? []), ...notes] };
}
