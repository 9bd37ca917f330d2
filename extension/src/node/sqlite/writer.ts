import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { assert } from '../../base/assert.ts';
import type { Json } from '../../base/json.ts';
import { RUN_EVENT_VERSION } from '../../protocol/run-event.ts';
import type { RunEvent, RunEventBody, RunId } from '../../protocol/run-event.ts';
import type { Lease } from '../../core/orchestration/ports.ts';
import type { SecretFilter } from '../../core/redaction/index.ts';
import type { Blobs, WriteBlobs } from './blobs.ts';
import { isMissing, leaseLost } from './errors.ts';
import type { Owner } from './owner.ts';
import { LONGEST_TAIL, tailReader } from './run-tail.ts';
import { addToSummary, noChange, summaryChange } from './summary.ts';
import type { SummaryChange } from './summary.ts';
import type { InTransaction } from './transactions.ts';
import { traitKeeper } from './traits.ts';

export interface Writer {
  /** New runs with their first events, all of them or none. Without an owner nobody is at work on them. */
  begin(runs: ReadonlyMap<RunId, readonly RunEvent[]>, owner: Owner | undefined): void;
  append(lease: Lease, bodies: readonly RunEventBody[]): RunEvent[];
  /** Nothing is written with this lease any more. */
  release(lease: Lease): void;
}

/** Of a list's line; the whole stands in the first event. */
const LONGEST_TASK = 1000;

export function openWriter(
  database: DatabaseSync,
  inTransaction: InTransaction,
  blobs: Blobs,
  now: () => number,
  secrets?: SecretFilter,
): Writer {
  const insertRun = database.prepare(`INSERT INTO run
    (id, parent, origin, agent, task, started_at, owner_pid, owner_started, fence,
     last_seq, updated_at, status, steps, calls, tokens, usd, unpriced, priced, estimated, undecided, bytes)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, coalesce(?, 'running'), ?, ?, ?, ?, ?, ?, ?, coalesce(?, 0), ?)`);
  // Without the status where that stays: SQLite writes the rows of an index anew for every column of it that is set at all.
  const summing = (status: string): StatementSync =>
    database.prepare(`UPDATE run SET last_seq = ?, updated_at = ?, ${status} steps = steps + ?,
    calls = calls + ?, tokens = tokens + ?, usd = usd + ?, unpriced = unpriced + ?, priced = priced + ?,
    estimated = estimated + ?, undecided = coalesce(?, undecided), bytes = bytes + ? WHERE id = ?`);
  const [sumUp, sumUpTo] = [summing(''), summing('status = ?,')];
  const leased = database.prepare('SELECT status, last_seq FROM run WHERE id = ? AND fence = ?');
  const tailOf = tailReader(database);
  const cursors = new Map<RunId, Cursor>();
  const traits = traitKeeper(database);
  const insertEvent = database.prepare('INSERT INTO event (run, seq, body) VALUES (?, ?, ?)');
  // Checks the fence too: a statement of its own for that costs as much as this one. `INSERT … SELECT` would keep a journal of its own,
  // since it might fail after its first row.
  const insertFenced = database.prepare(
    'INSERT INTO event (run, seq, body) VALUES ((SELECT id FROM run WHERE id = ? AND fence = ?), ?, ?)',
  );

  const appendFenced = ({ run, fence }: Lease, seq: number, text: string): void => {
    try {
      insertFenced.run(run, fence, seq, text);
    } catch (error) {
      throw isMissing(error) ? leaseLost(run) : error;
    }
  };

  const cursorAt = ({ run, fence }: Lease): Cursor => {
    const known = cursors.get(run);
    if (known?.fence === fence) return known;
    const row = leased.get(run, fence);
    if (!row) throw leaseLost(run);
    const summed = Number(row['last_seq']);
    const { seq, bytes, change } = tailOf(run, summed);
    const head = `{"v":${RUN_EVENT_VERSION},"run":${JSON.stringify(run)},"seq":`;
    const cursor = { fence, head, isRunning: row['status'] === 'running', summed, seq, bytes, change };
    cursors.set(run, cursor);
    return cursor;
  };

  const sum = (run: RunId, cursor: Cursor, at: number): void => {
    const { seq, bytes, change } = cursor;
    const [status, ...counts] = columns(change);
    if (typeof status === 'string') sumUpTo.run(seq, at, status, ...counts, bytes, run);
    else sumUp.run(seq, at, ...counts, bytes, run);
    if (change.status !== undefined) cursor.isRunning = change.status === 'running';
    cursor.summed = seq;
    cursor.bytes = 0;
    cursor.change = noChange();
  };

  const insertWhole = (
    run: RunId,
    events: readonly RunEvent[],
    owner: Owner | undefined,
    write: WriteBlobs,
  ): void => {
    const [started] = events;
    assert(started?.type === 'run.started', 'a run begins with its start');
    const texts = events.map((event) => JSON.stringify(event));
    const grown = write(texts);
    insertRun.run(
      run,
      started.origin.kind === 'sub-run' ? started.origin.run : null,
      started.origin.kind,
      started.agent,
      cut(started.task),
      started.at,
      owner?.pid ?? null,
      owner?.started ?? null,
      events.length,
      events.at(-1)?.at ?? started.at,
      ...columns(summaryChange(events)),
      lengthOf(texts) + grown,
    );
    for (const [index, text] of texts.entries()) insertEvent.run(run, index + 1, text);
    traits.keep(run, events);
  };

  const whole: InTransaction = (work) => {
    try {
      return inTransaction(work);
    } catch (error) {
      traits.forget();
      cursors.clear();
      throw error;
    }
  };

  return {
    begin: (runs, owner) => {
      // A run of the same id may have been here before.
      traits.forget();
      for (const run of runs.keys()) cursors.delete(run);
      blobs.writing((write) =>
        whole(() => {
          for (const [run, events] of runs) insertWhole(run, events, owner, write);
        }),
      );
    },

    append: (lease, given) => {
      const at = now();
      const { bodies, texts } = written(given, secrets);
      return blobs.writing((write) =>
        whole(() => {
          const cursor = cursorAt(lease);
          const events = bodies.map((body, index): RunEvent => {
            const event: RunEvent = {
              ...{ v: RUN_EVENT_VERSION, run: lease.run, seq: cursor.seq + 1, at },
              ...body,
            };
            // What was made into text for the blobs that it names is not made again.
            const text = `${cursor.head}${event.seq},"at":${at},${(texts[index] ?? '').slice(1)}`;
            appendFenced(lease, event.seq, text);
            cursor.seq = event.seq;
            cursor.bytes += text.length;
            addToSummary(cursor.change, body);
            return event;
          });
          traits.keep(lease.run, bodies);
          const grown = write(texts);
          cursor.bytes += grown;
          // The events alone do not say how large the blobs are that came with them.
          if (grown > 0 || isDue(cursor)) sum(lease.run, cursor, at);
          return events;
        }),
      );
    },

    release: ({ run }) => void cursors.delete(run),
  };
}

