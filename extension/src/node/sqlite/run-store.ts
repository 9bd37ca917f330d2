import { assert } from '../../base/assert.ts';
import type { Disposable } from '../../base/disposable.ts';
import { isStrataError } from '../../base/errors.ts';
import { Emitter } from '../../base/event.ts';
import type { Event } from '../../base/event.ts';
import type { RunLeases, RunLog } from '../../core/orchestration/ports.ts';
import type { SecretFilter } from '../../core/redaction/index.ts';
import type { RetentionPolicy } from '../../core/orchestration/retention.ts';
import { RUN_EVENT_VERSION } from '../../protocol/run-event.ts';
import type { RunEvent, RunEventBody, RunId } from '../../protocol/run-event.ts';
import { openBlobs } from './blobs.ts';
import { isDamage, runOwned, runUnknown, storageError } from './errors.ts';
import type { MovedAside } from './moved-aside.ts';
import { openDatabase, suspectDamage } from './open-database.ts';
import { thisProcess } from './owner.ts';
import { prune } from './prune.ts';
import type { Pruned } from './prune.ts';
import { openRemoval } from './remove-runs.ts';
import { eventReader } from './read-events.ts';
import { openRuns } from './runs.ts';
import type { RunGroups } from './run-groups.ts';
import type { RunList } from './runs.ts';
import type { RunSummary } from './run-summary.ts';
import { transactions } from './transactions.ts';
import { exportRun, familyOf, importRun } from './transfer.ts';
import type { ExportedRun } from './transfer.ts';
import { watchRuns } from './watch.ts';
import { openWriter, withoutSecrets } from './writer.ts';

/** The run log of one workspace folder, in a SQLite file that several processes may have open. */
export interface RunStore extends RunLog, RunLeases, Disposable {
  /** A damaged log was found when this one was opened: where it was moved to, and what was saved of it. */
  readonly movedAside: MovedAside | undefined;
  /** Newest first: the runs that are no part of another one, or the sub-runs of `parent`. */
  list(options?: RunList): readonly RunSummary[];
  /** Its line in a list, also of a sub-run. */
  find(run: RunId): RunSummary | undefined;
  /** The runs that are no part of another one and fit, put together by what they have in common. */
  readonly groups: RunGroups;
  has(run: RunId): boolean;
  /** Ids that end like this, those of sub-runs too. */
  endingWith(text: string): readonly RunId[];
  statusOf(run: RunId): RunSummary['status'] | undefined;
  /** Keeps it out of retention, or no longer. Throws `run-not-found`. */
  pin(run: RunId, pinned: boolean): void;
  /** Removes it with its sub-runs, and returns their ids. Throws `run-not-found`, and `run-owned` while one is worked on. */
  remove(run: RunId): readonly RunId[];
  /**
   * Removes the runs that the policy does not keep, and what only they used. Aborted, it rejects with the signal's reason; what it
   * removed up to there is told by `onDidRemove` alone.
   */
  prune(policy: RetentionPolicy, now: number, signal: AbortSignal): Promise<Pruned>;
  /** Runs that this process removed: their copies and snapshots are of no use any more. */
  readonly onDidRemove: Event<readonly RunId[]>;
  /** With its sub-runs. Throws `run-not-found`, `run-damaged` and `blob-damaged`. */
  exportRun(run: RunId): ExportedRun;
  /** Keeps it under the ids that it has, or under `as` and ids that begin with it. Throws `run-exists`. */
  importRun(exported: ExportedRun, as?: RunId): RunId;
  /** Events that this process appended, after their commit. None: a whole run was imported. */
  readonly onDidAppend: Event<readonly RunEvent[]>;
  /** Runs that other processes appended to, looked for at this interval. */
  watch(intervalMs: number, onChange: (runs: readonly RunId[]) => void): Disposable;
}

