import { StrataError } from '../../base/errors.ts';
import { budgetReason } from './budget-reason.ts';
import { amount, whose } from './budget-words.ts';
import type { Estimate, Limit } from './budget.ts';
import type { LimitAt } from './ledger.ts';
import type { Deployment } from './provider.ts';
import { ModelError, type ModelErrorKind } from './model-error.ts';

/** What a person can do about each kind of failure. */
const ACTIONS: Readonly<Record<ModelErrorKind, string>> = {
  auth: 'Set a valid key with “Strata: Set API Key”, or in the environment variable ANTHROPIC_API_KEY or OPENAI_API_KEY.',
  'rate-limit': 'Wait a little, or add another deployment to the route in .strata/models.jsonc.',
  overloaded: 'Try again later, or add another deployment to the route in .strata/models.jsonc.',
  timeout: 'Try again, or add another deployment to the route in .strata/models.jsonc.',
  stall: 'Try again, or add another deployment to the route in .strata/models.jsonc.',
  network: 'Check that the address is right and can be reached from here (network, proxy, firewall).',
  'context-length': 'Give the run a smaller task, or route it to a model with a larger context window.',
  'content-policy': 'Rephrase the task, or route it to another model.',
  'bad-request': 'Check the model name and the address of the deployment.',
  'bad-response': 'Check that the address is that of a model API, or route the task to another model.',
  'no-route': 'Add the route to .strata/models.jsonc.',
  cancelled: 'Start it again when you want it.',
};

export function actionFor(kind: ModelErrorKind): string {
  return ACTIONS[kind];
}

export function cancelled(): ModelError {
  return new ModelError('cancelled', 'The model call was cancelled.', ACTIONS.cancelled);
}

export function noRoute(route: string, known: readonly string[]): ModelError {
  const others = known.length === 0 ? 'there are no routes at all' : `the routes are ${known.join(', ')}`;
  return new ModelError(
    'no-route',
    `There is no model route named “${route}”: ${others}.`,
    ACTIONS['no-route'],
  );
}

export function emptyRoute(route: string): ModelError {
  return new ModelError('no-route', `The model route “${route}” lists no deployment.`, ACTIONS['no-route']);
}

export function missingKey(deployment: Deployment, where: string): ModelError {
  return new ModelError('auth', `There is no key for ${deployment.id}.`, where);
}

/** The key itself is never shown, not even in part. */
export function malformedKey(where: string, what: string): ModelError {
  return new ModelError(
    'auth',
    `The key in ${where} has ${what} in it, so it cannot be sent.`,
    `Set the key again as one line without spaces, with “Strata: Set API Key” or in ${where}.`,
  );
}

/** Found before the call, by estimate. */
export function requestTooLong(why: string): ModelError {
  return new ModelError('context-length', why, ACTIONS['context-length']);
}

export function coolingDown(how: string, ms: number): ModelError {
  return new ModelError('rate-limit', `it ${how}`, ACTIONS['rate-limit'], { retryAfterMs: ms });
}

/** The run pauses: nothing that it did is lost, and a person who resumes it allows as much again. */
export function budgetSpent(at: LimitAt, limit: Limit, spent: Estimate): StrataError {
  return new StrataError(
    budgetReason(at),
    `The budget of ${whose(at)} is spent: ${amount(limit, spent)}.`,
    'Resume the run to allow as much again, or change "budgets" in .strata/models.jsonc.',
    { passing: true },
  );
}

export function attemptTooLong(ms: number): ModelError {
  return new ModelError('timeout', `no complete answer within ${Math.round(ms / 1000)} s`, ACTIONS.timeout);
}

export function stalled(phase: 'first' | 'next', ms: number): ModelError {
  const what = phase === 'first' ? 'nothing arrived' : 'the stream went silent';
  return new ModelError('stall', `${what} for ${formatMs(ms)}`, ACTIONS.stall);
}

export function brokenStream(detail: string): ModelError {
  return new ModelError('network', `the stream broke off before its end (${detail})`, ACTIONS.network);
}

export function badResponse(detail: string, action?: string): ModelError {
  return new ModelError('bad-response', detail, action ?? ACTIONS['bad-response']);
}

export function withheld(detail: string): ModelError {
  return new ModelError('content-policy', detail, ACTIONS['content-policy']);
}

export function badAddress(name: string, detail: string): ModelError {
  return new ModelError('bad-request', `The address in ${name} ${detail}.`, `Correct ${name}.`);
}

export function unsupportedProvider(deployment: Deployment): ModelError {
  return new ModelError(
    'bad-request',
    `${deployment.id} cannot be called from here: no provider named “${deployment.provider}” is at hand.`,
    'Use another deployment in .strata/models.jsonc.',
  );
}

/** A mistake in the route configuration, with its place; lines and columns start at 1. */
export function routeConfigMistake(file: string, line: number, column: number, what: string): StrataError {
  return new StrataError(
    'models-config',
    `${file}:${line}:${column}: ${what}.`,
    'Correct the file; a deployment is written "provider/model" or { "provider", "model", "baseUrl", "keyName" }.',
  );
}

function formatMs(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`;
}
