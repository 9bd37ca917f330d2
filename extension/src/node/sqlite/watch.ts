import type { DatabaseSync } from 'node:sqlite';
import type { Disposable } from '../../base/disposable.ts';
import type { RunId } from '../../protocol/run-event.ts';

/** Tells of runs that another connection has appended to. */
export function watchRuns(
  database: DatabaseSync,
  now: () => number,
  intervalMs: number,
  onChange: (runs: readonly RunId[]) => void,
): Disposable {
  // Changes when another connection has committed, and only then: https://www.sqlite.org/pragma.html#pragma_data_version
  const pragma = database.prepare('PRAGMA data_version');
  const changedSince = database.prepare('SELECT id FROM run WHERE updated_at >= ?');
  const dataVersion = (): number => Number(pragma.get()?.['data_version']);
  let version = dataVersion();
  let since = now();
  const timer = setInterval(() => {
    const current = dataVersion();
    if (current === version) return;
    version = current;
    const runs = changedSince.all(since).map(({ id }) => String(id));
    since = now() - intervalMs;
    if (runs.length > 0) onChange(runs);
  }, intervalMs);
  timer.unref();
  return { dispose: () => clearInterval(timer) };
}
