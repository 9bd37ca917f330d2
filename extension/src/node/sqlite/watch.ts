import type { DatabaseSync } from 'node:sqlite';
import type { Disposable } from '../../base/disposable.ts';
import type { RunId } from '../../protocol/run-event.ts';
import { NEWEST_SEQ } from './run-tail.ts';

/** Tells of runs that another connection has appended to. */
export function watchRuns(
  database: DatabaseSync,
  now: () => number,
  intervalMs: number,
  onChange: (runs: readonly RunId[]) => void,
): Disposable {
  // Changes when another connection has committed, and only then: https://www.sqlite.org/pragma.html#pragma_data_version
  const pragma = database.prepare('PRAGMA data_version');
  // The row of a run that goes on is not written with every event. Both have an index, so that it costs the same with many runs.
  const written = database.prepare(
    `SELECT id, updated_at, last_seq AS newest FROM run INDEXED BY run_at_rest WHERE status <> 'running' AND updated_at >= ?
    UNION ALL
    SELECT id, updated_at, ${NEWEST_SEQ} AS newest FROM run INDEXED BY run_at_work WHERE status = 'running'`,
  );
  let known = new Map<RunId, number>();
  const changedSince = (time: number): RunId[] => {
    const before = known;
    known = new Map();
    return written.all(time).flatMap((row) => {
      const [id, newest] = [String(row['id']), Number(row['newest'])];
      known.set(id, newest);
      return Number(row['updated_at']) >= time || before.get(id) !== newest ? [id] : [];
    });
  };
  const dataVersion = (): number => Number(pragma.get()?.['data_version']);
  let version = dataVersion();
  let since = now();
  changedSince(since);
  const timer = setInterval(() => {
    const current = dataVersion();
    if (current === version) return;
    version = current;
    const runs = changedSince(since);
    since = now() - intervalMs;
    if (runs.length > 0) onChange(runs);
  }, intervalMs);
  timer.unref();
  return { dispose: () => clearInterval(timer) };
}
