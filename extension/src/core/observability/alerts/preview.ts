import type { Fact } from '../metrics/index.ts';
import { evaluate } from './evaluate.ts';
import type { AlertState } from './evaluate.ts';
import { timeOf } from './reading.ts';
import type { AlertRule } from './rule.ts';

export interface PreviewedFiring {
  readonly at: number;
  readonly level: 'warning' | 'alert';
  readonly subject: string;
  readonly value: number | undefined;
  readonly isQuiet: boolean;
}

/** The past is looked at in so many moments at most. */
const MOST_MOMENTS = 2_000;
/** Between two facts it is looked at every so often, since runs grow older without a word. */
const STEP_MS = 5 * 60_000;

/**
 * When the rule would have fired between `from` and `to`; undefined for a rule about what no history is kept of. `facts` begin a
 * window earlier, in the order of their time.
 */
export function preview(
  rule: AlertRule,
  facts: readonly Fact[],
  from: number,
  to: number,
): readonly PreviewedFiring[] | undefined {
  if (rule.measure === 'budget' || rule.measure === 'containers') return undefined;
  const data = { facts, live: undefined, budget: undefined, containers: undefined };
  let states: ReadonlyMap<string, AlertState> = new Map();
  return momentsOf(facts, from, to).flatMap((now) => {
    const { states: after, fired } = evaluate(rule, data, now, states);
    states = after;
    return fired.map(({ state: { level, subject, value }, isQuiet }) => ({
      at: now,
      level,
      subject,
      value,
      isQuiet,
    }));
  });
}

/** Each fact, and regular steps after it as long as something may come of it. */
function momentsOf(facts: readonly Fact[], from: number, to: number): readonly number[] {
  const times = facts.map(timeOf).filter((time) => time >= from && time <= to);
  const moments = new Set(times);
  for (const [index, time] of times.entries()) {
    const end = Math.min(times[index + 1] ?? to, time + 24 * 3_600_000);
    for (let step = time + STEP_MS; step < end; step += STEP_MS) moments.add(step);
  }
  const sorted = [...moments].sort((a, b) => a - b);
  const every = Math.ceil(sorted.length / MOST_MOMENTS);
  return sorted.filter((_, index) => index % every === 0 || index === sorted.length - 1);
}
