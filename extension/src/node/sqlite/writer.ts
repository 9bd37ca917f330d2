import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { assert } from '../../base/assert.ts';
import type { Json } from '../../base/json.ts';
import { RUN_EVENT_VERSION } from '../../protocol/run-event.ts';
import type { RunEvent, RunEventBody, RunId } from '../../protocol/run-event.ts';
import type { Lease } from '../../core/orchestration/ports.ts';
import type { SecretFilter } from '../../core/redaction/index.ts';
import type { Blobs, WriteBlobs } from './blobs.ts';
import { leaseLost } from './errors.ts';
import type { Owner } from './owner.ts';
import { summaryChange } from './summary.ts';
import type { SummaryChange } from './summary.ts';
import type { InTransaction } from './transactions.ts';
import { traitKeeper } from './traits.ts';

export interface Writer {
  /** New runs with their first events, all of them or none. Without an owner nobody is at work on them. */
  begin(runs: ReadonlyMap<RunId, readonly RunEvent[]>, owner: Owner | undefined): void;
  append(lease: Lease, bodies: readonly RunEventBody[]): RunEvent[];
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
  // One statement checks the fence, takes the numbers and keeps the summary: each one more costs as much as the row itself.
  // Without the status where that stays: SQLite writes the rows of an index anew for every column of it that is set at all.
  const advancing = (status: string): StatementSync =>
    database.prepare(`UPDATE run SET last_seq = last_seq + ?, updated_at = ?, ${status} steps = steps + ?,
    calls = calls + ?, tokens = tokens + ?, usd = usd + ?, unpriced = unpriced + ?, priced = priced + ?,
    estimated = estimated + ?, undecided = coalesce(?, undecided), bytes = bytes + ?
    WHERE id = ? AND fence = ? RETURNING last_seq`);
  const [advance, advanceTo] = [advancing(''), advancing('status = ?,')];
  const traits = traitKeeper(database);
  const insertEvent = database.prepare('INSERT INTO event (run, seq, body) VALUES (?, ?, ?)');

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
      throw error;
    }
  };

  return {
    begin: (runs, owner) => {
      // A run of the same id may have been here before.
      traits.forget();
      blobs.writing((write) =>
        whole(() => {
          for (const [run, events] of runs) insertWhole(run, events, owner, write);
        }),
      );
    },

    append: (lease, given) => {
      const at = now();
      const { bodies, texts } = written(given, secrets);
      const change = columns(summaryChange(bodies));
      return blobs.writing((write) =>
        whole(() => {
          const size = lengthOf(texts) + write(texts);
          const [status, ...counts] = change;
          const rest = [...counts, size, lease.run, lease.fence];
          const row =
            typeof status === 'string'
              ? advanceTo.get(bodies.length, at, status, ...rest)
              : advance.get(bodies.length, at, ...rest);
          if (!row) throw leaseLost(lease.run);
          traits.keep(lease.run, bodies);
          const first = Number(row['last_seq']) - bodies.length + 1;
          return bodies.map((body, index): RunEvent => {
            const event: RunEvent = { v: RUN_EVENT_VERSION, run: lease.run, seq: first + index, at, ...body };
            const { v, run, seq } = event;
            // What was made into text for the blobs that it names is not made again.
            const head = `{"v":${v},"run":${JSON.stringify(run)},"seq":${seq},"at":${at},`;
            insertEvent.run(run, seq, head + (texts[index] ?? '').slice(1));
            return event;
          });
        }),
      );
    },
  };
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
