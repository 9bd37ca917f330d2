import type { Cost } from '../../protocol/message.ts';
import type { FailedDeployment } from './all-failed.ts';
import { attemptOnce, type AttemptParts } from './attempt.ts';
import type { Reservation } from './budget-desk.ts';
import { continueAfter } from './continuation.ts';
import { billOf } from './cost.ts';
import { actionFor, cancelled } from './errors.ts';
import { decide, type Decision } from './failure-table.ts';
import { howToMendKey } from './keys.ts';
import { ModelError, type ModelErrorKind } from './model-error.ts';
import type { ChatReply, Deployment, Provider, RouteCall, RoutedReply } from './provider.ts';
import type { EstimatedSize } from './request-size.ts';
import type { RouterOptions } from './router-options.ts';
import * as notes from './routing-notes.ts';
import type { Candidate } from './strategies.ts';

/** Long enough for the longest answers of reasoning models; silence is ended much earlier, by the provider's limits. */
const ATTEMPT_LIMIT_MS = 20 * 60_000;
/** After these the same text would be refused again, or is not wanted. */
const DROPS_TEXT: ReadonlySet<ModelErrorKind> = new Set(['content-policy', 'context-length']);

/** What came of the call so far. */
export interface Progress {
  /** Text that broke off: it was shown, and the next attempt goes on after it. */
  partial: string;
  /** Dollars that the call has cost beside its answer: for attempts that broke off, and for the choice of its route. */
  besideUsd: number;
  /** Some of them are an estimate. */
  isEstimated: boolean;
  readonly failed: FailedDeployment[];
}

export interface Target {
  readonly route: string;
  readonly deployment: Deployment;
  readonly next: Candidate | undefined;
}

export type DeploymentEnd =
  { readonly reply: RoutedReply } | { readonly error: ModelError; readonly decision: Decision };

export interface DeploymentCalls {
  /** Asks one deployment, again where the failure table says so. Throws `cancelled`, and what a budget refuses. */
  ask(call: RouteCall, target: Target, size: EstimatedSize, progress: Progress): Promise<DeploymentEnd>;
  /** Dollars for a call of this size; undefined when no price is known. */
  usdFor(deployment: Deployment, size: EstimatedSize): Promise<number | undefined>;
}

