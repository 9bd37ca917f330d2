import type { Table } from '@lancedb/lancedb';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Episode, SharedPlace } from '../../../core/memory/index.ts';
import type { Native } from '../load.ts';
import { createIndexes, type Store, type TableShape } from '../store.ts';
import { allEpisodes, rowOf } from './episode-table.ts';
import { rewriteShared } from './forget-shared.ts';

/**
 * Takes the episodes of these runs out of the table so that nothing of them is left on the disk. A deleted row only gets a
 * mark in LanceDB: its bytes stay in the data file, and its words in the indexes, for as long as `optimize` sees no need to
 * write them anew. So all other rows are written anew, the indexes are made from those, and every older version goes.
 * There is one row a run, so that takes a moment. A marker says that it has begun, and the next write makes it whole.
 */
export async function forgetEpisodes(
  native: Native,
  store: Store,
  shape: TableShape,
  table: Table,
  runs: ReadonlySet<string>,
  shared: SharedPlace | undefined,
): Promise<number> {
  const all = await allEpisodes(table);
  const kept = all.filter(({ run }) => !runs.has(run));
  if (kept.length < all.length) {
    await writeFile(markerOf(store), '');
    if (shared === undefined) await rewrite(native, store, shape, table, kept);
    else {
      await rewriteShared(native, shape, table, runs, shared);
      await rm(markerOf(store), { force: true });
    }
  }
  await removeSetAside(store.directory);
  return all.length - kept.length;
}

/** What was begun by a process that died in the middle of it. */
export async function finishForgetting(
  native: Native,
  store: Store,
  shape: TableShape,
  table: Table,
  shared: SharedPlace | undefined,
): Promise<void> {
  const isBegun = await stat(markerOf(store)).then(
    () => true,
    () => false,
  );
  if (!isBegun) return;
  if (shared === undefined) {
    await rewrite(native, store, shape, table, await allEpisodes(table));
    return;
  }
  // It died before the rows went or after: in the first case nobody was told that they are gone.
  await rewriteShared(native, shape, table, new Set(), shared);
  await rm(markerOf(store), { force: true });
}

async function rewrite(
  { lancedb, arrow }: Native,
  store: Store,
  shape: TableShape,
  table: Table,
  kept: readonly Episode[],
): Promise<void> {
  if (kept.length > 0)
    await table.add(lancedb.makeArrowTable(kept.map(rowOf), { schema: shape.schema }), { mode: 'overwrite' });
  else {
    // LanceDB takes no table without rows.
    for (const { name } of await table.listIndices()) await table.dropIndex(name);
    await table.delete('true');
  }
  await createIndexes({ lancedb, arrow }, table, shape);
  // Nobody else writes: the lock is held. A reader that is in the middle of it asks again.
  await table.optimize({ cleanupOlderThan: new Date(), deleteUnverified: true });
  await rm(markerOf(store), { force: true });
}

function markerOf({ directory }: Store): string {
  return join(directory, 'forgetting');
}

/** A store that was set aside holds them still, and nobody can tell its rows apart. */
async function removeSetAside(directory: string): Promise<void> {
  const [parent, name] = [dirname(directory), basename(directory)];
  for (const entry of await readdir(parent))
    if (entry.startsWith(`${name}.aside-`)) await rm(join(parent, entry), { recursive: true, force: true });
}
