import type { Disposable } from '../../base/disposable.ts';
import { keptText, readKept } from '../../core/observability/otlp-import/index.ts';
import type { IncomingSpan } from '../../core/observability/otlp-import/index.ts';
import type { RunId } from '../../protocol/run-event.ts';
import { openSideDatabase } from '../sqlite/side-database.ts';

/** Spans that were received, by their trace: those of one come in many requests, over hours, and its root often last. */
export interface KeptSpans extends Disposable {
  add(spans: readonly IncomingSpan[], now: number): void;
  spansOf(trace: string): readonly IncomingSpan[];
  /** The run that a trace has become. */
  runOf(trace: string): RunId | undefined;
  setRun(trace: string, run: RunId): void;
  /** Traces that got nothing for so long are not waited for any more. */
  removeOlderThan(time: number): void;
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS trace (id TEXT PRIMARY KEY, run TEXT, updated_at INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS span (
    n INTEGER PRIMARY KEY,
    trace TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (trace, id)
  ) STRICT`;

export function openKeptSpans(path: string): KeptSpans {
  const side = openSideDatabase(path, { format: 1, tables: TABLES, busyMs: 5_000 });
  return {
    add: (spans, now) => {
      side.use((database) => {
        const touch = database.prepare(
          'INSERT INTO trace VALUES (?, NULL, ?) ON CONFLICT DO UPDATE SET updated_at = excluded.updated_at',
        );
        const put = database.prepare('INSERT OR REPLACE INTO span (trace, id, body) VALUES (?, ?, ?)');
        database.exec('BEGIN IMMEDIATE');
        for (const trace of new Set(spans.map((span) => span.trace))) touch.run(trace, now);
        for (const span of spans) put.run(span.trace, span.id, keptText(span));
        database.exec('COMMIT');
      });
    },
    spansOf: (trace) =>
      side
        .use((database) => database.prepare('SELECT body FROM span WHERE trace = ? ORDER BY n').all(trace))
        ?.flatMap(({ body }) => readKept(String(body)) ?? []) ?? [],
    runOf: (trace) => {
      const row = side.use((database) => database.prepare('SELECT run FROM trace WHERE id = ?').get(trace));
      return typeof row?.['run'] === 'string' ? row['run'] : undefined;
    },
    setRun: (trace, run) => {
      side.use((database) => database.prepare('UPDATE trace SET run = ? WHERE id = ?').run(run, trace));
    },
    removeOlderThan: (time) => {
      side.use((database) => {
        database
          .prepare('DELETE FROM span WHERE trace IN (SELECT id FROM trace WHERE updated_at < ?)')
          .run(time);
        database.prepare('DELETE FROM trace WHERE updated_at < ?').run(time);
      });
    },
    dispose: () => side.dispose(),
  };
}