/** Where the writing of a run is, for as long as nobody else takes it up. */
interface Cursor {
  readonly fence: number;
  /** The beginning of every event's text. */
  readonly head: string;
  isRunning: boolean;
  /** Number of the newest event that the row holds. */
  summed: number;
  /** Number of the newest event; `bytes` and `change` are of those that the row does not hold yet. */
  seq: number;
  bytes: number;
  change: SummaryChange;
}

/** What lists are filtered and marked by is never behind. */
function isDue({ isRunning, summed, seq, change }: Cursor): boolean {
  const { status, undecided } = change;
  return !isRunning || status !== undefined || undecided !== undefined || seq - summed >= LONGEST_TAIL;
}

/** What is written of the events, and the events as that is read again. */
function written(
  given: readonly RunEventBody[],
  secrets: SecretFilter | undefined,
): { readonly bodies: readonly RunEventBody[]; readonly texts: readonly string[] } {
  const texts = given.map((body) => JSON.stringify(body));
  if (!secrets || !texts.some((text) => secrets.holds(text))) return { bodies: given, texts };
  const bodies = given.map((body) => withoutSecrets(secrets, body));
  return { bodies, texts: bodies.map((body) => JSON.stringify(body)) };
}

/** Only texts change, and none of those that an event is told by. */
export function withoutSecrets<T extends RunEventBody>(secrets: SecretFilter, body: T): T {
  return secrets.json(body as unknown as Json) as unknown as T;
}

/** In the order in which both statements take them. */
function columns(change: SummaryChange): SQLInputValue[] {
  return [
    change.status ?? null,
    change.steps,
    change.calls,
    change.tokens,
    change.usd,
    change.unpriced,
    change.priced,
    change.estimated,
    change.undecided === undefined ? null : Number(change.undecided),
  ];
}

function cut(task: string): string {
  return task.length > LONGEST_TASK ? `${task.slice(0, LONGEST_TASK)}…` : task;
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}
