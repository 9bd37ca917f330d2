import type { ErrorInfo } from '../../protocol/run-event.ts';
import type { RunInput } from './run-input.ts';

/** What a run may do before it pauses and says why. Each is counted from the start, or from when a person last let it go on. */
export interface BreakerLimits {
  /** Model calls. */
  readonly steps: number;
  /** Dollars, sub-runs included. */
  readonly usd: number;
  /** The same call with the same result, while no file changes. */
  readonly repeats: number;
  /** Turns in which every call failed or had been made before with the same result. */
  readonly idleTurns: number;
  readonly handOvers: number;
  readonly condensings: number;
  readonly subRuns: number;
}

/** Generous for honest work: tests that are run again between edits, a search that is refined. */
export const DEFAULT_LIMITS: Omit<BreakerLimits, 'steps'> = {
  usd: 5,
  repeats: 5,
  idleTurns: 8,
  handOvers: 10,
  condensings: 10,
  subRuns: 50,
};

/** What an agent or a workflow says of itself, or what its run was given, which a sub-run does not count for itself. */
export function usdLimit(
  own: number | undefined,
  { depth, budget }: Pick<RunInput, 'depth' | 'budget'>,
): Pick<Partial<BreakerLimits>, 'usd'> {
  const usd = own ?? (depth === 0 ? budget?.usd : undefined);
  return usd === undefined ? {} : { usd };
}

export type BreakerName =
  'steps' | 'cost' | 'repeated-call' | 'no-progress' | 'hand-overs' | 'condensings' | 'sub-runs';

export interface Trip {
  readonly breaker: BreakerName;
  readonly reason: ErrorInfo;
}

/** What one call of a turn came to, as far as the breakers care. */
export interface CallOutcome {
  readonly tool: string;
  /** Equal for equal arguments. */
  readonly call: string;
  /** Equal for equal results. */
  readonly result: string;
  readonly isError: boolean;
}

export interface Breakers {
  modelCall(usd: number): void;
  /** A turn's calls; `changedFiles` says whether the run's files are not as they were before. */
  turn(calls: readonly CallOutcome[], changedFiles: boolean): void;
  handOver(): void;
  condensing(): void;
  subRun(usd: number): void;
  /** What may be spent before the budget is reached. */
  usdLeft(): number;
  /** Why the run should stand still now, if it should. */
  tripped(): Trip | undefined;
  /** A person has looked and let it go on: the count of that breaker begins anew. */
  goOn(breaker: BreakerName): void;
  /** How often that has happened. */
  timesGoneOn(breaker: BreakerName): number;
}

/** A function of what it is told alone, so that a replay trips at the same places. */
export function createBreakers(limits: BreakerLimits): Breakers {
  const counts = { steps: 0, cost: 0, handOvers: 0, condensings: 0, subRuns: 0, idleTurns: 0 };
  const goneOn = new Map<BreakerName, number>();
  const seen = new Map<string, { readonly tool: string; times: number }>();

  let repeated: { readonly tool: string; readonly times: number } | undefined;

  const forget = (): void => {
    seen.clear();
    repeated = undefined;
    counts.idleTurns = 0;
  };

  return {
    modelCall: (usd) => {
      counts.steps += 1;
      counts.cost += usd;
    },
    turn: (calls, changedFiles) => {
      if (changedFiles) {
        forget();
        return;
      }
      let progress = false;
      for (const { tool, call, result, isError } of calls) {
        const key = `${call} ${result}`;
        const before = seen.get(key);
        if (before) {
          before.times += 1;
          if (before.times >= limits.repeats) repeated = before;
        } else seen.set(key, { tool, times: 1 });
        progress ||= !before && !isError;
      }
      counts.idleTurns = progress ? 0 : counts.idleTurns + 1;
    },
    handOver: () => {
      counts.handOvers += 1;
    },
    condensing: () => {
      counts.condensings += 1;
    },
    subRun: (usd) => {
      counts.subRuns += 1;
      counts.cost += usd;
    },
    usdLeft: () => Math.max(0, limits.usd - counts.cost),
    tripped: () => {
      if (repeated) return trip('repeated-call', repeatedCall(repeated.tool, repeated.times));
      if (counts.idleTurns >= limits.idleTurns) return trip('no-progress', noProgress(counts.idleTurns));
      if (counts.cost >= limits.usd) return trip('cost', tooCostly(counts.cost, limits.usd));
      if (counts.handOvers >= limits.handOvers)
        return trip('hand-overs', tooMany(counts.handOvers, 'hand-overs from agent to agent'));
      if (counts.condensings >= limits.condensings)
        return trip('condensings', tooMany(counts.condensings, 'times its context was condensed'));
      if (counts.subRuns >= limits.subRuns)
        return trip('sub-runs', tooMany(counts.subRuns, 'sub-runs were started'));
      if (counts.steps >= limits.steps) return trip('steps', tooManySteps(counts.steps));
      return undefined;
    },
    timesGoneOn: (breaker) => goneOn.get(breaker) ?? 0,
    goOn: (breaker) => {
      goneOn.set(breaker, (goneOn.get(breaker) ?? 0) + 1);
      switch (breaker) {
        case 'repeated-call':
        case 'no-progress':
          forget();
          return;
        case 'cost':
          counts.cost = 0;
          return;
        case 'hand-overs':
          counts.handOvers = 0;
          return;
        case 'condensings':
          counts.condensings = 0;
          return;
        case 'sub-runs':
          counts.subRuns = 0;
          return;
        case 'steps':
          counts.steps = 0;
      }
    },
  };
}

function trip(breaker: BreakerName, message: string): Trip {
  const action = 'Look at its trace. Resume it to let it go on, steer it with a message, or stop it.';
  return { breaker, reason: { code: `breaker-${breaker}`, message, action } };
}

function repeatedCall(tool: string, times: number): string {
  return `The agent called ${tool} ${times} times with the same arguments and got the same result.`;
}

function noProgress(turns: number): string {
  return `The agent made no progress for ${turns} turns: every call failed or had been made before.`;
}

function tooCostly(usd: number, limit: number): string {
  return `The run has cost $${usd.toFixed(2)}, and its budget is $${limit.toFixed(2)}.`;
}

function tooMany(count: number, what: string): string {
  return `The run seems to go round in circles: ${count} ${what}.`;
}

function tooManySteps(count: number): string {
  return `The agent asked the model ${count} times and is not done.`;
}
