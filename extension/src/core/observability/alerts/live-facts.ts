import type { RunEvent, RunId } from '../../../protocol/run-event.ts';
import { readFacts } from '../metrics/index.ts';
import type { Fact, FactReader } from '../metrics/index.ts';
import { timeOf } from './reading.ts';

/** The newest facts of a log, kept up to date by its events: a rule is looked at often, and reads no log for it. */
export interface LiveFacts {
  /** In the order of their time. */
  facts(): readonly Fact[];
  /** Takes the place of all that is known. */
  reset(facts: readonly Fact[]): void;
  take(events: readonly RunEvent[]): void;
  /** Lets go of what is older. */
  dropBefore(time: number): void;
}

/** `readRun` reads a run of which the beginning was not heard. */
export function liveFacts(readRun: (run: RunId) => readonly RunEvent[]): LiveFacts {
  const readers = new Map<RunId, { readonly reader: FactReader; seq: number }>();
  let kept: Fact[] = [];

  const readerOf = ({ run, seq }: RunEvent): { readonly reader: FactReader; seq: number } => {
    const known = readers.get(run);
    if (known?.seq === seq - 1) return known;
    const fresh = { reader: readFacts(), seq: 0 };
    for (const event of seq === 1 ? [] : readRun(run)) {
      if (event.seq >= seq) break;
      const facts = fresh.reader(event);
      // What was missed in between is told; the rest was known before.
      if (known && event.seq > known.seq) kept.push(...facts);
      fresh.seq = event.seq;
    }
    readers.set(run, fresh);
    return fresh;
  };

  return {
    facts: () => kept,
    reset: (facts) => {
      kept = facts.toSorted((a, b) => timeOf(a) - timeOf(b));
    },
    take: (events) => {
      for (const event of events) {
        if ((readers.get(event.run)?.seq ?? 0) >= event.seq) continue;
        const known = readerOf(event);
        kept.push(...known.reader(event));
        known.seq = event.seq;
        if (event.type === 'run.finished') readers.delete(event.run);
      }
      kept.sort((a, b) => timeOf(a) - timeOf(b));
    },
    dropBefore: (time) => {
      kept = kept.filter((fact) => timeOf(fact) >= time);
    },
  };
}
