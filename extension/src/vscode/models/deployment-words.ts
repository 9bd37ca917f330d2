import type { Deployment, DeploymentState, RouteState } from '../../core/models/index.ts';
import { formatDuration } from '../../protocol/format.ts';
import { plainLine } from '../../core/orchestration/walk/plain-text.ts';
import type { Line } from '../view-row.ts';
import { costOf, money, spentWords } from './money.ts';
import { isCooling, nextCall } from './next-call.ts';
import { addressOf, vendorOf } from './vendor.ts';

const LONGEST = 80;

/** A model as people call it; where it lies is said beside it. */
export function deploymentLabel(deployment: Deployment): string {
  return plainLine(`${vendorOf(deployment)}/${deployment.model}`, LONGEST);
}

/** The host of an address that does not follow from whose model it is. */
export function hostOf(deployment: Deployment): string | undefined {
  const { baseUrl } = deployment;
  if (baseUrl === undefined || baseUrl === addressOf(deployment)) return undefined;
  return URL.canParse(baseUrl) ? new URL(baseUrl).host : undefined;
}

/** Such as `21 s`, rounded up: at 0 it is over. */
export function secondsLeft(until: number, now: number): string {
  const seconds = Math.max(1, Math.ceil((until - now) / 1000));
  return seconds < 100 ? `${seconds} s` : formatDuration(seconds * 1000);
}

export function deploymentDescription(state: DeploymentState, now: number): string {
  const host = hostOf(state.deployment);
  // Where it lies comes last, since a narrow side bar cuts off the end.
  return [...stateWords(state, now), ...(host === undefined ? [] : [host])].join(' · ');
}

