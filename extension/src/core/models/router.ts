import { allFailed, type FailedDeployment } from './all-failed.ts';
import { attemptOnce, type AttemptParts } from './attempt.ts';
import type { Spender } from './budget.ts';
import type { BudgetDesk, Reservation } from './budget-desk.ts';
import { continueAfter } from './continuation.ts';
import { billOf, type Prices } from './cost.ts';
import { cancelled, coolingDown, emptyRoute, noRoute, requestTooLong } from './errors.ts';
import { decide, type Decision } from './failure-table.ts';
import type { Health } from './health.ts';
import type { ModelError, ModelErrorKind } from './model-error.ts';
import type { ChatReply, Deployment, Models, Provider, RouteCall, RoutedReply } from './provider.ts';
import { createSizes, type EstimatedSize } from './request-size.ts';
import type { Route, RouteDeployment, Routes } from './route.ts';
import * as notes from './routing-notes.ts';
import { coolsDown, orderDeployments, type Candidate } from './strategies.ts';

export interface RouterOptions {
  readonly routes: Routes;
  /** Throws a `ModelError` when the deployment cannot be used, for want of a key for instance. */
  readonly openProvider: (deployment: Deployment) => Promise<Provider>;
  readonly prices: Prices;
  readonly health: Health;
  /** Without it nothing is counted and nothing refused. */
  readonly budget?: { readonly desk: BudgetDesk; readonly spender: Spender };
  /** Milliseconds, never going back. */
  readonly clock: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** Resolves after the time, or as soon as the signal is aborted, whichever comes first. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The longest that one attempt may take, streaming included. */
  readonly attemptLimitMs?: number;
}

/** Long enough for the longest answers of reasoning models; silence is ended much earlier, by the provider's limits. */
const ATTEMPT_LIMIT_MS = 20 * 60_000;
/** A cooldown that the server asked for is waited out for so long where nothing else is left. */
const LONGEST_COOLDOWN_WAIT_MS = 60_000;

/** After these the same text would be refused again, or is not wanted. */
const DROPS_TEXT: ReadonlySet<ModelErrorKind> = new Set(['content-policy', 'context-length']);

/** What came of the call so far. */
interface Progress {
  /** Text that broke off: it was shown, and the next attempt goes on after it. */
  partial: string;
  /** Dollars, by estimate, for attempts that broke off. */
  brokenUsd: number;
  readonly failed: FailedDeployment[];
}

type RouteEnd =
  | { readonly reply: RoutedReply }
  /** What the last failure that counts leads to. */
  | { readonly failed: ModelError; readonly takeOver: Route['onContextLength'] };

type DeploymentEnd =
  { readonly reply: RoutedReply } | { readonly error: ModelError; readonly decision: Decision };

