import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, StrataError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';

const LIMIT_MS = 10_000;
/** Waits before it is tried again. */
const RETRIES_MS = [1_000, 5_000, 20_000];

export interface WebhookOptions {
  readonly signal: AbortSignal;
  readonly retriesMs?: readonly number[];
}

/**
 * Posts the value as JSON. What passes by itself (no connection, too many requests, a failure of the server) is tried again; no
 * redirect is followed. Throws `webhook-failed`, and the signal's reason.
 */
export async function postWebhook(
  url: string,
  body: Json,
  { signal, retriesMs = RETRIES_MS }: WebhookOptions,
): Promise<void> {
  const target = webAddress(url);
  for (let attempt = 0; ; attempt += 1) {
    const problem = await post(target, body, signal);
    if (problem === undefined) return;
    signal.throwIfAborted();
    const waitMs = problem.passes ? retriesMs[attempt] : undefined;
    if (waitMs === undefined) throw webhookFailed(target, problem.text);
    await delay(waitMs, undefined, { signal });
  }
}

interface Problem {
  readonly text: string;
  readonly passes: boolean;
}

async function post(url: URL, body: Json, signal: AbortSignal): Promise<Problem | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]),
    });
    await response.body?.cancel();
    if (response.ok) return undefined;
    const { status } = response;
    return { text: `it answered with ${status}`, passes: status === 408 || status === 429 || status >= 500 };
  } catch (error) {
    return { text: messageOf(error), passes: true };
  }
}

function webAddress(url: string): URL {
  const parsed = URL.parse(url);
  if (parsed && (parsed.protocol === 'https:' || parsed.protocol === 'http:')) return parsed;
  throw new StrataError(
    'webhook-address',
    'The address of the webhook for alerts is no web address.',
    'Set “strata.observability.alertWebhook” to one that begins with https://.',
  );
}

/** The path may hold a secret, so the host alone is named. */
function webhookFailed({ host }: URL, problem: string): StrataError {
  return new StrataError(
    'webhook-failed',
    `The webhook at ${host} did not take the alert: ${problem}.`,
    'Check “strata.observability.alertWebhook” and the server behind it.',
    { passing: true },
  );
}
