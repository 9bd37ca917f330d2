import type { DatabaseSync } from 'node:sqlite';
import { blobIdsIn, refsOf } from './blob-ids.ts';
import { TABLES } from './tables.ts';

/** Brings the tables of format 1 to format 2. To be called in a transaction. */
export function migrateFormat1(database: DatabaseSync): void {
  database.exec(`
    DROP INDEX run_by_start;
    ALTER TABLE run ADD COLUMN parent TEXT;
    ALTER TABLE run ADD COLUMN origin TEXT NOT NULL DEFAULT 'user';
    ALTER TABLE run ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE run ADD COLUMN undecided INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE run ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE blob RENAME TO blob_1;
    ${TABLES}
  `);
  const sizes = moveBlobs(database);
  measureRuns(database, sizes);
  database.exec('DROP TABLE blob_1');
}

/** Their sizes by id. */
function moveBlobs(database: DatabaseSync): Map<string, number> {
  const insert = database.prepare('INSERT INTO blob (id, refs, text) VALUES (?, ?, ?)');
  const sizes = new Map<string, number>();
  // In the order of the events that name them, what one run wrote stays together; the rest follows.
  const move = (row: Record<string, unknown> | undefined): void => {
    if (!row) return;
    const [id, text] = [String(row['id']), String(row['text'])];
    if (sizes.has(id)) return;
    insert.run(id, refsOf(text), text);
    sizes.set(id, text.length);
  };
  const one = database.prepare('SELECT id, text FROM blob_1 WHERE id = ?');
  for (const { body } of database.prepare('SELECT body FROM event ORDER BY run, seq').iterate()) {
    for (const id of blobIdsIn(String(body))) if (!sizes.has(id)) move(one.get(id));
  }
  for (const row of database.prepare('SELECT id, text FROM blob_1').iterate()) move(row);
  return sizes;
}

/** What each run takes up, and whether its changes wait for somebody to decide. */
function measureRuns(database: DatabaseSync, sizes: Map<string, number>): void {
  const totals = new Map<string, { bytes: number; undecided: number }>();
  for (const { run, body } of database.prepare('SELECT run, body FROM event ORDER BY run, seq').iterate()) {
    const text = String(body);
    const total = totals.get(String(run)) ?? { bytes: 0, undecided: 0 };
    totals.set(String(run), total);
    total.bytes += text.length;
    for (const id of blobIdsIn(text)) {
      total.bytes += sizes.get(id) ?? 0;
      sizes.delete(id);
    }
    if (text.includes('"type":"step.finished"') && text.includes('"files":{"before":')) total.undecided = 1;
    if (text.includes('"type":"run.changes"')) total.undecided = 0;
  }
  const update = database.prepare('UPDATE run SET bytes = ?, undecided = ? WHERE id = ?');
  for (const [run, { bytes, undecided }] of totals) update.run(bytes, undecided, run);
}
