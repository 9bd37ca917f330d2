import type { RunId } from '../../../protocol/run-event.ts';
import { read } from './reading.ts';
import type { AlertData, Reading } from './reading.ts';
import type { AlertRule, QuietTime } from './rule.ts';

export type Level = 'ok' | 'warning' | 'alert' | 'no-data';

export interface AlertState {
  /** The run or the tool that it is about; empty for all. */
  readonly subject: string;
  readonly level: Level;
  readonly value: number | undefined;
  readonly run: RunId | undefined;
  /** Since when the level is this. */
  readonly since: number;
  /** Since when the value is well below the threshold of the level. */
  readonly belowSince: number | undefined;
}

/** A level that has just been reached. */
export interface Firing {
  readonly state: AlertState & { readonly level: 'warning' | 'alert' };
  /** It is a quiet time: what stops a run is done, and nobody is told. */
  readonly isQuiet: boolean;
}

export interface Evaluated {
  /** By subject. */
  readonly states: ReadonlyMap<string, AlertState>;
  readonly fired: readonly Firing[];
}

/** A value has to be below a threshold by this share before the level goes down, so that it does not go up and down with it. */
const WELL_BELOW = 0.1;
const RANK: Readonly<Record<Level, number>> = { 'no-data': 0, ok: 0, warning: 1, alert: 2 };

/** A level goes up at once, and down only when the value has been well below for the rule's time to rearm. */
export function evaluate(
  rule: AlertRule,
  data: AlertData,
  now: number,
  before: ReadonlyMap<string, AlertState> = new Map(),
): Evaluated {
  const found = read(rule, data, now);
  const seen = new Set(found.map(({ subject }) => subject));
  // What nothing is said of any more, such as a run that ended long ago, has come to rest.
  const gone = [...before.values()]
    .filter(({ subject, level }) => !seen.has(subject) && RANK[level] > 0)
    .map(({ subject, run }): Reading => ({ subject, run, value: 0 }));
  const states = new Map<string, AlertState>();
  const fired: Firing[] = [];
  for (const reading of [...found, ...gone]) {
    const known = before.get(reading.subject);
    const state = next(rule, reading, now, known);
    states.set(reading.subject, state);
    const { level } = state;
    if ((level === 'warning' || level === 'alert') && RANK[level] > RANK[known?.level ?? 'ok'])
      fired.push({ state: { ...state, level }, isQuiet: isQuiet(rule.quiet, now) });
  }
  return { states, fired };
}

function next(
  rule: AlertRule,
  { subject, value, run }: Reading,
  now: number,
  before: AlertState | undefined,
): AlertState {
  const at = (level: Level, belowSince?: number): AlertState => ({
    ...{ subject, level, value, run, belowSince },
    since: before?.level === level ? before.since : now,
  });
  if (value === undefined) {
    if (rule.noData === 'keep' && before) return { ...before, value };
    return at(rule.noData === 'warn' ? 'warning' : 'no-data');
  }
  const reached = levelOf(rule, value, 0);
  const known = before?.level ?? 'ok';
  if (RANK[reached] >= RANK[known]) return at(reached);
  // With a margin it still is where it was.
  if (RANK[levelOf(rule, value, WELL_BELOW)] >= RANK[known]) return at(known);
  const belowSince = before?.belowSince ?? now;
  return now - belowSince >= rule.rearmMs ? at(reached) : at(known, belowSince);
}

function levelOf({ warn, alert }: AlertRule, value: number, margin: number): Level {
  const isFrom = (threshold: number | undefined): boolean =>
    threshold !== undefined && value > 0 && value >= threshold * (1 - margin);
  if (isFrom(alert)) return 'alert';
  return isFrom(warn) ? 'warning' : 'ok';
}

/** In local time. */
export function isQuiet(times: readonly QuietTime[], now: number): boolean {
  const date = new Date(now);
  const minute = date.getHours() * 60 + date.getMinutes();
  const day = date.getDay();
  return times.some(({ from, to, days }) => {
    const isOn = (begun: number): boolean => days === undefined || days.includes(begun);
    if (from === to) return isOn(day);
    if (from < to) return isOn(day) && minute >= from && minute < to;
    return (isOn(day) && minute >= from) || (isOn((day + 6) % 7) && minute < to);
  });
}
