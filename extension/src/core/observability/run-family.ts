import type { RunEvent, RunId } from '../../protocol/run-event.ts';

/** What is asked of a log to read a run with its sub-runs. */
export interface FamilyLog {
  read(run: RunId): readonly RunEvent[];
  list(options: { readonly parent: RunId; readonly limit: number }): readonly { readonly id: RunId }[];
}

const MOST_SUB_RUNS = 10_000;

/** Events of the run and of all below it, as a trace needs them; a run stands before its sub-runs. */
export function familyEvents(log: FamilyLog, run: RunId): readonly RunEvent[] {
  const below = log.list({ parent: run, limit: MOST_SUB_RUNS });
  return [...log.read(run), ...below.flatMap(({ id }) => familyEvents(log, id))];
}
