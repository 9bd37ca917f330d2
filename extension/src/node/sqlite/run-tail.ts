import type { DatabaseSync } from 'node:sqlite';
import { isStrataError } from '../../base/errors.ts';
import type { RunId } from '../../protocol/run-event.ts';
import { isDamage } from './errors.ts';
import { readEvent } from './read-events.ts';
import { summaryOf } from './run-summary.ts';
import type { Row, RunSummary } from './run-summary.ts';
import { addToSummary, noChange } from './summary.ts';
import type { SummaryChange } from './summary.ts';

/**
 * The row of a run holds the sums of its events up to `last_seq`. While the run goes on, the newest few may stand behind that: to
 * write the row with every step would cost half as much again as the step itself. The row of a run with any other state is whole.
 */
export interface RunTail {
  /** Of the newest event. */
  readonly seq: number;
  /** When that was written; undefined where nothing stands behind the row. */
  readonly at: number | undefined;
  readonly bytes: number;
  readonly change: SummaryChange;
}

/** So many events are summed up by whoever reads a list, at most, for a run that goes on. */
export const LONGEST_TAIL = 16;

/** Number of the newest event, as an expression on `run`. */
export const NEWEST_SEQ = `CASE status WHEN 'running'
  THEN coalesce((SELECT max(seq) FROM event WHERE event.run = run.id), last_seq) ELSE last_seq END`;

/** Throws `run-damaged` and `run-too-new`. */
export function tailReader(database: DatabaseSync): (run: RunId, lastSeq: number) => RunTail {
  const select = database.prepare('SELECT body FROM event WHERE run = ? AND seq > ? ORDER BY seq');
  return (run, lastSeq) => {
    const change = noChange();
    let [seq, bytes]: [number, number] = [lastSeq, 0];
    let at: number | undefined;
    for (const row of select.all(run, lastSeq)) {
      const body = String(row['body']);
      seq += 1;
      const event = readEvent(run, seq, body);
      addToSummary(change, event);
      bytes += body.length;
      at = event.at;
    }
    return { seq, at, bytes, change };
  };
}

/** A row as lists show it, with what stands behind it. */
export function summaryReader(database: DatabaseSync): (row: Row) => RunSummary {
  const tailOf = tailReader(database);
  return (row) => {
    const summary = summaryOf(row);
    if (row['status'] !== 'running') return summary;
    try {
      return withTail(summary, tailOf(summary.id, Number(row['last_seq'])));
    } catch (error) {
      // Whoever opens that run is told of its damage; a list shows what its row says.
      if (isStrataError(error) || isDamage(error)) return summary;
      throw error;
    }
  };
}

function withTail(summary: RunSummary, { at, bytes, change }: RunTail): RunSummary {
  return {
    ...summary,
    updatedAt: at ?? summary.updatedAt,
    steps: summary.steps + change.steps,
    calls: summary.calls + change.calls,
    tokens: summary.tokens + change.tokens,
    usd: summary.usd + change.usd,
    unpriced: summary.unpriced + change.unpriced,
    priced: summary.priced + change.priced,
    estimated: summary.estimated || change.estimated > 0,
    bytes: summary.bytes + bytes,
  };
}