function stateWords(state: DeploymentState, now: number): readonly string[] {
  const { problem, cooling, inFlight, firstTokenMs, answered, failed } = state;
  if (problem !== undefined) return [shortProblem(problem)];
  const words = [
    ...(inFlight > 0 ? [inFlight === 1 ? '1 call under way' : `${inFlight} calls under way`] : []),
    ...(firstTokenMs === undefined ? [] : [`${formatDuration(firstTokenMs)} to first token`]),
    ...(answered > 0 ? [countOf(answered, 'call')] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  if (cooling && isCooling(state, now))
    return [
      `cools down for ${secondsLeft(cooling.until, now)} after ${plainLine(cooling.reason, LONGEST)}`,
      ...(inFlight > 0 ? words.slice(0, 1) : []),
    ];
  return words.length > 0 ? words : ['not called yet'];
}

/** What stands in a row; the tooltip says what to do about it. */
function shortProblem(problem: string): string {
  if (/^There is no key\b/.test(problem)) return NO_KEY;
  return plainLine(problem.split(/\.(?:\s|$)/)[0] ?? problem, LONGEST);
}

const NO_KEY = 'no key';

export function deploymentLines(state: DeploymentState, now: number): readonly Line[] {
  const { deployment, from, problem, cooling, answered, failed, firstTokenMs, lastFailure, today } = state;
  const health = [
    ...(firstTokenMs === undefined ? [] : [`${formatDuration(firstTokenMs)} to first token`]),
    `${countOf(answered, 'call')} answered`,
    `${failed} failed`,
  ];
  return [
    ...(problem === undefined ? [] : [{ icon: 'warning', text: problem }]),
    ...(cooling && isCooling(state, now)
      ? [
          {
            icon: 'clockface',
            text: `Passed over until ${new Date(cooling.until).toLocaleTimeString()}, since it failed: ${cooling.reason}.`,
          },
        ]
      : []),
    { icon: 'server', text: deployment.baseUrl ?? 'At the provider’s own address.' },
    { icon: 'go-to-file', text: `From ${from}.` },
    { icon: 'tag', text: priceWords(state) },
    ...(answered + failed > 0 ? [{ icon: 'pulse', text: `${health.join(' · ')}, in this window.` }] : []),
    ...(lastFailure === undefined ? [] : [{ icon: 'error', text: `Last failure: ${lastFailure}` }]),
    { icon: 'credit-card', text: `Today: ${spentWords(today)}.` },
  ];
}

function priceWords({ deployment, today }: DeploymentState): string {
  const { price, provider } = deployment;
  if (price)
    return `${money(price.input)} for a million tokens of input, ${money(price.output)} of output, as written.`;
  if (provider === 'ollama' || provider === 'demo') return 'Free: it runs on this machine.';
  if (provider === 'vscode') return 'Paid for by your account in the editor; no price is known.';
  if (today.unpriced > 0) return `No price is known for ${countOf(today.unpriced, 'call')} of today.`;
  return 'Priced by the list that comes with Strata, where that knows the model.';
}

export function routeDescription(route: RouteState, now: number): string {
  return [...(route.strategy === 'ordered' ? [] : [route.strategy]), `→ ${nextWords(route, now)}`].join(
    ' · ',
  );
}

/** Where the next call goes and why not elsewhere. */
export function nextWords(route: RouteState, now: number): string {
  const next = nextCall(route, now);
  const name = (state: DeploymentState): string => nameWithin(route, state.deployment);
  switch (next.kind) {
    case 'to': {
      const { to, insteadOf } = next;
      return insteadOf ? `${name(to)}, since ${name(insteadOf)} ${why(insteadOf)}` : name(to);
    }
    case 'one-of':
      return route.strategy === 'weighted'
        ? `one of ${next.count} by weight`
        : `the cheapest of ${next.count}`;
    case 'last-resort':
      return `${name(next.to)}, though it cools down`;
    case 'none':
      return 'nothing that can be called';
  }
}

/** As short as it can be without being mistaken for another one of the route. */
function nameWithin({ deployments }: RouteState, deployment: Deployment): string {
  const others = deployments
    .map((one) => one.deployment)
    .filter(({ id, model }) => id !== deployment.id && model === deployment.model);
  if (others.length === 0) return plainLine(deployment.model, LONGEST);
  const label = deploymentLabel(deployment);
  const host = hostOf(deployment);
  const mistaken = others.some((one) => deploymentLabel(one) === label);
  return mistaken && host !== undefined ? `${label} at ${host}` : label;
}

function why({ problem }: DeploymentState): string {
  // Not for how long: this row stays as it is while the one below it counts.
  if (problem === undefined) return 'cools down';
  const short = shortProblem(problem);
  return short === NO_KEY ? 'has no key' : `cannot be called (${short})`;
}

export function routeLines(route: RouteState, now: number): readonly Line[] {
  return [
    { icon: 'arrow-right', text: `Next call: ${nextWords(route, now)}.` },
    { icon: 'list-ordered', text: STRATEGY_WORDS[route.strategy] },
    ...route.deployments.map((state, index) => ({
      icon: 'server',
      text: `${index + 1}. ${deploymentLabel(state.deployment)}: ${standing(state, now)}; today ${costOf(state.today)}`,
    })),
  ];
}

function standing(state: DeploymentState, now: number): string {
  const { cooling, problem } = state;
  if (!cooling || problem !== undefined || !isCooling(state, now)) return deploymentDescription(state, now);
  return `cools down until ${new Date(cooling.until).toLocaleTimeString()} after ${cooling.reason}`;
}

const STRATEGY_WORDS: Readonly<Record<RouteState['strategy'], string>> = {
  ordered: 'The first that can be called takes a call; the others follow when it fails.',
  weighted: 'By chance, in proportion to their weights; the others follow when it fails.',
  'least-busy': 'The one with the fewest calls under way; the others follow when it fails.',
  'lowest-latency': 'The one that begins to answer soonest; the others follow when it fails.',
  'lowest-cost': 'The one with the lowest price for the call; the others follow when it fails.',
};

export function countOf(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}
