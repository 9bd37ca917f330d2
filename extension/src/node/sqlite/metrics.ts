import { DatabaseSync } from 'node:sqlite';
import { isStrataError } from '../../base/errors.ts';
import type { Disposable } from '../../base/disposable.ts';
import { aggregate, factAt, readFacts, runsBehind } from '../../core/observability/metrics/index.ts';
import type {
  Fact,
  FactReader,
  FactTables,
  MetricsAnswer,
  MetricsQuery,
  RunsAnswer,
  RunsQuery,
} from '../../core/observability/metrics/index.ts';
import type { RunId } from '../../protocol/run-event.ts';
import { metricsTooFine, metricsUnavailable, storageError } from './errors.ts';
import { addFacts, forgetRuns, loadTables, METRICS_FORMAT, METRICS_TABLES, runIdOf } from './metrics-file.ts';
import type { ReadRun } from './metrics-file.ts';
import { readEvent } from './read-events.ts';
import { NEWEST_SEQ } from './run-tail.ts';
import { openSideDatabase } from './side-database.ts';
import { timeSlices } from './time-slices.ts';

/**
 * Metrics of one run log. They are kept in a file beside it that may be lost, and are brought up to date with the log when somebody
 * asks, so that recording a run pays nothing for them.
 */
export interface RunMetricsStore extends Disposable {
  /** Throws `metrics-too-fine`, `metrics-unavailable`, and the signal's reason. */
  metrics(query: MetricsQuery, options: MetricsOptions): Promise<MetricsAnswer>;
  /** The runs behind a group. */
  runs(query: RunsQuery, options: MetricsOptions): Promise<RunsAnswer>;
  /** Single facts, in the order in which the log was read: those that ended, or changed their run, at `from` or later. */
  facts(from: number, options: MetricsOptions): Promise<readonly Fact[]>;
}

export interface MetricsOptions {
  readonly signal: AbortSignal;
  /** Runs that are still to be read, where many are: after an update of Strata, or after runs were imported. */
  readonly onProgress?: (read: number, of: number) => void;
}

/** What others have open is waited for. */
const BUSY_MS = 2000;
const PAGE_BYTES = 65_536;
/** So many facts are committed at once. */
const BATCH_FACTS = 20_000;
const BATCH_RUNS = 2_000;
/** Readers of runs that go on are kept, so that their events are read once. */
const OPEN_READERS = 32;
const ATTEMPTS = 3;

