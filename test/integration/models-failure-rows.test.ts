// The failure table as a call meets it: a real server fails, a real SDK says how, and the router does what the row says.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createHealth,
  createRouter,
  orderedRoute,
  type Deployment,
} from '../../extension/src/core/models/index.ts';
import { createPrices, openProvider, type StreamLimits } from '../../extension/src/node/providers/index.ts';
import type { Fault, ScriptedReply } from '../support/model-server/index.ts';
import { failure, HELLO, KEY, LIMITS, modelWorld } from '../support/model-world.ts';

const { play, madeCalls, deploymentOf } = modelWorld();

/** Of the deployment that fails; the other one is given all the time that it needs. */
const IMPATIENT: StreamLimits = { firstEventMs: 20_000, nextEventMs: 300 };
const LIMIT_MS = 20 * 60_000;
const CUT: ScriptedReply = { text: 'only half of this will ever arrive' };

/**
 * `row` reads: what the server does, milliseconds waited before each retry while another deployment is left, and for the
 * last one, what the call fails with then, and how long others pass the deployment over.
 */
function row(
  name: string,
  fault: Fault | ScriptedReply,
  [withAnother, asLast, kind, rest]: readonly [string, string, string, string],
  limits: StreamLimits = LIMITS,
): void {
  for (const format of ['openai', 'responses', 'anthropic'] as const) {
    test(`${format}: ${name} → waits ${withAnother || '0'}, then the next | last: ${asLast || '0'}, then ${kind} | ${rest}`, async () => {
      const failing = deploymentOf(format, { id: 'failing' });
      const other = deploymentOf(format === 'anthropic' ? 'openai' : 'anthropic', { id: 'other' });
      play((request) => (request.format === format ? fault : { text: 'from the other' }));

      const first = routed([failing, other], limits);
      assert.equal((await first.chat()).deployment, 'other');
      assert.equal(first.waits.join(' '), withAnother);
      assert.equal(madeCalls(), first.waits.length + 2);
      assert.equal(first.rests('failing'), rest);

      const before = madeCalls();
      const alone = routed([failing], limits);
      assert.equal((await failure(alone.chat())).kind, kind);
      assert.equal(alone.waits.join(' '), asLast);
      assert.equal(madeCalls() - before, alone.waits.length + 1);
    });
  }
}

/** A clock that stands still: waits are written down and not waited out. */
function routed(deployments: readonly Deployment[], limits: StreamLimits) {
  const waits: number[] = [];
  const health = createHealth(() => 0);
  const router = createRouter({
    routes: new Map([['code', orderedRoute('code', deployments)]]),
    openProvider: (deployment) => openProvider(deployment, KEY, deployment.id === 'other' ? LIMITS : limits),
    prices: createPrices(),
    health,
    clock: () => 0,
    now: () => 0,
    random: () => 0.999999,
    attemptLimitMs: LIMIT_MS,
    sleep: (ms, signal) => {
      if (ms === LIMIT_MS) return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
      waits.push(ms);
      return Promise.resolve();
    },
  });
  return {
    waits,
    chat: () =>
      router.chat({
        route: 'code',
        messages: HELLO,
        tools: [],
        signal: new AbortController().signal,
        onText: () => undefined,
        onNote: () => undefined,
      }),
    rests: (deployment: string): string => {
      const { cooling } = health.of(deployment);
      return cooling ? `${cooling.reason} for ${cooling.until / 1000} s` : 'asked again';
    },
  };
}

const status = (code: number, retryAfter?: string, message?: string): Fault => ({
  fault: 'status',
  status: code,
  ...(retryAfter === undefined ? {} : { headers: { 'retry-after': retryAfter } }),
  ...(message === undefined ? {} : { body: { error: { message, type: 'invalid_request_error' } } }),
});

describe('a refused key', () => {
  row('401', status(401), ['', '', 'auth', 'auth 401 for 60 s']);
  row('402', status(402), ['', '', 'auth', 'auth 402 for 600 s']);
  row('403', status(403), ['', '', 'auth', 'auth 403 for 60 s']);
});

describe('a server that has enough', () => {
  row('429', status(429), ['500', '500 1000 2000', 'rate-limit', 'rate-limit 429 for 20 s']);
  row('429, 2 s', status(429, '2'), ['2000', '2000 2000 2000', 'rate-limit', 'rate-limit 429 for 2 s']);
  row('429, 40 s', status(429, '40'), ['', '40000 40000 40000', 'rate-limit', 'rate-limit 429 for 40 s']);
  row('429, 10 min', status(429, '600'), ['', '', 'rate-limit', 'rate-limit 429 for 600 s']);
  row('500', status(500), ['500', '500 1000 2000', 'overloaded', 'overloaded 500 for 15 s']);
  row('529', status(529), ['500', '500 1000 2000', 'overloaded', 'overloaded 529 for 15 s']);
  row('503, 3 s', status(503, '3'), ['3000', '3000 3000 3000', 'overloaded', 'overloaded 503 for 3 s']);
});

describe('a server that does not answer', () => {
  row('408', status(408), ['', '500', 'timeout', 'timeout 408 for 30 s']);
  row('504 of a gateway', { fault: 'status', status: 504, body: '<html>Gateway timeout</html>' }, [
    '',
    '500',
    'timeout',
    'timeout 504 for 30 s',
  ]);
  row('nothing', { fault: 'stall', afterEvents: 0 }, ['', '500', 'stall', 'stall for 30 s'], {
    firstEventMs: 300,
    nextEventMs: 300,
  });
  row(
    'silence',
    { fault: 'stall', reply: CUT, afterEvents: 4 },
    ['', '500', 'stall', 'stall for 30 s'],
    IMPATIENT,
  );
  row('a closed connection', { fault: 'close' }, ['500', '500 1000', 'network', 'network for 10 s']);
  row('a cut stream', { fault: 'cut', reply: CUT, afterEvents: 4 }, [
    '500',
    '500 1000',
    'network',
    'network for 10 s',
  ]);
  row('no end', { fault: 'short', reply: CUT, afterEvents: 4 }, [
    '500',
    '500 1000',
    'network',
    'network for 10 s',
  ]);
});

describe('a request that is refused for itself', () => {
  row('400', status(400), ['', '', 'bad-request', 'asked again']);
  row('404', status(404), ['', '', 'bad-request', 'bad-request 404 for 60 s']);
  row('413', status(413), ['', '', 'context-length', 'asked again']);
  row('a prompt that is too long', status(400, undefined, 'prompt is too long: 9 tokens > 8 maximum'), [
    '',
    '',
    'context-length',
    'asked again',
  ]);
  row('what may not be said', { stop: 'content-policy' }, ['', '', 'content-policy', 'asked again']);
});

describe('an answer that is none', () => {
  const course = ['500', '500 1000', 'bad-response', 'asked again'] as const;
  row('garbage', { fault: 'garbage' }, course);
  row('a web page', { fault: 'html' }, course);
  row('an empty one', { text: '' }, course);
  row('half a tool call', { toolCalls: [{ name: 'read', arguments: '{"pa' }] }, course);
});
