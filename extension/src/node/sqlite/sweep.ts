import type { DatabaseSync } from 'node:sqlite';
import type { BlobId, RunId } from '../../protocol/run-event.ts';
import { blobIdsIn, refsOf, splitRefs } from './blob-ids.ts';
import { NEWEST_SEQ } from './run-tail.ts';
import type { InTransaction } from './transactions.ts';

/** Few enough that nobody who wants to write waits for long. */
const BATCH = 200;

/**
 * Takes away the blobs that nothing names any more, and returns how many bytes that were. Writers go on meanwhile: what they have
 * appended since is looked at again before anything is deleted, in the transaction that deletes it.
 */
export async function sweepBlobs(
  database: DatabaseSync,
  inTransaction: InTransaction,
  pause: () => Promise<void>,
): Promise<number> {
  const marked = marker(database);
  const garbage = database.prepare(`SELECT value FROM upkeep WHERE name = 'garbage'`);
  if (!garbage.get()) return 0;
  const page = database.prepare('SELECT n, id FROM blob WHERE id > ? ORDER BY id LIMIT ?');
  const size = database.prepare('SELECT octet_length(text) AS bytes FROM blob WHERE n = ?');
  const remove = database.prepare('DELETE FROM blob WHERE n = ?');
  while (marked.more()) await pause();
  let freed = 0;
  let last: BlobId | undefined = '';
  while (last !== undefined) {
    const from: BlobId = last;
    last = inTransaction(() => {
      while (marked.more()) continue;
      const rows = page.all(from, BATCH);
      for (const { n, id } of rows) {
        if (marked.has(String(id))) continue;
        freed += Number(size.get(Number(n))?.['bytes'] ?? 0);
        remove.run(Number(n));
      }
      return rows.length < BATCH ? undefined : String(rows.at(-1)?.['id']);
    });
    await pause();
  }
  database.exec(`DELETE FROM upkeep WHERE name = 'garbage'`);
  return freed;
}

interface Marker {
  /** Marks what some more events reach. Whether it found any that it had not seen. */
  more(): boolean;
  has(id: BlobId): boolean;
}

function marker(database: DatabaseSync): Marker {
  const heads = database.prepare(`SELECT id, ${NEWEST_SEQ} AS newest FROM run`);
  const events = database.prepare(
    'SELECT seq, body FROM event WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?',
  );
  const refs = database.prepare('SELECT refs FROM blob WHERE id = ?');
  const text = database.prepare('SELECT text FROM blob WHERE id = ?');
  const marked = new Set<BlobId>();
  const seen = new Map<RunId, number>();
  let waiting: { readonly run: RunId; readonly last: number }[] = [];

  const mark = (named: BlobId[]): void => {
    for (let id = named.pop(); id !== undefined; id = named.pop()) {
      if (marked.has(id)) continue;
      marked.add(id);
      const row = refs.get(id);
      if (!row) continue;
      const known = row['refs'];
      named.push(...splitRefs(typeof known === 'string' ? known : refsOf(String(text.get(id)?.['text']))));
    }
  };

  return {
    has: (id) => marked.has(id),
    more: () => {
      if (waiting.length === 0) {
        waiting = heads
          .all()
          .map((row) => ({ run: String(row['id']), last: Number(row['newest']) }))
          .filter(({ run, last }) => last > (seen.get(run) ?? 0));
      }
      const next = waiting.at(-1);
      if (!next) return false;
      const rows = events.all(next.run, seen.get(next.run) ?? 0, BATCH);
      for (const { body } of rows) mark(blobIdsIn(String(body)));
      seen.set(next.run, rows.length < BATCH ? next.last : Number(rows.at(-1)?.['seq']));
      if (rows.length < BATCH) waiting.pop();
      return true;
    },
  };
}