export function openMetrics(logPath: string, path: string): RunMetricsStore {
  const side = openSideDatabase(path, {
    ...{ format: METRICS_FORMAT, tables: METRICS_TABLES, busyMs: BUSY_MS, pageBytes: PAGE_BYTES },
  });
  const readers = new Map<RunId, { readonly seq: number; readonly reader: FactReader }>();
  let log: { readonly database: DatabaseSync; readonly state: () => string } | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  /** Of the log as the mark says; it is gone as soon as memory is needed. */
  let loaded: { readonly mark: string; readonly facts: WeakRef<FactTables> } | undefined;

  const openLog = (): NonNullable<typeof log> => {
    if (log) return log;
    const database = new DatabaseSync(logPath, { readOnly: true, timeout: BUSY_MS });
    return (log = { database, state: stateReader(database) });
  };
  const using = <T>(work: (database: DatabaseSync) => T): T => {
    let failure: unknown;
    const done = side.use((database) => {
      try {
        return { value: work(database) };
      } catch (error) {
        failure = error;
        throw error;
      }
    });
    if (!done) throw metricsUnavailable(path, failure);
    return done.value;
  };
  const changing = (work: (database: DatabaseSync) => void): void =>
    using((database) => {
      database.exec('BEGIN IMMEDIATE');
      work(database);
      database.exec('COMMIT');
    });

  const readRun = (id: RunId, from: number, lastSeq: number): ReadRun => {
    const kept = readers.get(id);
    const known = kept?.seq === from ? kept : undefined;
    const reader = known?.reader ?? readFacts();
    const facts: Fact[] = [];
    let seq = known ? from : 0;
    readers.delete(id);
    const rows = openLog()
      .database.prepare('SELECT seq, body FROM event WHERE run = ? AND seq > ? AND seq <= ? ORDER BY seq')
      .iterate(id, seq, lastSeq);
    try {
      for (const { body } of rows) {
        const event = readEvent(id, seq + 1, String(body));
        seq += 1;
        const found = reader(event);
        if (seq > from) for (const fact of found) facts.push(fact);
      }
      readers.set(id, { seq, reader });
      const [oldest] = readers.keys();
      if (readers.size > OPEN_READERS && oldest !== undefined) readers.delete(oldest);
    } catch (error) {
      // What stands before the damage counts; the rest is what nobody can read.
      if (!isStrataError(error)) throw error;
    }
    return { id, from, seq: lastSeq, facts };
  };

  const load = (database: DatabaseSync): FactTables => {
    const mark = markOf(database);
    const known = loaded?.mark === mark ? loaded?.facts.deref() : undefined;
    if (known) return known;
    const facts = loadTables(database);
    loaded = mark === undefined ? undefined : { mark, facts: new WeakRef(facts) };
    return facts;
  };

  const catchUp = async ({ signal, onProgress }: MetricsOptions): Promise<void> => {
    const pause = timeSlices(signal);
    const now = openLog().state();
    if (using((database) => markOf(database)) === now) return;
    const changes = using((database) => changesOf(openLog().database, database));
    if (changes.gone.length > 0) changing((database) => forgetRuns(database, changes.gone));
    for (const run of changes.gone) readers.delete(run);
    let [batch, facts]: [ReadRun[], number] = [[], 0];
    const commit = (): void => {
      if (batch.length > 0) changing((database) => addFacts(database, batch));
      [batch, facts] = [[], 0];
    };
    for (const [index, { id, from, seq }] of changes.grown.entries()) {
      await pause();
      const run = readRun(id, from, seq);
      batch.push(run);
      facts += run.facts.length;
      if (facts < BATCH_FACTS && batch.length < BATCH_RUNS) continue;
      commit();
      onProgress?.(index + 1, changes.grown.length);
    }
    commit();
    changing((database) => {
      database
        .prepare('INSERT INTO mark VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
        .run('log', now);
    });
  };

  /** One after the other, since each of them brings the file up to date. */
  const asked = <T>(options: MetricsOptions, work: (database: DatabaseSync) => T): Promise<T> => {
    const done = turn.then(async () => {
      options.signal.throwIfAborted();
      try {
        for (let attempt = 1; ; attempt += 1) {
          await catchUp(options);
          // A file that turned out to be damaged is a new one by now, which holds nothing yet.
          const found = using((database) => ({
            isNew: markOf(database) === undefined,
            value: work(database),
          }));
          if (!found.isNew || attempt === ATTEMPTS) return found.value;
        }
      } catch (error) {
        if (isStrataError(error) || options.signal.aborted) throw error;
        throw storageError(logPath, error);
      }
    });
    turn = done.catch(() => undefined);
    return done;
  };

  return {
    metrics: (query, options) =>
      asked(options, (database) => aggregate(load(database), query)).then((answer) => {
        if (!answer) throw metricsTooFine();
        return answer;
      }),
    runs: (query, options) =>
      asked(options, (database) => {
        const found = runsBehind(load(database), query);
        return { runs: found.slice(0, query.limit).map(runIdOf(database)), count: found.length };
      }),
    facts: (from, options) =>
      asked(options, (database) => factsSince(load(database), runIdOf(database), from)),
    dispose: () => {
      side.dispose();
      log?.database.close();
      log = undefined;
    },
  };
}

function factsSince(
  { tables, gone, labels }: FactTables,
  runOf: (run: number) => RunId,
  from: number,
): Fact[] {
  const names = { runOf, textOf: (label: number): string | undefined => labels[label] };
  return tables.flatMap((table) => {
    const found: Fact[] = [];
    const times = table.kind === 'run' ? table.until : table.at;
    for (let row = 0; row < table.count; row += 1)
      if ((times[row] ?? 0) >= from && gone[table.run[row] ?? 0] !== 1) found.push(factAt(table, row, names));
    return found;
  });
}

/** Differs after every append and every removal. */
function stateReader(log: DatabaseSync): () => string {
  // Every row is read for it, so only after a commit: https://www.sqlite.org/pragma.html#pragma_data_version
  const commits = log.prepare('PRAGMA data_version');
  const select = log.prepare(
    `SELECT count(*) || ' ' || total(${NEWEST_SEQ}) || ' ' || total(rowid) || ' ' || max(updated_at) AS state FROM run`,
  );
  let known: { readonly version: unknown; readonly state: string } | undefined;
  return () => {
    const version = commits.get()?.['data_version'];
    if (!known || known.version !== version) known = { version, state: String(select.get()?.['state']) };
    return known.state;
  };
}

/** Of the log as it was last read. */
function markOf(database: DatabaseSync): string | undefined {
  const mark = database.prepare("SELECT value FROM mark WHERE name = 'log'").get()?.['value'];
  return mark === undefined ? undefined : String(mark);
}

interface Changes {
  readonly grown: readonly { readonly id: RunId; readonly from: number; readonly seq: number }[];
  readonly gone: readonly RunId[];
}

function changesOf(log: DatabaseSync, database: DatabaseSync): Changes {
  const known = new Map<string, number>();
  for (const { id, seq } of database.prepare('SELECT id, seq FROM run').iterate())
    known.set(String(id), Number(seq));
  const grown: { readonly id: RunId; readonly from: number; readonly seq: number }[] = [];
  for (const row of log
    .prepare(`SELECT id, ${NEWEST_SEQ} AS newest FROM run ORDER BY started_at, id`)
    .iterate()) {
    const [id, seq] = [String(row['id']), Number(row['newest'])];
    const from = known.get(id) ?? 0;
    // A log that has become shorter is another one under the same id.
    if (from <= seq) known.delete(id);
    if (from !== seq) grown.push({ id, from: from < seq ? from : 0, seq });
  }
  return { grown, gone: [...known.keys()] };
}
