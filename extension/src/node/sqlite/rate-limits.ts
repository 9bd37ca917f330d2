import type { Disposable } from '../../base/disposable.ts';
import type { BucketStore } from '../../core/tools/index.ts';
import { openSideDatabase } from './side-database.ts';

const FORMAT = 1;
const TABLE =
  'CREATE TABLE IF NOT EXISTS bucket (name TEXT PRIMARY KEY, full INTEGER NOT NULL) STRICT, WITHOUT ROWID';
const MANY = 1_000;

/**
 * The buckets that all windows and terminals of a user share. Where the file cannot be used, each process counts for itself:
 * a limit that holds for less is better than no tools.
 */
export function openBuckets(path: string, now: () => number): BucketStore & Disposable {
  const side = openSideDatabase(path, { format: FORMAT, tables: TABLE, busyMs: 2_000 });
  const own = new Map<string, number>();
  return {
    update: (bucket, next) => {
      const done = side.use((database) => {
        database.exec('BEGIN IMMEDIATE');
        const row = database.prepare('SELECT full FROM bucket WHERE name = ?').get(bucket);
        const full = next(row ? Number(row['full']) : undefined);
        if (full !== undefined) {
          const write = database.prepare('INSERT OR REPLACE INTO bucket (name, full) VALUES (?, ?)');
          write.run(bucket, Math.ceil(full));
          const count = Number(database.prepare('SELECT count(*) AS n FROM bucket').get()?.['n']);
          // A bucket that is full is as one that was never used.
          if (count > MANY) database.prepare('DELETE FROM bucket WHERE full <= ?').run(now());
        }
        database.exec('COMMIT');
        return true;
      });
      if (done) return;
      const full = next(own.get(bucket));
      if (full !== undefined) own.set(bucket, full);
    },
    dispose: () => side.dispose(),
  };
}
