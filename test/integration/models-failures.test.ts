import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openProvider } from '../../extension/src/node/providers/index.ts';
import { startModelServer, type Fault, type ScriptedReply } from '../support/model-server/index.ts';
import { ask, failure, HELLO, KEY, LIMITS, modelWorld, SHORT_SILENCE } from '../support/model-world.ts';

const { play, madeCalls, lastRequest, deploymentOf, each } = modelWorld();

describe('a failure', () => {
  function kind(
    name: string,
    fault: Fault | ScriptedReply,
    expected: string,
    said: RegExp,
    limits = LIMITS,
  ): void {
    each(
      `${name} → ${expected}`,
      async (_, provider) => {
        play(fault);
        const error = await failure(ask(provider));
        assert.equal(error.kind, expected, error.message);
        assert.match(error.message, said);
        assert.equal(madeCalls(), 1, 'the SDK retried by itself');
      },
      limits,
    );
  }
  const status = (code: number, headers: Record<string, string> = {}): Fault => ({
    fault: 'status',
    status: code,
    headers,
  });
  const long = { text: 'a long answer in many pieces, so that it can be cut' };

  kind('400', status(400), 'bad-request', /400/);
  kind('403', status(403), 'auth', /403/);
  kind('404', status(404), 'bad-request', /404/);
  kind('408', status(408), 'timeout', /408/);
  kind('413', status(413), 'context-length', /413/);
  kind('429', status(429), 'rate-limit', /429/);
  kind('500', status(500), 'overloaded', /Scripted failure 500/);
  kind('529', status(529), 'overloaded', /529/);
  kind(
    'a web page with 502',
    { fault: 'status', status: 502, body: '<html>Bad gateway</html>' },
    'overloaded',
    /HTML page/,
  );
  kind(
    'a redirect',
    status(307, { location: 'http://127.0.0.1:9/v1' }),
    'bad-request',
    /redirects elsewhere/,
  );
  kind(
    'an error within the stream',
    { fault: 'error-event', reply: long, afterEvents: 3, type: 'overloaded_error' },
    'overloaded',
    /within the stream/,
  );
  kind('a closed socket', { fault: 'close' }, 'network', /no connection/);
  kind('a cut stream', { fault: 'cut', reply: long, afterEvents: 4 }, 'network', /broke off/);
  kind(
    'a stream without its end',
    { fault: 'short', reply: long, afterEvents: 4 },
    'network',
    /the end is missing/,
  );
  kind(
    'a stream that falls silent',
    { fault: 'stall', reply: long, afterEvents: 4 },
    'stall',
    /silent for 800 ms/,
    SHORT_SILENCE,
  );
  kind('no first byte', { fault: 'stall', afterEvents: 0 }, 'stall', /nothing arrived for 300 ms/, {
    ...LIMITS,
    firstEventMs: 300,
  });
  kind('garbage', { fault: 'garbage' }, 'bad-response', /no JSON/);
  kind('a web page', { fault: 'html' }, 'bad-response', /HTML page/);
  kind('an empty answer', { text: '' }, 'bad-response', /empty/);
  kind('a withheld answer', { stop: 'content-policy' }, 'content-policy', /withheld|declined/);
  kind(
    'arguments that are no JSON',
    { toolCalls: [{ name: 'files_read', arguments: 'path=a' }] },
    'bad-response',
    /no JSON object/,
  );
  kind(
    'arguments cut at the limit',
    { toolCalls: [{ name: 'files_read', arguments: '{"pa' }], stop: 'length' },
    'bad-response',
    /limit on output tokens/,
  );

  each('tells how long to wait', async (_, provider) => {
    play(status(429, { 'retry-after': '7' }));
    assert.equal((await failure(ask(provider))).retryAfterMs, 7_000);
  });

  each('nothing listens there → network', async (format) => {
    const gone = await startModelServer(() => ({ text: 'never' }));
    await gone.close();
    const error = await failure(ask(await openProvider(deploymentOf(format, { baseUrl: gone.url }), KEY)));
    assert.equal(error.kind, 'network');
    assert.match(error.message, /ECONNREFUSED/);
  });

  each('cancelling closes the connection', async (_, provider) => {
    play({ ...long, wire: { delayMs: 20, pieceLength: 1 } });
    const controller = new AbortController();
    const pieces: string[] = [];
    const pending = failure(
      provider.chat({
        messages: HELLO,
        tools: [],
        signal: controller.signal,
        onText: (text) => {
          pieces.push(text);
          if (pieces.length === 3) controller.abort();
        },
      }),
    );
    assert.equal((await pending).kind, 'cancelled');
    assert.ok(pieces.length <= 4);
    await hungUp();
  });

  each(
    'a stalled call leaves no connection behind',
    async (_, provider) => {
      play({ fault: 'stall', reply: long, afterEvents: 2 });
      await failure(ask(provider));
      await hungUp();
    },
    SHORT_SILENCE,
  );

  async function hungUp(): Promise<void> {
    const signal = lastRequest()?.signal;
    assert.ok(signal);
    for (let tries = 0; tries < 200 && !signal.aborted; tries++) await pause(10);
    assert.ok(signal.aborted, 'the connection is still open');
  }
});