export function createDeploymentCalls(options: RouterOptions): DeploymentCalls {
  const { health, random, sleep, prices } = options;
  const opened = new Map<string, Promise<Provider>>();
  const attempt: AttemptParts = {
    open,
    clock: options.clock,
    sleep,
    limitMs: options.attemptLimitMs ?? ATTEMPT_LIMIT_MS,
  };

  async function ask(
    call: RouteCall,
    { route, deployment, next }: Target,
    size: EstimatedSize,
    progress: Progress,
  ): Promise<DeploymentEnd> {
    const reservation = await reserve(call, route, deployment, size);
    const isCancelled = (): boolean => call.signal.aborted;
    try {
      for (let retries = 0; ; retries++) {
        const inFlight = health.began(deployment.id);
        try {
          const tried = await attemptWith(call, deployment, progress, reservation);
          if ('reply' in tried) {
            inFlight.answered(tried.reply.firstTokenMs);
            return tried;
          }
          const { error, kept, dropped } = tried;
          if (error.kind === 'cancelled' || isCancelled()) throw cancelled();
          const { kind, status, retryAfterMs } = error;
          const last = next === undefined;
          const decision = decide({ kind, status, retryAfterMs, retries, last }, random);
          inFlight.failed(error, decision.do === 'next' ? decision.coolMs : 0);
          const then = whatThen(decision, retries, next);
          call.onNote('warning', notes.failureNote(deployment, error, { kept, dropped, then }));
          if (decision.do !== 'retry') return { error, decision };
          await sleep(decision.afterMs, call.signal);
          if (isCancelled()) throw cancelled();
        } finally {
          inFlight.ended();
        }
      }
    } finally {
      reservation?.release();
    }
  }

  /** One attempt, which goes on after what others have shown. */
  async function attemptWith(
    call: RouteCall,
    deployment: Deployment,
    progress: Progress,
    reservation: Reservation | undefined,
  ): Promise<
    | { readonly reply: RoutedReply }
    | { readonly error: ModelError; readonly kept: number; readonly dropped: number }
  > {
    const rest = progress.partial === '' ? undefined : continueAfter(call, progress.partial);
    const request = rest ? { ...call, ...rest.request } : call;
    let shown = '';
    const show = (text: string): void => {
      if (text === '') return;
      shown += text;
      call.onText(text);
    };
    const tried = await attemptOnce(
      deployment,
      {
        request,
        signal: call.signal,
        onText: (text) => show(rest ? rest.push(text) : text),
        ...(call.onReasoning ? { onReasoning: call.onReasoning } : {}),
      },
      attempt,
    );
    if (rest && !call.signal.aborted) show(rest.flush());
    if (tried.ok) {
      const reply = rest ? rest.join(tried.reply) : tried.reply;
      if (rest?.startedOver()) call.onNote('warning', notes.startedOver(progress.partial.length));
      return { reply: await billed(call, deployment, { ...tried, reply }, progress, reservation) };
    }
    const error = withActionFor(deployment, tried.error);
    if (error.kind === 'auth') opened.delete(deployment.id);
    if (shown !== '') {
      progress.besideUsd += await billBroken(call, deployment, shown, reservation);
      progress.isEstimated = true;
    }
    const before = rest?.startedOver() ? '' : progress.partial;
    const all = before + shown;
    const drops = DROPS_TEXT.has(error.kind);
    progress.partial = drops || all.trim() === '' ? '' : all;
    return { error, kept: progress.partial.length, dropped: drops ? all.length : 0 };
  }

  async function billed(
    call: RouteCall,
    deployment: Deployment,
    { reply, firstTokenMs }: { readonly reply: ChatReply; readonly firstTokenMs: number | undefined },
    { besideUsd, isEstimated }: Progress,
    reservation: Reservation | undefined,
  ): Promise<RoutedReply> {
    if (reply.stop === 'content-policy')
      call.onNote('warning', `${deployment.id} ended its answer for reasons of content policy.`);
    const { usage, cost } = await billOf(deployment, call, reply, prices, (text) =>
      call.onNote('warning', text),
    );
    reservation?.settle({ deployment: deployment.id, usage, cost });
    return {
      message: reply.message,
      stop: reply.stop,
      deployment: deployment.id,
      provider: deployment.provider,
      model: reply.model,
      usage,
      cost: withBeside(cost, besideUsd, isEstimated),
      ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    };
  }

  /** No usage comes with an answer that breaks off, and it is paid for all the same. Returns dollars, by estimate. */
  async function billBroken(
    call: RouteCall,
    deployment: Deployment,
    text: string,
    reservation: Reservation | undefined,
  ): Promise<number> {
    const reply: ChatReply = {
      message: { role: 'assistant', content: [{ type: 'text', text }] },
      stop: 'length',
      model: deployment.model,
      usage: undefined,
    };
    const bill = await billOf(deployment, call, reply, prices, () => undefined);
    reservation?.settle({ deployment: deployment.id, ...bill });
    return 'usd' in bill.cost ? bill.cost.usd : 0;
  }

  async function reserve(
    call: RouteCall,
    route: string,
    deployment: Deployment,
    size: EstimatedSize,
  ): Promise<Reservation | undefined> {
    if (!options.budget) return undefined;
    const { desk, spender } = options.budget;
    const usd = (await usdFor(deployment, size)) ?? 0;
    const payer = { ...spender, agent: call.agent ?? spender.agent, route };
    return desk.reserve(payer, { usd, tokens: size.input + size.output }, call.signal);
  }

  async function usdFor(deployment: Deployment, usage: EstimatedSize): Promise<number | undefined> {
    const reply: ChatReply = {
      message: { role: 'assistant', content: [] },
      stop: 'end',
      model: deployment.model,
      usage,
    };
    const { cost } = await billOf(deployment, { messages: [], tools: [] }, reply, prices, () => undefined);
    if (cost.kind === 'free') return 0;
    return cost.kind === 'unknown' ? undefined : cost.usd;
  }

  async function open(deployment: Deployment): Promise<Provider> {
    const known = opened.get(deployment.id);
    if (known !== undefined) return known;
    const opening = options.openProvider(deployment);
    opened.set(deployment.id, opening);
    try {
      return await opening;
    } catch (error) {
      opened.delete(deployment.id);
      throw error;
    }
  }

  return { ask, usdFor };
}

/** Providers know the key and not its name: what they say of a refusal fits any. */
function withActionFor(deployment: Deployment, error: ModelError): ModelError {
  if (error.kind !== 'auth' || error.action !== actionFor('auth')) return error;
  const { status, retryAfterMs } = error;
  return new ModelError('auth', error.message, howToMendKey(deployment), {
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** What the model itself costs stays unknown or free where it is. */
function withBeside(cost: Cost, usd: number, isEstimated: boolean): Cost {
  if (usd === 0 || (cost.kind !== 'priced' && cost.kind !== 'estimated')) return cost;
  return { kind: isEstimated ? 'estimated' : cost.kind, usd: cost.usd + usd };
}

function whatThen(decision: Decision, retries: number, next: Candidate | undefined): string {
  if (decision.do === 'retry') return `retry ${retries + 1} in ${notes.seconds(decision.afterMs)}`;
  const cooling = decision.do === 'next' ? notes.coolingNote(decision.coolMs) : '';
  if (decision.do === 'stop' || next === undefined) return `giving up${cooling}`;
  return `falling back to ${next.entry.deployment.id}${cooling}`;
}
