import { assert } from '../../base/assert.ts';
import type { Disposable } from '../../base/disposable.ts';
import { isStrataError } from '../../base/errors.ts';
import { Emitter } from '../../base/event.ts';
import type { Event } from '../../base/event.ts';
import type { RunLeases, RunLog } from '../../core/orchestration/ports.ts';
import { RUN_EVENT_VERSION } from '../../protocol/run-event.ts';
import type { RunEvent, RunId } from '../../protocol/run-event.ts';
import { openBlobs } from './blobs.ts';
import { runOwned, runUnknown, storageError } from './errors.ts';
import { openDatabase } from './open-database.ts';
import { thisProcess } from './owner.ts';
import { eventReader } from './read-events.ts';
import { openRuns } from './runs.ts';
import type { RunList } from './runs.ts';
import type { RunSummary } from './run-summary.ts';
import { transactions } from './transactions.ts';
import { exportRun, familyOf, importRun } from './transfer.ts';
import type { ExportedRun } from './transfer.ts';
import { watchRuns } from './watch.ts';
import { openWriter } from './writer.ts';

/** The run log of one workspace folder, in a SQLite file that several processes may have open. */
export interface RunStore extends RunLog, RunLeases, Disposable {
  /** Where a damaged log was moved to when this one was opened. */
  readonly movedAside: string | undefined;
  /** Newest first: the runs that are no part of another one, or the sub-runs of `parent`. */
  list(options?: RunList): readonly RunSummary[];
  has(run: RunId): boolean;
  /** Ids that end like this, those of sub-runs too. */
  endingWith(text: string): readonly RunId[];
  statusOf(run: RunId): RunSummary['status'] | undefined;
  /** Keeps it out of retention, or no longer. Throws `run-not-found`. */
  pin(run: RunId, pinned: boolean): void;
  /** With its sub-runs. Throws `run-not-found`, `run-damaged` and `blob-damaged`. */
  exportRun(run: RunId): ExportedRun;
  /** Keeps it under the ids that it has, or under `as` and ids that begin with it. Throws `run-exists`. */
  importRun(exported: ExportedRun, as?: RunId): RunId;
  /** Events that this process appended, after their commit. */
  readonly onDidAppend: Event<readonly RunEvent[]>;
  /** Runs that other processes appended to, looked for at this interval. */
  watch(intervalMs: number, onChange: (runs: readonly RunId[]) => void): Disposable;
}

export function openRunStore(path: string, now: () => number): RunStore {
  const { database, movedAside } = openDatabase(path, now);
  const appended = new Emitter<readonly RunEvent[]>();
  const inTransaction = transactions(database);
  const blobs = openBlobs(database);
  const read = eventReader(database);
  const runs = openRuns(database);
  const family = familyOf(database);
  const writer = openWriter(database, inTransaction, blobs, now);
  const self = thisProcess();

  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw isStrataError(error) ? error : storageError(path, error);
    }
  };

  return {
    movedAside,
    onDidAppend: appended.event,

    begin: (run, started, rest = []) => {
      const at = now();
      const events = [started, ...rest].map((body, index): RunEvent => ({
        v: RUN_EVENT_VERSION,
        run,
        seq: index + 1,
        at,
        ...body,
      }));
      guarded(() => writer.begin(new Map([[run, events]]), self));
      const [event] = events;
      assert(event, 'a run begins with its start');
      appended.fire(events);
      return { lease: { run, fence: 1 }, event, events };
    },

    append: (lease, bodies) => {
      const events = guarded(() => writer.append(lease, bodies));
      appended.fire(events);
      return events;
    },

    acquire: (run) =>
      guarded(() =>
        inTransaction(() => {
          const found = runs.owner(run);
          if (!found) throw runUnknown(run);
          if (found.live) throw runOwned(run, found.live.pid);
          const fence = found.fence + 1;
          runs.take(run, fence, self);
          return { run, fence };
        }),
      ),

    release: (lease) => guarded(() => runs.release(lease)),
    read: (run, afterSeq = 0) => guarded(() => read(run, afterSeq)),
    putBlob: blobs.put,
    getBlob: (id) => guarded(() => blobs.get(id)),
    list: (options = {}) => guarded(() => runs.list(options)),
    statusOf: (run) => guarded(() => runs.status(run)),
    has: (run) => guarded(() => runs.owner(run) !== undefined),
    endingWith: (text) => guarded(() => runs.endingWith(text)),
    pin: (run, pinned) =>
      guarded(() => {
        if (!runs.pin(run, pinned)) throw runUnknown(run);
      }),
    exportRun: (run) => guarded(() => exportRun(family(run), run, { read, blobs })),
    importRun: (exported, as) =>
      guarded(() => importRun(exported, as, { writer, blobs, has: (run) => runs.owner(run) !== undefined })),
    watch: (intervalMs, onChange) => watchRuns(database, now, intervalMs, onChange),

    dispose: () => {
      appended.dispose();
      database.close();
    },
  };
}
