import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  backoff,
  decide,
  kindOf,
  retryAfterMs,
  type ModelErrorKind,
} from '../../extension/src/core/models/index.ts';

const largest = (): number => 0.999999;

/** `row` reads: kind, what is done while another deployment is left, what is done with the last one. */
function row(kind: ModelErrorKind, withAnother: string, asLast: string): void {
  const course = (last: boolean): string => {
    const steps: string[] = [];
    for (let retries = 0; ; retries++) {
      const decision = decide({ kind, status: undefined, retryAfterMs: undefined, retries, last }, largest);
      steps.push(decision.do === 'retry' ? `retry ${decision.afterMs}` : decision.do);
      if (decision.do !== 'retry') return steps.join(', ');
    }
  };
  test(`${kind}: ${withAnother} | last: ${asLast}`, () => {
    assert.equal(course(false), withAnother);
    assert.equal(course(true), asLast);
  });
}

row('auth', 'next', 'next');
row('rate-limit', 'retry 500, next', 'retry 500, retry 1000, retry 2000, next');
row('overloaded', 'retry 500, next', 'retry 500, retry 1000, retry 2000, next');
row('timeout', 'next', 'retry 500, next');
row('stall', 'next', 'retry 500, next');
row('network', 'retry 500, next', 'retry 500, retry 1000, next');
row('context-length', 'next', 'next');
row('content-policy', 'next', 'next');
row('bad-request', 'next', 'next');
row('bad-response', 'retry 500, next', 'retry 500, retry 1000, next');
row('no-route', 'stop', 'stop');
row('cancelled', 'stop', 'stop');

/** `wait` reads: the server's Retry-After, with another deployment left, with the last one. */
function wait(retryAfter: number, withAnother: string, asLast: string): void {
  const said = (last: boolean): string => {
    const failure = { kind: 'rate-limit', status: 429, retryAfterMs: retryAfter, retries: 0, last } as const;
    const decision = decide(failure, largest);
    return decision.do === 'retry' ? `retry ${decision.afterMs}` : decision.do;
  };
  test(`Retry-After ${retryAfter} ms: ${withAnother} | last: ${asLast}`, () => {
    assert.equal(said(false), withAnother);
    assert.equal(said(true), asLast);
  });
}

wait(0, 'retry 0', 'retry 0');
wait(5_000, 'retry 5000', 'retry 5000');
wait(5_001, 'next', 'retry 5001');
wait(60_000, 'next', 'retry 60000');
wait(60_001, 'next', 'next');

/** `rests` reads: kind, status, Retry-After, how long other calls pass it over, and who takes over. */
function rests(
  kind: ModelErrorKind,
  status: number | undefined,
  retryAfter: number | undefined,
  expected: string,
): void {
  test(`${kind} ${status} with Retry-After ${retryAfter}: ${expected}`, () => {
    const decision = decide({ kind, status, retryAfterMs: retryAfter, retries: 9, last: true }, largest);
    assert.ok(decision.do === 'next');
    assert.equal(`cools ${decision.coolMs}${decision.takeOver ? `, ${decision.takeOver}` : ''}`, expected);
  });
}

rests('auth', 401, undefined, 'cools 60000');
rests('auth', 402, undefined, 'cools 600000');
rests('rate-limit', 429, undefined, 'cools 20000');
rests('rate-limit', 429, 30_000, 'cools 30000');
rests('rate-limit', 429, 10, 'cools 1000');
rests('rate-limit', 429, 86_400_000, 'cools 3600000');
rests('overloaded', 529, undefined, 'cools 15000');
rests('overloaded', 503, 120_000, 'cools 120000');
rests('timeout', 408, undefined, 'cools 30000');
rests('stall', undefined, undefined, 'cools 30000');
rests('network', undefined, undefined, 'cools 10000');
rests('context-length', 400, undefined, 'cools 0, onContextLength');
rests('content-policy', 400, undefined, 'cools 0, onContentPolicy');
rests('bad-request', 400, undefined, 'cools 0');
rests('bad-request', 404, undefined, 'cools 60000');
rests('bad-response', undefined, undefined, 'cools 0');

test('backoff: full jitter below an exponential limit that is capped', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map((retries) => backoff(retries, largest)),
    [500, 1000, 2000, 4000, 8000, 8000],
  );
  assert.equal(
    backoff(3, () => 0),
    0,
  );
  assert.equal(
    backoff(3, () => 0.25),
    1000,
  );
});

function classified(status: number | undefined, code: string, message: string, kind: ModelErrorKind): void {
  test(`${status ?? 'in a stream'} ${code} “${message}” → ${kind}`, () => {
    assert.equal(kindOf({ status, codes: code === '' ? [] : [code], message }), kind);
  });
}

classified(401, 'invalid_api_key', '', 'auth');
classified(403, 'permission_error', '', 'auth');
classified(402, '', '', 'auth');
classified(429, 'insufficient_quota', 'You exceeded your current quota', 'auth');
classified(400, 'invalid_request_error', 'Your credit balance is too low to access the API', 'auth');
classified(429, 'rate_limit_exceeded', '', 'rate-limit');
classified(undefined, 'rate_limit_error', '', 'rate-limit');
classified(500, 'api_error', '', 'overloaded');
classified(503, '', '', 'overloaded');
classified(529, 'overloaded_error', '', 'overloaded');
classified(undefined, 'overloaded_error', '', 'overloaded');
classified(408, '', '', 'timeout');
classified(504, '', '', 'timeout');
classified(413, 'request_too_large', '', 'context-length');
classified(400, 'context_length_exceeded', '', 'context-length');
classified(
  400,
  'invalid_request_error',
  'prompt is too long: 210000 tokens > 200000 maximum',
  'context-length',
);
classified(400, '', "This model's maximum context length is 8192 tokens", 'context-length');
classified(400, 'content_policy_violation', '', 'content-policy');
classified(404, 'model_not_found', '', 'bad-request');
classified(400, 'invalid_request_error', 'messages: field required', 'bad-request');
classified(422, '', '', 'bad-request');

const NOW = Date.UTC(2026, 0, 1);

function retryAfter(headers: Record<string, string>, ms: number | undefined): void {
  test(`${JSON.stringify(headers)} → ${ms} ms`, () =>
    assert.equal(retryAfterMs(new Headers(headers), NOW), ms));
}

retryAfter({}, undefined);
retryAfter({ 'retry-after': '7' }, 7_000);
retryAfter({ 'retry-after': '0' }, 0);
retryAfter({ 'retry-after': '1.5' }, 1_500);
retryAfter({ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 30_000);
retryAfter({ 'retry-after': 'Wed, 31 Dec 2025 00:00:30 GMT' }, 0);
retryAfter({ 'retry-after': 'soon' }, undefined);
retryAfter({ 'retry-after': '7', 'retry-after-ms': '250' }, 250);
retryAfter({ 'retry-after': '7', 'retry-after-ms': '-3' }, 7_000);
