import type { Opened } from './opened.ts';
import { allIdsIn, deleteChunks, idsAmong } from './chunk-table.ts';
import { allIds, announced, removePieces, setState } from './places/pieces.ts';
import { inTransaction } from './places/transaction.ts';
import { removeBrokenVersions } from './places/versions.ts';

/** A process that died while it added rows left them announced: they are in the table or they are not. */
export async function settle({ table, places }: Opened): Promise<void> {
  const open = announced(places);
  if (open.length === 0) return;
  const found = new Set(await idsAmong(table, open));
  inTransaction(places, () => {
    setState(places, [...found], 1);
    removePieces(
      places,
      open.filter((id) => !found.has(id)),
    );
  });
}

/**
 * Makes places and table agree where they do not: a power cut can take the last transactions from one and not from the
 * other, and somebody may have put back a copy of one of them. What is lost here is read from the workspace again. That
 * all rows are looked at also finds a table that is damaged. In a shared table there are rows of others, which stay.
 */
export async function reconcile(opened: Opened, rows: 'all ours' | 'shared'): Promise<void> {
  const { table, places } = opened;
  await settle(opened);
  const known = new Set(allIds(places));
  const stored = new Set<string>();
  const surplus = new Set<string>();
  for (const id of await allIdsIn(table)) {
    if (rows === 'all ours' && (!known.has(id) || stored.has(id))) surplus.add(id);
    stored.add(id);
  }
  if (surplus.size === 0 && [...known].every((id) => stored.has(id))) return;
  await deleteChunks(table, [...surplus]);
  inTransaction(places, () => {
    removePieces(
      places,
      [...known].filter((id) => !stored.has(id) || surplus.has(id)),
    );
    removeBrokenVersions(places);
  });
}
