import type { StatementSync } from 'node:sqlite';
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { Disposable } from '../../base/disposable.ts';
import type { JsonObject } from '../../base/json.ts';
import type { CacheStore, KeptResult } from '../../core/tools/index.ts';
import { openSideDatabase } from './side-database.ts';

/** Raised with every change of the table or of what is kept in it; older files are then made anew. */
const FORMAT = 1;
const TABLE = `CREATE TABLE IF NOT EXISTS kept (
  key TEXT PRIMARY KEY, result TEXT NOT NULL, size INTEGER NOT NULL, until INTEGER, used INTEGER NOT NULL
) STRICT, WITHOUT ROWID; CREATE INDEX IF NOT EXISTS kept_by_use ON kept (used)`;

const DEFAULT_BYTES = 64 * 1024 ** 2;
/** When the last use of an answer was this long ago it is written again, so that most hits write nothing. */
const USE_MS = 60_000;

// Written by this class of programs alone; what JSON.parse makes of it is JSON.
const object = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);
const kept: z.ZodType<KeptResult> = z.object({
  content: z.array(
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('text'), text: z.string() }),
      z.object({ type: z.literal('image'), mimeType: z.string(), data: z.string() }),
    ]),
  ),
  structured: object.exactOptional(),
  raw: object.exactOptional(),
  at: z.number(),
  run: z.string().exactOptional(),
});

/** Answers of tools, for all processes that have the folder open. Beyond its size those go that were not used for longest. */
export function openToolCache(
  path: string,
  now: () => number,
  mostBytes: number = DEFAULT_BYTES,
): CacheStore & Disposable {
  const side = openSideDatabase(path, { format: FORMAT, tables: TABLE, busyMs: 250 });
  const prepared = statements();
  return {
    get: (key) =>
      side.use((database) => {
        const { select, remove, touch } = prepared(database);
        const row = select.get(key);
        if (!row) return undefined;
        const result = readKept(String(row['result']));
        const { until, used } = row;
        if (!result || (typeof until === 'number' && until <= now())) {
          remove.run(key);
          return undefined;
        }
        if (now() - Number(used) > USE_MS) touch.run(now(), key);
        return result;
      }),
    set: (key, result, until) => {
      side.use((database) => {
        const { insert, total, oldest, remove } = prepared(database);
        const text = JSON.stringify(result);
        if (text.length > mostBytes) return;
        database.exec('BEGIN IMMEDIATE');
        insert.run(key, text, text.length, until ?? null, now());
        let size = Number(total.get()?.['size'] ?? 0);
        while (size > mostBytes) {
          const row = oldest.get();
          if (!row) break;
          remove.run(String(row['key']));
          size -= Number(row['size']);
        }
        database.exec('COMMIT');
      });
    },
    dispose: () => side.dispose(),
  };
}

type Statements = Readonly<
  Record<'select' | 'insert' | 'remove' | 'touch' | 'total' | 'oldest', StatementSync>
>;

/** Of the database that is open now: one that was damaged is replaced by another. */
function statements(): (database: DatabaseSync) => Statements {
  let of: DatabaseSync | undefined;
  let ready: Statements | undefined;
  return (database) => {
    if (ready && of === database) return ready;
    of = database;
    ready = {
      select: database.prepare('SELECT result, until, used FROM kept WHERE key = ?'),
      insert: database.prepare(
        'INSERT OR REPLACE INTO kept (key, result, size, until, used) VALUES (?, ?, ?, ?, ?)',
      ),
      remove: database.prepare('DELETE FROM kept WHERE key = ?'),
      touch: database.prepare('UPDATE kept SET used = ? WHERE key = ?'),
      total: database.prepare('SELECT sum(size) AS size FROM kept'),
      oldest: database.prepare('SELECT key, size FROM kept ORDER BY used LIMIT 1'),
    };
    return ready;
  };
}

function readKept(text: string): KeptResult | undefined {
  try {
    return kept.parse(JSON.parse(text));
  } catch {
    // It counts as not kept, and is removed.
    return undefined;
  }
}
