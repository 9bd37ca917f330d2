import type { DatabaseSync } from 'node:sqlite';
import { isStrataError } from '../../base/errors.ts';
import { readRunEvent } from '../../protocol/modernize.ts';
import type { RunEvent, RunId } from '../../protocol/run-event.ts';
import { runDamaged } from './errors.ts';

/** Throws `run-damaged` for an event that is missing or cannot be read, and `run-too-new`. */
export type ReadEvents = (run: RunId, afterSeq: number) => readonly RunEvent[];

export function eventReader(database: DatabaseSync): ReadEvents {
  const select = database.prepare('SELECT body FROM event WHERE run = ? AND seq > ? ORDER BY seq');
  // An object for each row takes a fifth of the time in which a long run is read.
  select.setReturnArrays(true);
  return (run, afterSeq) =>
    select.all(run, afterSeq).map((row, index) => readEvent(run, afterSeq + index + 1, String(row[0])));
}

/** An event that is not the one expected here would change all that follows. */
export function readEvent(run: RunId, seq: number, body: string): RunEvent {
  let event: RunEvent;
  try {
    event = readRunEvent(JSON.parse(body));
  } catch (error) {
    throw isStrataError(error) ? error : runDamaged(run, seq, error);
  }
  if (event.seq !== seq || event.run !== run) throw runDamaged(run, seq, undefined);
  return event;
}
