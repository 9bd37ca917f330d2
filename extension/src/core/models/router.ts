import { textOf } from '../../protocol/message.ts';
import { allFailed } from './all-failed.ts';
import { classificationRequest, pickRoute, readClassification } from './auto-route.ts';
import { createDeploymentCalls, type Progress } from './deployment-calls.ts';
import { cancelled, coolingDown, emptyRoute, requestTooLong } from './errors.ts';
import { AUTO, findRoute, isAuto } from './find-route.ts';
import { isModelError, type ModelError } from './model-error.ts';
import type { Models, RouteCall, RoutedReply } from './provider.ts';
import { createSizes } from './request-size.ts';
import type { Route } from './route.ts';
import type { RouterOptions } from './router-options.ts';
import * as notes from './routing-notes.ts';
import { coolsDown, orderDeployments, type Candidate } from './strategies.ts';

/** A cooldown that the server asked for is waited out for so long where nothing else is left. */
const LONGEST_COOLDOWN_WAIT_MS = 60_000;

type RouteEnd =
  | { readonly reply: RoutedReply }
  /** What the last failure that counts leads to. */
  | { readonly failed: ModelError; readonly takeOver: Route['onContextLength'] };

/** The only loop of Strata that retries a model call. */
export function createRouter(options: RouterOptions): Models {
  const { routes, health, now, random, sleep } = options;
  const calls = createDeploymentCalls(options);
  const sizeOf = createSizes();

  async function chat(call: RouteCall): Promise<RoutedReply> {
    const progress: Progress = { partial: '', besideUsd: 0, isEstimated: false, failed: [] };
    const visited = new Set<string>();
    let route = isAuto(routes, call.route) ? await pick(call, progress) : findRoute(routes, call.route);
    for (;;) {
      visited.add(route.name);
      const end = await tryRoute(call, route, progress);
      if ('reply' in end) return end.reply;
      const { failed, takeOver } = end;
      // Two routes may name each other.
      if (takeOver === undefined || visited.has(takeOver)) throw allFailed(call.route, progress.failed);
      call.onNote('warning', notes.takeOverNote(route.name, takeOver, failed));
      route = findRoute(routes, takeOver);
    }
  }

  async function pick(call: RouteCall, progress: Progress): Promise<Route> {
    const size = sizeOf(call);
    const picked = pickRoute({
      messages: call.messages,
      tools: call.tools,
      tokens: size.input + size.output,
      windowOf: (task) => widest(routes.get(task)),
    });
    const asked = picked.certain || !options.autoAsks ? undefined : await classify(call, progress);
    const name = asked ?? picked.route;
    call.onNote('info', `Route “${AUTO}” → ${asked ? `${asked}, as the route “fast” says` : picked.reason}.`);
    return findRoute(routes, name);
  }

  /** The choice is a help: when nobody answers, the rules have the last word. */
  async function classify(call: RouteCall, progress: Progress): Promise<string | undefined> {
    if (!routes.has('fast')) return undefined;
    try {
      const { message, cost } = await chat({
        ...classificationRequest(call),
        route: 'fast',
        ...(call.agent === undefined ? {} : { agent: call.agent }),
        signal: call.signal,
        onText: () => undefined,
        onNote: call.onNote,
      });
      if ('usd' in cost) progress.besideUsd += cost.usd;
      progress.isEstimated ||= cost.kind === 'estimated';
      return readClassification(textOf(message));
    } catch (error) {
      if (!isModelError(error) || error.kind === 'cancelled') throw error;
      call.onNote('warning', `The route “fast” could not say which route fits: ${error.message}`);
      return undefined;
    }
  }

  async function tryRoute(call: RouteCall, route: Route, progress: Progress): Promise<RouteEnd> {
    const size = sizeOf(call);
    const { candidates, passedOver } = await orderDeployments(
      route,
      { tokens: size.input + size.output },
      { health, random, now, priceOf: ({ deployment }) => calls.usdFor(deployment, size) },
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
      const target = { route: route.name, deployment, next: candidates[index + 1] };
      const end = await calls.ask(call, target, size, progress);
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

  return { chat };
}

function widest(route: Route | undefined): number | undefined {
  const windows = (route?.deployments ?? []).flatMap(({ contextWindow }) => contextWindow ?? []);
  return windows.length === 0 ? undefined : Math.max(...windows);
}
