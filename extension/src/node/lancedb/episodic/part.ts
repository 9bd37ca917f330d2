import type { Table } from '@lancedb/lancedb';
import {
  rankEpisodes,
  usageOf,
  type Episode,
  type RecalledEpisode,
  type SharedPlace,
} from '../../../core/memory/index.ts';
import { handler, type Handler, type PartContext } from '../handler.ts';
import { openSharedStore } from '../shared/shared-store.ts';
import { compactShared, isConflict } from '../shared/shared-tables.ts';
import { compact, openStore, type WriteOptions } from '../store.ts';
import {
  allEpisodes,
  countEpisodes,
  episodesOf,
  episodeShape,
  matchingEpisodes,
  newestEpisodes,
  putEpisodes,
  seenTimes,
} from './episode-table.ts';
import { finishForgetting, forgetEpisodes } from './forget.ts';
import {
  countEpisodesCall,
  forgetCall,
  listEpisodesCall,
  recallCall,
  rememberCall,
  seenEpisodesCall,
} from './requests.ts';

export interface EpisodicPart {
  readonly handlers: readonly Handler[];
  /** Makes the table readable again where it is not; returns what had to be set aside. */
  mend(options: WriteOptions): Promise<readonly string[]>;
  close(): void;
}

/** What happened in earlier runs. */
export function episodicPart({ native, place, changed }: PartContext): EpisodicPart {
  const shape = episodeShape(native.arrow);
  const { shared } = place;
  const team = shared && openSharedStore(native, place.storageDir, shape, shared);
  const store = team ?? openStore(native, place.storageDir, shape);
  const { lancedb } = native;

  const write = async <T>(
    options: WriteOptions,
    work: (table: Table, notes: readonly string[]) => Promise<T>,
  ): Promise<T> =>
    await store.write(options, async (table, notes) => {
      await finishForgetting(native, store, shape, table, shared);
      return await work(table, notes);
    });
  const writing = (signal: AbortSignal): WriteOptions => ({
    waitMs: place.lockWaitMs,
    what: 'writing to',
    signal,
  });

  const recalled = async (table: Table, query: string, limit: number): Promise<RecalledEpisode[]> => {
    const candidates = await matchingEpisodes(lancedb, table, query);
    if (candidates.length === 0) return [];
    return rankEpisodes({
      query,
      candidates,
      usage: usageOf(await allEpisodes(table)),
      now: Date.now(),
      limit,
    });
  };
  const like = async (table: Table, query: string, limit: number, before: number): Promise<Episode[]> =>
    (await matchingEpisodes(lancedb, table, query))
      .filter(({ episode }) => episode.at < before)
      .sort((a, b) => b.score - a.score || b.episode.at - a.episode.at)
      .slice(0, limit)
      .map(({ episode }) => episode);

  return {
    handlers: [
      handler(
        recallCall,
        async ({ query, limit }) => (await store.read((table) => recalled(table, query, limit))) ?? [],
      ),
      handler(rememberCall, async ({ episodes }, { signal }) => {
        await write(writing(signal), async (table) => {
          await putEpisodes(table, episodes);
          // LanceDB 0.31 scores rows that are not in the text index yet by how often a word occurs rather than in how many
          // rows: a common word then counts below zero, and the row is not found. There is one row a run, so it is cheap.
          if (shared === undefined) await compact(table, Date.now());
          else await tidyShared(table, shared);
        });
        changed();
        return null;
      }),
      handler(listEpisodesCall, async ({ limit, before = Infinity, query, run }) => {
        const list = (table: Table): Promise<Episode[]> =>
          run !== undefined
            ? episodesOf(table, [run])
            : query === undefined
              ? newestEpisodes(table, limit, before)
              : like(table, query, limit, before);
        return (await store.read(list)) ?? [];
      }),
      handler(seenEpisodesCall, async () => (await store.read(seenTimes)) ?? []),
      handler(forgetCall, async ({ runs }, { signal }) => {
        const removed = await write(writing(signal), (table) =>
          forgetEpisodes(native, store, shape, table, new Set(runs), shared),
        );
        if (removed > 0) changed();
        return { removed };
      }),
      handler(countEpisodesCall, async () => (await store.read(countEpisodes)) ?? 0),
    ],
    mend: (options) => write(options, (_table, notes) => Promise.resolve(notes)),
    close: () => team?.close(),
  };
}

/** What was written is there in any case; when others write all the time, one of them brings the indexes up to date. */
async function tidyShared(table: Table, shared: SharedPlace): Promise<void> {
  for (let tries = TIDY_TRIES; tries > 0; tries--) {
    try {
      await compactShared(table, Date.now(), shared);
      return;
    } catch (error) {
      if (!isConflict(error)) throw error;
      await table.checkoutLatest();
    }
  }
}

const TIDY_TRIES = 5;