/** `secrets` are left out of whatever is written from then on. */
export function openRunStore(path: string, now: () => number, secrets?: SecretFilter): RunStore {
  const { database, movedAside } = openDatabase(path, now);
  const appended = new Emitter<readonly RunEvent[]>();
  const inTransaction = transactions(database);
  const blobs = openBlobs(database, secrets);
  const read = eventReader(database);
  const runs = openRuns(database);
  const family = familyOf(database);
  const writer = openWriter(database, inTransaction, blobs, now, secrets);
  const removed = new Emitter<readonly RunId[]>();
  const removal = openRemoval(database, inTransaction, runs, family);
  const remove = (run: RunId): readonly RunId[] => {
    const gone = removal.remove(run);
    if (gone.length > 0) removed.fire(gone);
    return gone;
  };
  const self = thisProcess();

  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (isStrataError(error)) throw error;
      if (isDamage(error)) suspectDamage(path);
      throw storageError(path, error);
    }
  };

  return {
    movedAside,
    ...(secrets ? { secrets } : {}),
    onDidAppend: appended.event,

    begin: (run, started, rest = []) => {
      const at = now();
      const written = (body: RunEventBody): RunEventBody =>
        secrets && !isCopied(body) ? withoutSecrets(secrets, body) : body;
      const events = [written(started), ...rest.map(written)].map((body, index): RunEvent => {
        // Copied from another run, they may come with the numbers that they had there.
        const envelope = { v: RUN_EVENT_VERSION, run, seq: index + 1, at } as const;
        return { ...envelope, ...body, ...envelope };
      });
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

    release: (lease) => {
      writer.release(lease);
      guarded(() => runs.release(lease));
    },
    read: (run, afterSeq = 0) => guarded(() => read(run, afterSeq)),
    putBlob: blobs.put,
    getBlob: (id) => guarded(() => blobs.get(id)),
    list: (options = {}) => guarded(() => runs.list(options)),
    find: (run) => guarded(() => runs.find(run)),
    groups: {
      byAgent: (filter) => guarded(() => runs.groups.byAgent(filter)),
      byStatus: (filter) => guarded(() => runs.groups.byStatus(filter)),
      byDay: (filter, limit) => guarded(() => runs.groups.byDay(filter, limit)),
      models: (limit) => guarded(() => runs.groups.models(limit)),
      users: (limit) => guarded(() => runs.groups.users(limit)),
    },
    statusOf: (run) => guarded(() => runs.status(run)),
    has: (run) => guarded(() => runs.owner(run) !== undefined),
    endingWith: (text) => guarded(() => runs.endingWith(text)),
    pin: (run, pinned) =>
      guarded(() => {
        if (!runs.pin(run, pinned)) throw runUnknown(run);
      }),
    onDidRemove: removed.event,
    remove: (run) => {
      const gone = guarded(() => remove(run));
      if (gone.length === 0) throw runUnknown(run);
      return gone;
    },
    prune: async (policy, at, signal) => {
      try {
        const parts = { database, file: path, inTransaction, removal: { ...removal, remove } };
        return await prune(parts, policy, at, signal);
      } catch (error) {
        if (isStrataError(error) || signal.aborted) throw error;
        throw storageError(path, error);
      }
    },
    exportRun: (run) => guarded(() => exportRun(family(run), run, { read, blobs })),
    importRun: (exported, as) => {
      const has = (run: RunId): boolean => runs.owner(run) !== undefined;
      const run = guarded(() => importRun(exported, as, { writer, blobs, has }));
      // Lists look again. Nobody follows a run that was not there.
      appended.fire([]);
      return run;
    },
    watch: (intervalMs, onChange) => watchRuns(database, now, intervalMs, onChange),

    dispose: () => {
      appended.dispose();
      removed.dispose();
      database.close();
    },
  };
}

/** What a fork begins with stands in the log already, and its steps have hashes of what stands there. */
function isCopied(body: RunEventBody): boolean {
  return body.type === 'run.started' ? body.origin.kind === 'fork' : 'step' in body && !('edited' in body);
}
