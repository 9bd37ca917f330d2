import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { JsonObject } from '../../extension/src/base/json.ts';
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
  kind('401', status(401), 'auth', /401/);
  kind('403', status(403), 'auth', /403/);
  kind('404', status(404), 'bad-request', /404/);
  // `fetch` does not show the answer of a proxy that asks for a password of its own.
  kind('407', status(407), 'network', /no connection/);
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

describe('what compatible servers say', () => {
  function says(
    name: string,
    given: {
      readonly status: number;
      readonly body: JsonObject | readonly JsonObject[];
      readonly type?: string;
    },
    expected: string,
    message: RegExp,
    waitMs?: number,
  ): void {
    for (const format of ['openai', 'responses'] as const) {
      test(`${format}: ${name} → ${expected}`, async () => {
        const headers = { 'content-type': given.type ?? 'application/json' };
        play({ fault: 'status', status: given.status, body: JSON.stringify(given.body), headers });
        const error = await failure(ask(await openProvider(deploymentOf(format), KEY, LIMITS)));
        assert.equal(`${error.kind} ${error.status}`, `${expected} ${given.status}`, error.message);
        assert.match(error.message, message);
        assert.equal(error.retryAfterMs, waitMs);
      });
    }
  }

  says(
    'Gemini, a wrong key',
    {
      status: 400,
      body: [
        {
          error: {
            code: 400,
            message: 'API key not valid. Please pass a valid API key.',
            status: 'INVALID_ARGUMENT',
          },
        },
      ],
    },
    'auth',
    /API key not valid/,
  );
  says(
    'Gemini, a wait in the body',
    {
      status: 429,
      body: [
        {
          error: {
            code: 429,
            message: 'You exceeded your current quota.',
            status: 'RESOURCE_EXHAUSTED',
            details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '37s' }],
          },
        },
      ],
    },
    'rate-limit',
    /exceeded your current quota/,
    37_000,
  );
  says(
    'Groq, a request that never fits',
    {
      status: 413,
      body: {
        error: {
          message:
            'Request too large for model in organization on tokens per minute (TPM): Limit 30000, Requested 40000.',
          type: 'tokens',
          code: 'rate_limit_exceeded',
        },
      },
    },
    'context-length',
    /too long for the model.*Limit 30000/,
  );
  says(
    'Groq, a call that the model wrote wrong',
    {
      status: 400,
      body: {
        error: {
          message: 'Failed to call a function.',
          type: 'invalid_request_error',
          code: 'tool_use_failed',
          failed_generation: '<function',
        },
      },
    },
    'bad-response',
    /Failed to call/,
  );
  says('FastAPI, a wrong path', { status: 404, body: { detail: 'Not Found' } }, 'bad-request', /Not Found/);
  says(
    'FastAPI, a wrong body',
    { status: 422, body: { detail: [{ loc: ['body', 'store'], msg: 'extra fields not permitted' }] } },
    'bad-request',
    /extra fields not permitted/,
  );
  says(
    'vLLM, a prompt that is too long',
    {
      status: 400,
      body: { object: 'error', message: "This model's maximum context length is 4096 tokens.", code: 400 },
    },
    'context-length',
    /maximum context length/,
  );
  says(
    'an error that is a text',
    { status: 500, body: { error: 'model crashed' } },
    'overloaded',
    /model crashed/,
  );
  says('JSON that says nothing', { status: 500, body: {} }, 'overloaded', /500/);

  test('a model that answers by responses alone: what to write', async () => {
    play({
      fault: 'status',
      status: 404,
      body: {
        error: {
          message: 'This model is only supported in v1/responses and not in v1/chat/completions.',
          code: null,
        },
      },
    });
    const error = await failure(ask(await openProvider(deploymentOf('openai'), KEY, LIMITS)));
    assert.match(error.action, /"api": "responses"/);
  });

  for (const [code, kind] of [
    [429, 'rate-limit'],
    [402, 'auth'],
    [502, 'overloaded'],
  ] as const) {
    test(`an error ${code} of the server behind, within the stream → ${kind}`, async () => {
      play(
        serving(
          `data: ${JSON.stringify({ error: { code, message: 'Provider said no.' }, choices: [] })}\n\n`,
        ),
      );
      const error = await failure(ask(await openProvider(deploymentOf('openai'), KEY, LIMITS)));
      assert.equal(error.kind, kind);
      assert.match(error.message, /Provider said no/);
    });
  }

  test('responses: a response that failed', async () => {
    const failed = {
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Slow down.' } },
    };
    play(serving(`event: response.failed\ndata: ${JSON.stringify(failed)}\n\n`));
    const error = await failure(ask(await openProvider(deploymentOf('responses'), KEY, LIMITS)));
    assert.equal(error.kind, 'rate-limit');
    assert.match(error.message, /Slow down/);
  });

  /** A stream as it is written here. */
  function serving(text: string): Fault {
    return { fault: 'status', status: 200, body: text, headers: { 'content-type': 'text/event-stream' } };
  }
});
