import { handler, type Handler, type PartContext } from '../handler.ts';
import { compact, openStore, type WriteOptions } from '../store.ts';
import { episodeShape, putEpisode, recallEpisodes } from './episode-table.ts';
import { countEpisodesCall, recallCall, rememberCall } from './requests.ts';

export interface EpisodicPart {
  readonly handlers: readonly Handler[];
  /** Makes the table readable again where it is not; returns what had to be set aside. */
  mend(options: WriteOptions): Promise<readonly string[]>;
}

/** What happened in earlier runs. */
export function episodicPart({ native, place, changed }: PartContext): EpisodicPart {
  const episodes = openStore(native, place.storageDir, episodeShape(native.arrow));
  const { lancedb } = native;
  return {
    handlers: [
      handler(
        recallCall,
        async ({ query, limit }) =>
          (await episodes.read((table) => recallEpisodes(lancedb, table, query, limit))) ?? [],
      ),
      handler(rememberCall, async ({ episode }, { signal }) => {
        const options = { waitMs: place.lockWaitMs, what: 'writing to', signal };
        await episodes.write(options, async (table) => {
          await putEpisode(table, episode);
          // LanceDB 0.31 scores rows that are not in the text index yet by how often a word occurs rather than in how many
          // rows: a common word then counts below zero, and the row is not found. There is one row a run, so it is cheap.
          await compact(table, Date.now());
        });
        changed();
        return null;
      }),
      handler(countEpisodesCall, async () => (await episodes.read((table) => table.countRows())) ?? 0),
    ],
    mend: (options) => episodes.write(options, (_table, notes) => Promise.resolve(notes)),
  };
}
