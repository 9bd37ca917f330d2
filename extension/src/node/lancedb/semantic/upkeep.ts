import type { ChunkStore } from './chunk-store.ts';
import { deleteChunks, rowsToIndex } from './chunk-table.ts';
import type { FreshRows } from './fresh-rows.ts';
import type { Opened } from './opened.ts';
import {
  allPieces,
  contentsOf,
  countPieces,
  hasMoreUnindexed,
  removePieces,
  setState,
  unindexed,
} from './places/pieces.ts';
import { inTransaction } from './places/transaction.ts';
import { liveNumbers, removeDeadVersions } from './places/versions.ts';
import { putMeta } from './places/words.ts';
import type { SharedPlace } from '../../../core/memory/index.ts';
import { compactShared } from '../shared/shared-tables.ts';
import { compact, type WriteOptions } from '../store.ts';

/** Rows beyond so many are found only when the text index has them. */
export const MOST_FRESH = 4_000;

/**
 * Brings the rows in memory in line with what the table's text index lacks; cheap where nothing has changed. With more of
 * them than can be kept, which only happens while much is being indexed, the newest are left out.
 */
export async function syncFresh(
  { table, places }: Pick<Opened, 'table' | 'places'>,
  fresh: FreshRows,
): Promise<void> {
  const lacking = unindexed(places, MOST_FRESH);
  const wanted = new Set(lacking);
  fresh.remove(fresh.ids().filter((id) => !wanted.has(id)));
  const missing = lacking.filter((id) => !fresh.has(id));
  if (missing.length > 0) fresh.add(await rowsToIndex(table, missing));
}

/**
 * Compacts, brings the indexes up to date and drops old versions; LanceDB never does so by itself. It may go on beside
 * writes; where one gets in its way, LanceDB gives up and it is done the next time.
 */
export async function optimize(
  { table, places }: Opened,
  fresh: FreshRows,
  now: number,
  shared: SharedPlace | undefined,
  oldVersionsMs: number,
): Promise<boolean> {
  const ids = unindexed(places);
  try {
    if (shared === undefined) await compact(table, now, oldVersionsMs);
    else await compactShared(table, now, shared);
  } catch (error) {
    if (/conflict|retry/i.test(String(error))) return false;
    throw error;
  }
  inTransaction(places, () => {
    setState(places, ids, 2);
    // Also where there was no row to tell of: other processes open the table anew when the places have changed.
    putMeta(places, 'tidiedAt', now);
  });
  // SQLite keeps the file beside it at the size that it once had; where another process reads just now, the next time does.
  places.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  fresh.remove(ids);
  // What came meanwhile, when there was no room for it.
  await syncFresh({ table, places }, fresh);
  return true;
}

/** Whether there are rows that no search finds. */
export function lacksSome(places: Opened['places']): boolean {
  return hasMoreUnindexed(places, MOST_FRESH);
}

/** Whether the text index lacks so much that it is worth the seconds it takes. */
export function lacksMuch(places: Opened['places']): boolean {
  const counts = countPieces(places);
  return counts.unindexed > Math.max(MOST_FRESH, (counts.all - counts.unindexed) * MOST_LACKING);
}

/** Each time costs as much as all rows that are there, so it is done when they have grown by a part of them. */
const MOST_LACKING = 0.5;

/**
 * Removes the rows of contents that no file has now, when they have become many; until then a branch that comes back costs
 * nothing. Returns the contents that are left, or undefined when there was nothing to do.
 */
export async function collect(
  store: ChunkStore,
  options: WriteOptions,
  fresh: FreshRows,
): Promise<ReadonlySet<string> | undefined> {
  // Rows of a shared table may be those of another machine.
  if (store.shared !== undefined) return undefined;
  return await store.write(options, async ({ table, places }) => {
    const live = liveNumbers(places);
    const dead = allPieces(places).filter(({ number }) => !live.has(number));
    if (dead.length <= Math.max(live.size * MOST_DEAD, FEW)) return undefined;
    const ids = dead.map(({ id }) => id);
    // In this order a process that dies in between leaves rows without a place, which the next opening removes.
    inTransaction(places, () => {
      removeDeadVersions(places);
      removePieces(places, ids);
    });
    fresh.remove(ids);
    await deleteChunks(table, ids);
    return contentsOf(places, live);
  });
}

const MOST_DEAD = 0.25;
const FEW = 100;