/** The only loop of Strata that retries a model call. */
export function createRouter(options: RouterOptions): Models {
  const { routes, health, now, random, sleep, prices } = options;
  const opened = new Map<string, Promise<Provider>>();
  const sizeOf = createSizes();
  const attempt: AttemptParts = {
    open,
    clock: options.clock,
    sleep,
    limitMs: options.attemptLimitMs ?? ATTEMPT_LIMIT_MS,
  };

  async function chat(call: RouteCall): Promise<RoutedReply> {
    const progress: Progress = { partial: '', brokenUsd: 0, failed: [] };
    const visited = new Set<string>();
    let route = routeNamed(call.route);
    for (;;) {
      visited.add(route.name);
      const end = await tryRoute(call, route, progress);
      if ('reply' in end) return end.reply;
      const { failed, takeOver } = end;
      // Two routes may name each other.
      if (takeOver === undefined || visited.has(takeOver)) throw allFailed(call.route, progress.failed);
      call.onNote('warning', notes.takeOverNote(route.name, takeOver, failed));
      route = routeNamed(takeOver);
    }
  }

  function routeNamed(name: string): Route {
    const route = routes.get(name) ?? deploymentAlone(routes, name);
    if (route === undefined) throw noRoute(name, [...routes.keys()]);
    if (route.deployments.length === 0) throw emptyRoute(name);
    return route;
  }

  async function tryRoute(call: RouteCall, route: Route, progress: Progress): Promise<RouteEnd> {
    const size = sizeOf(call);
    const { candidates, passedOver } = await orderDeployments(
      route,
      { tokens: size.input + size.output },
      { health, random, now, priceOf: (entry) => priceOf(entry, size) },
    );
    let takeOver: string | undefined;
    for (const { entry, why } of passedOver) {
      call.onNote('info', notes.passedOverNote(entry.deployment, why));
      progress.failed.push({ deployment: entry.deployment, error: requestTooLong(why) });
      takeOver = route.onContextLength;
    }
    for (const [index, candidate] of candidates.entries()) {
      const { deployment } = candidate.entry;
      const refused = await waitWhileCooling(call, candidate);
      if (refused) {
        progress.failed.push({ deployment, error: refused });
        continue;
      }
      call.onNote('info', notes.choiceNote(route, candidate));
      const end = await tryDeployment(call, candidate.entry, candidates[index + 1], size, progress);
      if ('reply' in end) return end;
      const { error, decision } = end;
      progress.failed.push({ deployment, error });
      if (decision.do === 'stop') throw allFailed(route.name, progress.failed);
      if (decision.do !== 'next' || decision.takeOver === undefined) continue;
      takeOver = route[decision.takeOver] ?? takeOver;
      // Another deployment of the route may have a larger window; none has another taste.
      if (decision.takeOver === 'onContentPolicy' && takeOver !== undefined) break;
    }
    const failed = progress.failed.at(-1)?.error ?? emptyRoute(route.name);
    return { failed, takeOver };
  }

  /** Returns the error of a deployment that cools down for too long. */
  async function waitWhileCooling(call: RouteCall, candidate: Candidate): Promise<ModelError | undefined> {
    const { cooling, entry } = candidate;
    const waitMs = (cooling?.until ?? 0) - now();
    if (!cooling?.asked || waitMs <= 0) return undefined;
    if (waitMs > LONGEST_COOLDOWN_WAIT_MS) return coolingDown(coolsDown(cooling, now()), waitMs);
    call.onNote('warning', notes.waitNote(entry.deployment, waitMs, cooling.reason));
    await sleep(waitMs, call.signal);
    if (call.signal.aborted) throw cancelled();
    return undefined;
  }

  async function tryDeployment(
    call: RouteCall,
    { deployment }: RouteDeployment,
    next: Candidate | undefined,
    size: EstimatedSize,
    progress: Progress,
  ): Promise<DeploymentEnd> {
    const reservation = await reserve(call, deployment, size);
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
          if (error.kind === 'cancelled' || call.signal.aborted) throw cancelled();
          const { kind, status, retryAfterMs } = error;
          const last = next === undefined;
          const decision = decide({ kind, status, retryAfterMs, retries, last }, random);
          inFlight.failed(error, decision.do === 'next' ? decision.coolMs : 0);
          const then = whatThen(decision, retries, next);
          call.onNote('warning', notes.failureNote(deployment, error, { kept, dropped, then }));
          if (decision.do !== 'retry') return { error, decision };
          await sleep(decision.afterMs, call.signal);
          if (call.signal.aborted) throw cancelled();
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
    const { error } = tried;
    if (error.kind === 'auth') opened.delete(deployment.id);
    if (shown !== '') progress.brokenUsd += await billBroken(call, deployment, shown, reservation);
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
    { brokenUsd }: Progress,
    reservation: Reservation | undefined,
  ): Promise<RoutedReply> {
    if (reply.stop === 'content-policy')
      call.onNote('warning', `${deployment.id} ended its answer for reasons of content policy.`);
    const { usage, cost } = await billOf(deployment, call, reply, prices, (text) =>
      call.onNote('warning', text),
    );
    reservation?.settle({ deployment: deployment.id, usage, cost });
    const isPriced = cost.kind === 'priced' || cost.kind === 'estimated';
    return {
      message: reply.message,
      stop: reply.stop,
      deployment: deployment.id,
      provider: deployment.provider,
      model: reply.model,
      usage,
      cost: isPriced && brokenUsd > 0 ? { kind: 'estimated', usd: cost.usd + brokenUsd } : cost,
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
    deployment: Deployment,
    size: EstimatedSize,
  ): Promise<Reservation | undefined> {
    if (!options.budget) return undefined;
    const { desk, spender } = options.budget;
    const usd = (await usdFor(deployment, size)) ?? 0;
    const payer = { ...spender, agent: call.agent ?? spender.agent, route: call.route };
    return desk.reserve(payer, { usd, tokens: size.input + size.output }, call.signal);
  }

  function priceOf({ deployment }: RouteDeployment, size: EstimatedSize): Promise<number | undefined> {
    return usdFor(deployment, size);
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

  return { chat };
}

function whatThen(decision: Decision, retries: number, next: Candidate | undefined): string {
  if (decision.do === 'retry') return `retry ${retries + 1} in ${notes.seconds(decision.afterMs)}`;
  const cooling = decision.do === 'next' ? notes.coolingNote(decision.coolMs) : '';
  if (decision.do === 'stop' || next === undefined) return `giving up${cooling}`;
  return `falling back to ${next.entry.deployment.id}${cooling}`;
}

/** A run may be steered to one deployment of any route, by its id or as `provider/model`: it is asked alone. */
function deploymentAlone(routes: Routes, name: string): Route | undefined {
  const all = [...routes.values()].flatMap(({ deployments }) => deployments);
  const found =
    all.find(({ deployment }) => deployment.id === name) ??
    all.find(({ deployment }) => `${deployment.provider}/${deployment.model}` === name);
  return found && { name, strategy: 'ordered', deployments: [found] };
}
