import type { Table } from '@lancedb/lancedb';
import { sharedMemoryNotForgotten, type Episode, type SharedPlace } from '../../../core/memory/index.ts';
import type { Native } from '../load.ts';
import { indexAll, isConflict, isManaged } from '../shared/shared-tables.ts';
import type { TableShape } from '../store.ts';
import { allEpisodes, forgottenIn, forgottenRow, putEpisodes, rowOf } from './episode-table.ts';

/**
 * Writes all rows anew but those of these runs, as on a disk of one's own, in a table that other machines write meanwhile: LanceDB
 * lets a new content of a whole table win over what was added a moment before, so that is looked for and put back. Files that
 * no version names stay for a week: they may be of a write that is under way elsewhere. What is forgotten is in none of them.
 */
export async function rewriteShared(
  { lancedb, arrow }: Native,
  shape: TableShape,
  table: Table,
  runs: ReadonlySet<string>,
  place: SharedPlace,
): Promise<void> {
  const before = await table.version();
  const all = await allEpisodes(table);
  const gone = (episode: Episode): boolean => runs.has(episode.run);
  const forgotten = await forgottenIn(table);
  const rows = [
    ...all.map((one) => (gone(one) ? forgottenRow(one) : rowOf(one))),
    ...forgotten.map((one) => ({ ...one, derived: '', body: '' })),
  ];
  if (rows.length === 0) return;
  const data = lancedb.makeArrowTable(rows, { schema: shape.schema });
  const { version } = await table.add(data, { mode: 'overwrite' });
  if (version > before + 1) {
    const known = new Set(all.map((one) => JSON.stringify(one)));
    await table.checkout(version - 1);
    const late = (await allEpisodes(table)).filter((one) => !gone(one) && !known.has(JSON.stringify(one)));
    await table.checkoutLatest();
    await putEpisodes(table, late);
  }
  try {
    await indexAll({ lancedb, arrow }, table, shape);
    if (isManaged(place)) return;
    await table.optimize({ cleanupOlderThan: new Date() });
  } catch (error) {
    if (isConflict(error)) throw sharedMemoryNotForgotten(place.uri);
    throw error;
  }
  const isLeft = (await table.listVersions()).some((one) => one.version < version);
  if (isLeft) throw sharedMemoryNotForgotten(place.uri);
}
