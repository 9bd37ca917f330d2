import type { DatabaseSync } from 'node:sqlite';
import type { Disposable } from '../../base/disposable.ts';
import type { RunId } from '../../protocol/run-event.ts';
import { openSideDatabase } from '../sqlite/side-database.ts';

/**
 * Runs that wait to be exported, by destination, in a file beside the run log. A run is its own copy in the log, so what waits
 * is its id alone: a collector that is down for a day costs some kilobytes.
 */
export interface Outbox extends Disposable {
  /** Returns how many of the oldest had to go for it. */
  add(destination: string, run: RunId, now: number): number;
  /** The run that has waited longest; nobody else gets it before `until`. Undefined while the destination is to be left alone. */
  take(destination: string, now: number, until: number): Waiting | undefined;
  /** Pieces of it that have arrived, so that they are not sent again. */
  advance(waiting: Waiting, sent: number): void;
  remove(waiting: Waiting): void;
  /** The destination cannot be reached: it is left alone until then. */
  postpone(waiting: Waiting, failures: number, until: number): void;
  /** It was not tried. */
  giveBack(waiting: Waiting): void;
  failures(destination: string): number;
  reached(destination: string): void;
  waiting(destination: string): number;
  /** When something can be sent next; undefined when nothing waits. */
  nextAt(destination: string): number | undefined;
  /** Those that nobody has asked for since, of destinations that are no more. */
  removeOlderThan(time: number): number;
}

export interface Waiting {
  readonly destination: string;
  readonly run: RunId;
  readonly sent: number;
  readonly queuedAt: number;
}

/** Runs that wait for one destination. */
const MOST_WAITING = 2_000;

const TABLES = `
  CREATE TABLE IF NOT EXISTS waiting (
    destination TEXT NOT NULL,
    run TEXT NOT NULL,
    queued_at INTEGER NOT NULL,
    free_at INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    PRIMARY KEY (destination, run)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS waiting_by_time ON waiting (destination, queued_at);
  CREATE TABLE IF NOT EXISTS trouble (
    destination TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    next_at INTEGER NOT NULL
  ) STRICT`;

export function openOutbox(path: string): Outbox {
  const side = openSideDatabase(path, { format: 1, tables: TABLES, busyMs: 2_000 });
  const count = (database: DatabaseSync, destination: string): number =>
    Number(
      database.prepare('SELECT count(*) AS n FROM waiting WHERE destination = ?').get(destination)?.['n'],
    );
  const change = (text: string, ...values: readonly (string | number)[]): number =>
    side.use((database) => Number(database.prepare(text).run(...values).changes)) ?? 0;

  const giveBack = ({ destination, run }: Waiting): void => {
    change('UPDATE waiting SET free_at = 0 WHERE destination = ? AND run = ?', destination, run);
  };

  return {
    add: (destination, run, now) =>
      side.use((database) => {
        database
          .prepare(
            `INSERT INTO waiting VALUES (?, ?, ?, ?, 0)
              ON CONFLICT DO UPDATE SET queued_at = excluded.queued_at, free_at = excluded.free_at, sent = 0`,
          )
          .run(destination, run, now, now);
        const over = count(database, destination) - MOST_WAITING;
        if (over <= 0) return 0;
        database
          .prepare(
            `DELETE FROM waiting WHERE destination = ? AND run IN
              (SELECT run FROM waiting WHERE destination = ? ORDER BY queued_at, run LIMIT ?)`,
          )
          .run(destination, destination, over);
        return over;
      }) ?? 0,

    take: (destination, now, until) =>
      side.use((database) => {
        const trouble = database
          .prepare('SELECT next_at FROM trouble WHERE destination = ?')
          .get(destination);
        if (Number(trouble?.['next_at'] ?? 0) > now) return undefined;
        const row = database
          .prepare(
            `UPDATE waiting SET free_at = ? WHERE destination = ? AND run =
              (SELECT run FROM waiting WHERE destination = ? AND free_at <= ? ORDER BY queued_at, run LIMIT 1)
              RETURNING run, sent, queued_at`,
          )
          .get(until, destination, destination, now);
        if (!row) return undefined;
        const { run, sent, queued_at: queuedAt } = row;
        return { destination, run: String(run), sent: Number(sent), queuedAt: Number(queuedAt) };
      }),

    advance: ({ destination, run }, sent) => {
      change('UPDATE waiting SET sent = ? WHERE destination = ? AND run = ?', sent, destination, run);
    },

    // One that was queued anew while it was sent stays for its newer part.
    remove: ({ destination, run, queuedAt }) => {
      change(
        'DELETE FROM waiting WHERE destination = ? AND run = ? AND queued_at = ?',
        destination,
        run,
        queuedAt,
      );
    },

    giveBack,

    postpone: (waiting, failures, until) => {
      const { destination } = waiting;
      giveBack(waiting);
      change('INSERT OR REPLACE INTO trouble VALUES (?, ?, ?)', destination, failures, until);
    },

    failures: (destination) =>
      Number(
        side.use((database) =>
          database.prepare('SELECT failures FROM trouble WHERE destination = ?').get(destination),
        )?.['failures'] ?? 0,
      ),

    reached: (destination) => {
      change('DELETE FROM trouble WHERE destination = ?', destination);
    },

    waiting: (destination) => side.use((database) => count(database, destination)) ?? 0,

    nextAt: (destination) =>
      side.use((database) => {
        const row = database
          .prepare(
            `SELECT max(min(free_at), coalesce((SELECT next_at FROM trouble WHERE destination = ?), 0)) AS at
              FROM waiting WHERE destination = ?`,
          )
          .get(destination, destination);
        return typeof row?.['at'] === 'number' ? row['at'] : undefined;
      }),

    removeOlderThan: (time) => change('DELETE FROM waiting WHERE queued_at < ?', time),

    dispose: () => side.dispose(),
  };
}
