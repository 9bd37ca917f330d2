import type { RunId } from '../../../protocol/run-event.ts';
import type { Fact, ModelFact, RunFact, ToolFact } from '../metrics/index.ts';
import { percentileOf } from '../metrics/index.ts';
import type { AlertRule } from './rule.ts';

/** All that rules look at. */
export interface AlertData {
  /** By the time at which they came to be, the oldest first; as far back as the longest window, and today. */
  readonly facts: readonly Fact[];
  /** Runs that a process works on; undefined where nobody knows, as in the past. */
  readonly live: ReadonlySet<RunId> | undefined;
  /** Share of the budget that is nearest to its end; undefined where nobody knows. */
  readonly budget: number | undefined;
  /** Containers that nothing uses any more; undefined where nobody knows. */
  readonly containers: number | undefined;
}

/** What a rule finds: one value for all, or one for each run or tool. */
export interface Reading {
  /** The run or the tool; empty where there is one value for all. */
  readonly subject: string;
  /** Undefined where there is too little to say. */
  readonly value: number | undefined;
  /** The run that can be looked at, and stopped. */
  readonly run: RunId | undefined;
}

/** A run of which nothing is heard for so long is held for dead where nobody knows better. */
const SILENT_MS = 3_600_000;

export function timeOf(fact: Fact): number {
  return fact.kind === 'run' ? fact.until : fact.at;
}

/** What the rule finds at `now`. Facts behind it are not looked at. */
export function read(rule: AlertRule, data: AlertData, now: number): readonly Reading[] {
  const recent = within(data.facts, now - rule.windowMs, now).filter((fact) => isMeant(rule, fact));
  switch (rule.measure) {
    case 'error-rate':
      return [alone(errorRate(rule, recent))];
    case 'latency': {
      const times = recent
        .filter(isModel)
        .flatMap(({ durationMs, failed }) => (failed ? [] : (durationMs ?? [])));
      const p95 = times.length < rule.least ? undefined : percentileOf(times, 0.95);
      return [alone(p95 === undefined ? undefined : p95 / 1000)];
    }
    case 'run-cost':
      return byRun(
        recent.filter(isModel),
        ({ run }) => rootOf(run),
        (facts) => facts.reduce((sum, { usd }) => sum + (usd ?? 0), 0),
      );
    case 'day-cost': {
      const today = within(data.facts, new Date(now).setHours(0, 0, 0, 0), now);
      const paid = today.filter(isModel).filter((fact) => isMeant(rule, fact));
      return [
        alone(paid.length < rule.least ? undefined : paid.reduce((sum, { usd }) => sum + (usd ?? 0), 0)),
      ];
    }
    case 'run-time':
      return runTimes(recent, data, now);
    case 'loop':
      return byRun(
        recent.filter(isTool),
        ({ run }) => run,
        (facts) => facts.at(-1)?.repeats ?? 0,
      );
    case 'tool-failures':
      return [...Map.groupBy(recent.filter(isTool), ({ tool }) => tool)].map(([tool, calls]) => {
        const wellAt = calls.findLastIndex(({ failed }) => !failed);
        return { subject: tool, value: calls.length - 1 - wellAt, run: calls.at(-1)?.run };
      });
    case 'budget':
      return [alone(data.budget)];
    case 'containers':
      return [alone(data.containers)];
  }
}

/** The run that a person started: the id of a sub-run is that of its parent with more behind it. */
export function rootOf(run: RunId): RunId {
  return /^r-[^-]+/.exec(run)?.[0] ?? run;
}

function within(facts: readonly Fact[], from: number, to: number): readonly Fact[] {
  return facts.slice(firstFrom(facts, from), firstFrom(facts, to + 1));
}

function firstFrom(facts: readonly Fact[], time: number): number {
  let [low, high] = [0, facts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const fact = facts[middle];
    if (fact && timeOf(fact) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isMeant({ only }: AlertRule, fact: Fact): boolean {
  if (only.agent !== undefined && fact.agent !== only.agent) return false;
  if (only.route !== undefined && fact.route !== only.route) return false;
  if (only.user !== undefined && fact.user !== only.user) return false;
  if (only.model !== undefined && (fact.kind !== 'model' || fact.model !== only.model)) return false;
  return only.tool === undefined || (fact.kind === 'tool' && fact.tool === only.tool);
}

function errorRate({ of, least }: AlertRule, facts: readonly Fact[]): number | undefined {
  const ends =
    of === 'runs'
      ? facts
          .filter(isRun)
          .flatMap(({ status }) =>
            status === 'succeeded' || status === 'failed' ? [status === 'failed'] : [],
          )
      : facts.flatMap((fact) =>
          (of === 'models' ? fact.kind === 'model' : fact.kind === 'tool') && 'failed' in fact
            ? [fact.failed]
            : [],
        );
  return ends.length < least ? undefined : ends.filter(Boolean).length / ends.length;
}

function byRun<T extends Fact>(
  facts: readonly T[],
  runOf: (fact: T) => RunId,
  valueOf: (facts: readonly T[]) => number,
): readonly Reading[] {
  return [...Map.groupBy(facts, runOf)].map(([run, own]) => ({ subject: run, value: valueOf(own), run }));
}

function runTimes(facts: readonly Fact[], { live }: AlertData, now: number): readonly Reading[] {
  const newest = new Map<RunId, RunFact>();
  const heard = new Map<RunId, number>();
  for (const fact of facts) {
    if (fact.kind === 'run') newest.set(fact.run, fact);
    heard.set(fact.run, timeOf(fact));
  }
  return [...newest.values()].map(({ run, status, until, activeMs, isPart }): Reading => {
    const isAtWork = live ? live.has(run) : now - (heard.get(run) ?? until) < SILENT_MS;
    const value = status === 'running' && isAtWork && !isPart ? (activeMs + now - until) / 60_000 : 0;
    return { subject: run, value, run };
  });
}

function alone(value: number | undefined): Reading {
  return { subject: '', value, run: undefined };
}

const isRun = (fact: Fact): fact is RunFact => fact.kind === 'run';
const isModel = (fact: Fact): fact is ModelFact => fact.kind === 'model';
const isTool = (fact: Fact): fact is ToolFact => fact.kind === 'tool';
