import { messageOf } from '../../base/errors.ts';
import { billOf, type Prices } from './cost.ts';
import { attemptTooLong, badResponse, cancelled, emptyRoute, noRoute } from './errors.ts';
import { allFailed, type FailedDeployment } from './all-failed.ts';
import { decide } from './failure-table.ts';
import { isModelError, type ModelError } from './model-error.ts';
import type { ChatReply, Deployment, Models, Provider, RouteCall, RoutedReply } from './provider.ts';

/** Task type → deployments in the order in which they are tried. */
export type Routes = ReadonlyMap<string, readonly Deployment[]>;

export interface RouterOptions {
  readonly routes: Routes;
  /** Throws a `ModelError` when the deployment cannot be used, for want of a key for instance. */
  readonly openProvider: (deployment: Deployment) => Promise<Provider>;
  readonly prices: Prices;
  /** Milliseconds, never going back. */
  readonly clock: () => number;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** Resolves after the time, or as soon as the signal is aborted, whichever comes first. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The longest that one attempt may take, streaming included. */
  readonly attemptLimitMs?: number;
}

/** Long enough for the longest answers of reasoning models; silence is ended much earlier, by the provider's limits. */
const ATTEMPT_LIMIT_MS = 20 * 60_000;

type Attempt =
  | { readonly ok: true; readonly reply: ChatReply; readonly firstTokenMs: number | undefined }
  | { readonly ok: false; readonly error: ModelError; readonly shown: number };

/** The only loop of Strata that retries a model call. */
export function createRouter(options: RouterOptions): Models {
  const opened = new Map<string, Promise<Provider>>();

  async function chat(call: RouteCall): Promise<RoutedReply> {
    const deployments = options.routes.get(call.route) ?? deploymentAlone(options.routes, call.route);
    if (deployments === undefined) throw noRoute(call.route, [...options.routes.keys()]);
    if (deployments.length === 0) throw emptyRoute(call.route);
    const failed: FailedDeployment[] = [];
    for (const [index, deployment] of deployments.entries()) {
      const next = deployments[index + 1];
      call.onNote('info', choiceNote(call.route, deployment, index, deployments.length));
      const outcome = await tryDeployment(call, deployment, next);
      if ('answer' in outcome) return outcome.answer;
      failed.push({ deployment, error: outcome.error });
      if (outcome.stop) break;
    }
    throw allFailed(call.route, failed);
  }

  async function tryDeployment(
    call: RouteCall,
    deployment: Deployment,
    next: Deployment | undefined,
  ): Promise<{ readonly answer: RoutedReply } | { readonly error: ModelError; readonly stop: boolean }> {
    const isCancelled = (): boolean => call.signal.aborted;
    for (let retries = 0; ; retries++) {
      const attempt = await attemptOnce(call, deployment);
      if (attempt.ok) return { answer: await routed(call, deployment, attempt) };
      const { error, shown } = attempt;
      if (error.kind === 'cancelled' || isCancelled()) throw cancelled();
      const decision = decide(
        {
          kind: error.kind,
          status: error.status,
          retryAfterMs: error.retryAfterMs,
          retries,
          last: next === undefined,
        },
        options.random,
      );
      if (decision.do !== 'retry') {
        const goesOn = decision.do === 'next' && next !== undefined;
        call.onNote(
          'warning',
          failureNote(deployment, error, shown, goesOn ? `falling back to ${next.id}` : 'giving up'),
        );
        return { error, stop: decision.do === 'stop' };
      }
      const wait = `retry ${retries + 1} in ${(decision.afterMs / 1000).toFixed(1)} s`;
      call.onNote('warning', failureNote(deployment, error, shown, wait));
      await options.sleep(decision.afterMs, call.signal);
      if (isCancelled()) throw cancelled();
    }
  }

  async function attemptOnce(call: RouteCall, deployment: Deployment): Promise<Attempt> {
    const started = options.clock();
    const scope = new AbortController();
    let shown = 0;
    let firstTokenMs: number | undefined;
    let live = true;
    const onText = (text: string): void => {
      if (!live || text === '') return;
      firstTokenMs ??= options.clock() - started;
      shown += text.length;
      call.onText(text);
    };
    try {
      const work = open(deployment).then((provider) => {
        scope.signal.throwIfAborted();
        return provider.chat({ ...call, signal: scope.signal, onText });
      });
      const reply = await withinLimits(work, call.signal, scope);
      return { ok: true, reply, firstTokenMs: reply.firstTokenMs ?? firstTokenMs };
    } catch (error) {
      const known = isModelError(error) ? error : badResponse(`the provider failed: ${messageOf(error)}`);
      if (known.kind === 'auth') opened.delete(deployment.id);
      return { ok: false, error: known, shown };
    } finally {
      live = false;
    }
  }

  /** Settles at once when the caller cancels or the limit passes, also if the provider does not listen to its signal. */
  async function withinLimits(
    work: Promise<ChatReply>,
    signal: AbortSignal,
    scope: AbortController,
  ): Promise<ChatReply> {
    if (signal.aborted) {
      scope.abort();
      work.catch(() => undefined);
      throw cancelled();
    }
    const limitMs = options.attemptLimitMs ?? ATTEMPT_LIMIT_MS;
    const timer = new AbortController();
    const { promise, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(cancelled());
    signal.addEventListener('abort', onAbort, { once: true });
    void options.sleep(limitMs, timer.signal).then(() => {
      if (!timer.signal.aborted) reject(attemptTooLong(limitMs));
    });
    try {
      return await Promise.race([work, promise]);
    } catch (error) {
      scope.abort();
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      timer.abort();
    }
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

  async function routed(
    call: RouteCall,
    deployment: Deployment,
    attempt: Attempt & { ok: true },
  ): Promise<RoutedReply> {
    const { reply, firstTokenMs } = attempt;
    if (reply.stop === 'content-policy') {
      call.onNote('warning', `${deployment.id} ended its answer for reasons of content policy.`);
    }
    const { usage, cost } = await billOf(deployment, call, reply, options.prices, (text) =>
      call.onNote('warning', text),
    );
    return {
      message: reply.message,
      stop: reply.stop,
      deployment: deployment.id,
      provider: deployment.provider,
      model: reply.model,
      usage,
      cost,
      ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    };
  }

  return { chat };
}

/** A run may be steered to one deployment of any route, by its id or as `provider/model`: it is asked alone. */
function deploymentAlone(routes: Routes, name: string): readonly Deployment[] | undefined {
  const all = [...routes.values()].flat();
  const found =
    all.find(({ id }) => id === name) ?? all.find(({ provider, model }) => `${provider}/${model}` === name);
  return found && [found];
}

function choiceNote(route: string, deployment: Deployment, index: number, count: number): string {
  if (count === 1) return `Route “${route}” → ${deployment.id}, its only deployment.`;
  const place = index === 0 ? `the first of ${count}` : `number ${index + 1} of ${count}`;
  return `Route “${route}” → ${deployment.id}, ${place}.`;
}

function failureNote(deployment: Deployment, error: ModelError, shown: number, then: string): string {
  const status = error.status === undefined ? '' : ` ${error.status}`;
  const dropped =
    shown === 0 ? '' : ` The ${shown} characters that had been shown are no part of the answer.`;
  return `${deployment.id} failed (${error.kind}${status}: ${trimDot(error.message)}); ${then}.${dropped}`;
}

function trimDot(text: string): string {
  return text.replace(/\.\s*$/, '');
}
