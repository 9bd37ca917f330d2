import type { RunId } from '../../protocol/run-event.ts';
import { matchesPattern } from './name-pattern.ts';
import { takeToken } from './token-bucket.ts';
import type { ToolCall } from './tool.ts';

export interface RateRule {
  readonly calls: number;
  readonly seconds: number;
  /** Calls that may come at once; as many as `calls` without it. */
  readonly burst?: number;
  /** Who shares the bucket: a run with its sub-runs, all runs of the folder, or all that the user does in any window. */
  readonly scope: 'run' | 'folder' | 'user';
  readonly when: 'wait' | 'refuse';
  /** A call that would have to wait for longer is refused. */
  readonly waitSeconds?: number;
}

/** Tool pattern → its limits. All that match a tool hold, and the tools of one pattern share a bucket. */
export type RateRules = Readonly<Record<string, readonly RateRule[]>>;

/** Numbers by name, shared by everybody who may use a bucket. */
export interface BucketStore {
  /** Replaces a number in one go, whoever else has it. `undefined` leaves it as it is. */
  update(bucket: string, next: (current: number | undefined) => number | undefined): void;
}

export interface RateLimitOptions {
  readonly rules: RateRules;
  /** The folder, for buckets of scope `folder`. */
  readonly folder: string;
  /** Buckets of scope `folder` and `user`, in every process of the user. */
  readonly shared: BucketStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Rejects with the signal's reason. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export type Admission =
  | { readonly kind: 'admitted'; readonly waitedMs: number }
  /** What the model reads. */
  | { readonly kind: 'refused'; readonly text: string };

export interface RateLimits {
  /** Waits for the call's turn, or says when to try again. */
  admit(tool: string, call: Pick<ToolCall, 'signal' | 'context' | 'onNote'>): Promise<Admission>;
}

const LONGEST_WAIT_SECONDS = 60;

export function createRateLimits(options: RateLimitOptions): RateLimits {
  const { rules, folder, shared, now, wait } = options;
  const own = bucketsInMemory(now);
  const place = (rule: RateRule, pattern: string, run: RunId | undefined): Place => {
    const { calls, seconds, burst = calls, scope } = rule;
    const rate = `${pattern} ${calls}/${seconds}/${burst}`;
    if (scope === 'run') return { store: own, bucket: `${rootOf(run)} ${rate}` };
    return { store: shared, bucket: scope === 'user' ? `user ${rate}` : `${folder} ${rate}` };
  };
  return {
    admit: async (tool, { signal, context, onNote }) => {
      const limits = Object.entries(rules)
        .filter(([pattern]) => matchesPattern(pattern, tool))
        .flatMap(([pattern, list]) => list.map((rule) => ({ rule, ...place(rule, pattern, context?.run) })));
      const taken: (() => void)[] = [];
      let waitMs = 0;
      let slowest: RateRule | undefined;
      for (const { rule, store, bucket } of limits) {
        const answer = take(store, bucket, rule, now());
        if (answer.refusedForMs !== undefined) {
          for (const giveBack of taken) giveBack();
          return { kind: 'refused', text: refusal(tool, rule, answer.refusedForMs) };
        }
        taken.push(answer.giveBack);
        if (answer.waitMs > waitMs) [waitMs, slowest] = [answer.waitMs, rule];
      }
      if (!slowest) return { kind: 'admitted', waitedMs: 0 };
      onNote?.('info', `${tool} waits ${inSeconds(waitMs)}: ${inWords(slowest)}.`);
      try {
        await wait(waitMs, signal);
      } catch (error) {
        for (const giveBack of taken) giveBack();
        throw error;
      }
      return { kind: 'admitted', waitedMs: waitMs };
    },
  };
}

interface Place {
  readonly store: BucketStore;
  readonly bucket: string;
}

interface Answer {
  readonly waitMs: number;
  /** Set when it may not wait for so long, and then nothing was taken. */
  readonly refusedForMs?: number;
  readonly giveBack: () => void;
}

function take(store: BucketStore, bucket: string, rule: RateRule, now: number): Answer {
  const interval = (rule.seconds * 1000) / rule.calls;
  const burst = rule.burst ?? rule.calls;
  const most = rule.when === 'refuse' ? 0 : (rule.waitSeconds ?? LONGEST_WAIT_SECONDS) * 1000;
  let answer: Answer = { waitMs: 0, giveBack: () => undefined };
  store.update(bucket, (current) => {
    // Further ahead than anybody could have taken it: the clock was put back.
    const furthest = now + burst * interval + most;
    const known = current && Math.min(current, furthest);
    const { full, waitMs } = takeToken({ interval, burst }, known, now);
    if (waitMs > most) {
      answer = { ...answer, refusedForMs: waitMs };
      return known;
    }
    const giveBack = (): void => store.update(bucket, (later) => later && later - interval);
    answer = { waitMs, giveBack };
    return full;
  });
  return answer;
}

const MANY_BUCKETS = 1_000;

function bucketsInMemory(now: () => number): BucketStore {
  const numbers = new Map<string, number>();
  return {
    update: (bucket, next) => {
      const number = next(numbers.get(bucket));
      if (number !== undefined) numbers.set(bucket, number);
      if (numbers.size <= MANY_BUCKETS) return;
      // A bucket that is full is as one that was never used.
      for (const [name, full] of numbers) if (full <= now()) numbers.delete(name);
    },
  };
}

/** A sub-run's id begins with that of the run that a person started, which has one hyphen in it. */
function rootOf(run: RunId | undefined): string {
  return run?.split('-').slice(0, 2).join('-') ?? '';
}

function refusal(tool: string, rule: RateRule, forMs: number): string {
  return `${tool} was not called: ${inWords(rule)}. Try again in ${inSeconds(forMs)}, or go on without it.`;
}

function inWords({ calls, seconds, scope }: RateRule): string {
  const of = { run: 'in one run', folder: 'in this folder', user: 'by one user' }[scope];
  return `there may be ${calls} ${calls === 1 ? 'call' : 'calls'} in ${inSeconds(seconds * 1000)} ${of}`;
}

function inSeconds(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)} ms`;
  return ms < 120_000 ? `${Math.ceil(ms / 100) / 10} s` : `${Math.ceil(ms / 60_000)} minutes`;
}
