import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import {
  createEnvironmentKeys,
  createHealth,
  createRouter,
  orderedRoute,
  isModelError,
  readRouteConfig,
  resolveRoutes,
  type ChatReply,
  type Deployment,
  type Environment,
  type ModelError,
  type Provider,
} from '../../extension/src/core/models/index.ts';
import { createDemoProvider } from '../../extension/src/core/models/demo/demo-provider.ts';
import {
  type StreamLimits,
  createModels,
  createPrices,
  openProvider,
  probeOllama,
} from '../../extension/src/node/providers/index.ts';
import { toolCallsOf, type Message, type ToolDefinition } from '../../extension/src/protocol/message.ts';
import {
  asAgent,
  servingProvider,
  startModelServer,
  type Fault,
  type ModelServer,
  type Script,
  type ScriptedReply,
  type WireFormat,
} from '../support/model-server/index.ts';

const FORMATS: readonly WireFormat[] = ['openai', 'anthropic'];
const KEY = 'sk-test-0123456789abcdef';
/** Far beyond what a busy machine needs, so that only the tests of stalls see one. */
const LIMITS: StreamLimits = { firstEventMs: 20_000, nextEventMs: 20_000 };
const SHORT_SILENCE: StreamLimits = { firstEventMs: 20_000, nextEventMs: 800 };
const HELLO: readonly Message[] = [
  { role: 'system', text: 'Be brief.' },
  { role: 'user', content: [{ type: 'text', text: 'Hello?' }] },
];
const READ: ToolDefinition = {
  name: 'files_read',
  description: 'Reads a file.',
  inputSchema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
};

/** One server for the file; each test gives it the script for its own calls. */
let server: ModelServer;
let script: Script = () => ({ text: 'unset' });
let callsBefore = 0;
before(async () => {
  server = await startModelServer((request, call) => script(request, call - callsBefore), {
    key: KEY,
    ollama: {
      'nomic-embed-text': ['embedding'],
      'gemma3:4b': ['completion'],
      'qwen3:8b': ['completion', 'tools'],
    },
  });
});
after(() => server.close());

function play(next: Script | ScriptedReply | Fault): void {
  callsBefore = server.requests.length;
  script = typeof next === 'function' ? next : () => next;
}

const madeCalls = (): number => server.requests.length - callsBefore;
const lastRequest = () => server.requests.at(-1);

function deploymentOf(provider: WireFormat, changes: Partial<Deployment> = {}): Deployment {
  const model = provider === 'openai' ? 'gpt-5' : 'claude-sonnet-4-5';
  return {
    id: `${provider}/${model}`,
    provider,
    model,
    baseUrl: server.url,
    keyName: 'env:OPENAI_API_KEY',
    ...changes,
  };
}

async function ask(
  provider: Provider,
  messages: readonly Message[] = HELLO,
  tools: readonly ToolDefinition[] = [],
  signal = new AbortController().signal,
): Promise<ChatReply & { readonly pieces: readonly string[] }> {
  const pieces: string[] = [];
  const reply = await provider.chat({ messages, tools, signal, onText: (text) => pieces.push(text) });
  return { ...reply, pieces };
}

async function failure(work: Promise<unknown>): Promise<ModelError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(isModelError(error), `expected a ModelError, got ${String(error)}`);
  assert.doesNotMatch(
    `${error.message} ${error.action} ${String(error.cause)}`,
    /0123456789abcdef/,
    'the key shows',
  );
  return error;
}

function each(
  name: string,
  run: (format: WireFormat, provider: Provider) => Promise<void>,
  limits = LIMITS,
): void {
  for (const format of FORMATS) {
    test(`${format}: ${name}`, async () =>
      run(format, await openProvider(deploymentOf(format), KEY, limits)));
  }
}

describe('an answer', () => {
  each('streams text and tells the usage', async (_, provider) => {
    play({
      text: 'Grüße aus 東京 — 👋🏽!',
      usage: { input: 100, output: 7, cacheRead: 60 },
      wire: { pieceLength: 3, delayMs: 20 },
    });
    const reply = await ask(provider);
    assert.deepEqual(reply.message.content, [{ type: 'text', text: 'Grüße aus 東京 — 👋🏽!' }]);
    assert.equal(reply.pieces.join(''), 'Grüße aus 東京 — 👋🏽!');
    assert.ok(reply.pieces.length > 1);
    assert.equal(reply.stop, 'end');
    assert.deepEqual([reply.usage?.input, reply.usage?.output, reply.usage?.cacheRead], [100, 7, 60]);
  });

  each('survives CRLF, comments, split characters and a missing [DONE]', async (_, provider) => {
    play({ text: 'Grüße 👋🏽', wire: { newline: '\r\n', comments: true, byteByByte: true, noDone: true } });
    assert.deepEqual((await ask(provider)).message.content, [{ type: 'text', text: 'Grüße 👋🏽' }]);
  });

  each('asks for tools in parallel', async (_, provider) => {
    play({
      text: 'Looking.',
      toolCalls: [
        { id: 'one', name: 'files_read', arguments: { path: 'ä.txt', lines: [1, 2] } },
        { id: 'two', name: 'files_read', arguments: {} },
      ],
      wire: { pieceLength: 2 },
    });
    const reply = await ask(provider, HELLO, [READ]);
    assert.equal(reply.stop, 'tool-calls');
    assert.deepEqual(toolCallsOf(reply.message), [
      { type: 'tool-call', callId: 'one', tool: 'files_read', arguments: { path: 'ä.txt', lines: [1, 2] } },
      { type: 'tool-call', callId: 'two', tool: 'files_read', arguments: {} },
    ]);
  });

  each('repairs ids that were used before', async (_, provider) => {
    const call = { id: 'same', name: 'files_read', arguments: {} };
    play({ toolCalls: [call, call] });
    assert.deepEqual(
      toolCallsOf((await ask(provider)).message).map(({ callId }) => callId),
      ['same', 'same_2'],
    );
  });

  each('keeps reasoning apart from text', async (format, provider) => {
    play({ reasoning: 'Hm, let me think about it.', text: 'Yes.' });
    const signed = format === 'anthropic' ? { signature: 'c2lnbmF0dXJl' } : {};
    const reply = await ask(provider);
    assert.deepEqual(reply.message.content, [
      { type: 'reasoning', text: 'Hm, let me think about it.', ...signed },
      { type: 'text', text: 'Yes.' },
    ]);
    assert.equal(reply.pieces.join(''), 'Yes.');
  });

  each('that ends at the limit says so', async (_, provider) => {
    play({ text: 'And then', stop: 'length' });
    assert.equal((await ask(provider)).stop, 'length');
  });

  each(
    'that is slow but steady does not count as stalled',
    async (_, provider) => {
      // The pieces take longer together than the limit on one silence.
      play({ text: 'x'.repeat(20), wire: { pieceLength: 1, delayMs: 60 } });
      assert.equal((await ask(provider)).pieces.join(''), 'x'.repeat(20));
    },
    SHORT_SILENCE,
  );

  each('of a provider of this process comes over the wire as it is', async (_, provider) => {
    const demo = createDemoProvider();
    play(servingProvider(demo));
    const direct = await ask(demo, HELLO, [READ]);
    const served = await ask(provider, HELLO, [READ]);
    assert.deepEqual(served.message, direct.message);
    assert.deepEqual([served.stop, served.model], [direct.stop, direct.model]);
  });

  each('without usage has none', async (_, provider) => {
    play({ text: 'Hi', usage: 'none' });
    assert.equal((await ask(provider)).usage, undefined);
  });
});

describe('a request', () => {
  const signature = 'c2lnbmF0dXJl';
  const picture = { type: 'image', mimeType: 'image/png', data: 'iVBORw0KGgo=' } as const;
  const asked = (callId: string) =>
    ({ type: 'tool-call', callId, tool: 'files_read', arguments: { path: callId } }) as const;
  const conversation: readonly Message[] = [
    { role: 'system', text: 'Be brief.' },
    { role: 'user', content: [{ type: 'text', text: 'What is it?' }, picture] },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Hm.', signature },
        { type: 'text', text: 'Let me look.' },
        asked('a'),
        asked('b'),
      ],
    },
    { role: 'tool', callId: 'a', content: [{ type: 'text', text: 'one' }], isError: false },
    { role: 'tool', callId: 'b', content: [{ type: 'text', text: 'refused' }], isError: true },
    { role: 'user', content: [{ type: 'text', text: 'And now?' }] },
  ];

  test('anthropic: arrives without loss', async () => {
    play({ text: 'ok' });
    await ask(await openProvider(deploymentOf('anthropic'), KEY), conversation, [READ]);
    assert.deepEqual(lastRequest()?.messages, conversation);
    assert.deepEqual(lastRequest()?.tools, [READ]);
  });

  test('openai: arrives without loss but for the reasoning, which has no place there', async () => {
    play({ text: 'ok' });
    await ask(await openProvider(deploymentOf('openai'), KEY), conversation, [READ]);
    const expected = conversation.map((message): Message => {
      if (message.role === 'assistant')
        return { ...message, content: message.content.filter(({ type }) => type !== 'reasoning') };
      return message.role === 'tool' && message.isError
        ? { ...message, content: [{ type: 'text', text: 'Error: refused' }] }
        : message;
    });
    assert.deepEqual(lastRequest()?.messages, expected);
    assert.deepEqual(lastRequest()?.tools, [READ]);
  });

  each('carries the image of a tool result', async (_, provider) => {
    play({ text: 'ok' });
    const result: Message = { role: 'tool', callId: 'a', content: [picture], isError: false };
    await ask(provider, [...HELLO, { role: 'assistant', content: [asked('a')] }, result]);
    assert.ok(JSON.stringify(lastRequest()?.messages).includes(picture.data));
  });

  test('anthropic: marks tools, system and the last message for the cache', async () => {
    play({ text: 'ok' });
    await ask(await openProvider(deploymentOf('anthropic'), KEY), conversation, [READ]);
    const { system, tools, messages } = lastRequest()?.body ?? {};
    for (const part of [system, tools, messages]) {
      assert.equal(JSON.stringify(part).split('"cache_control":{"type":"ephemeral"}').length, 2);
    }
  });

  for (const suffix of ['', '/', '/v1', '/v1/']) {
    each(`goes to the right path with a base URL that ends in “${suffix}”`, async (format) => {
      play({ text: 'ok' });
      await ask(await openProvider(deploymentOf(format, { baseUrl: server.url + suffix }), KEY));
      assert.equal(lastRequest()?.path, format === 'openai' ? '/v1/chat/completions' : '/v1/messages');
    });
  }

  each('without a key sends none, nor what the environment holds for others', async (format) => {
    play({ text: 'ok' });
    const held = {
      OPENAI_API_KEY: 'leak-1',
      OPENAI_ORG_ID: 'leak-2',
      OPENAI_ADMIN_KEY: 'leak-3',
      OPENAI_CUSTOM_HEADERS: 'X-Gate: leak-4',
      ANTHROPIC_API_KEY: 'leak-5',
      ANTHROPIC_AUTH_TOKEN: 'leak-6',
      ANTHROPIC_CUSTOM_HEADERS: 'X-Gate: leak-7',
    };
    const saved = Object.keys(held).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, held);
    try {
      const provider = await openProvider(
        { id: 'x', provider: format, model: 'x', baseUrl: server.url },
        undefined,
        LIMITS,
      );
      await failure(ask(provider));
    } finally {
      for (const [name, value] of saved) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    }
    const headers = lastRequest()?.headers ?? {};
    assert.doesNotMatch(JSON.stringify(headers), /leak/);
    assert.deepEqual([headers.authorization, headers['x-api-key']], [undefined, undefined]);
  });
});

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

describe('a route', () => {
  /** Two deployments on one server; a key of `undefined` is a wrong one. */
  function routed(deployments: readonly Deployment[], key: string = KEY) {
    const notes: string[] = [];
    const waits: number[] = [];
    const router = createRouter({
      routes: new Map([['code', orderedRoute('code', deployments)]]),
      openProvider: (deployment) => openProvider(deployment, key, SHORT_SILENCE),
      prices: createPrices(),
      health: createHealth(Date.now),
      clock: () => performance.now(),
      now: Date.now,
      random: () => 0,
      sleep: async (ms, signal) => {
        if (ms < 60_000) waits.push(ms);
        // Waits between attempts are recorded, not spent; the limit on an attempt never passes here.
        else
          await new Promise<void>((resolve) =>
            signal.addEventListener('abort', () => resolve(), { once: true }),
          );
      },
    });
    const chat = (messages = HELLO) =>
      router.chat({
        route: 'code',
        messages,
        tools: [READ],
        signal: new AbortController().signal,
        onText: () => undefined,
        onNote: (_, text) => notes.push(text),
      });
    return { chat, notes, waits };
  }

  const both = () => [deploymentOf('openai'), deploymentOf('anthropic', { baseUrl: `${server.url}/v1` })];

  /** The first deployment (openai) always fails so; the second (anthropic) answers. */
  function fallsBack(name: string, fault: Fault, tries: number, waited: readonly number[]): void {
    test(`falls back after ${name}`, async () => {
      play((request) => (request.format === 'openai' ? fault : { text: 'second' }));
      const { chat, notes, waits } = routed(both());
      const reply = await chat();
      assert.equal(reply.deployment, 'anthropic/claude-sonnet-4-5');
      assert.deepEqual(reply.message.content, [{ type: 'text', text: 'second' }]);
      assert.equal(madeCalls(), tries + 1);
      assert.deepEqual(waits, waited);
      assert.match(notes.join('\n'), /falling back to anthropic\/claude-sonnet-4-5/);
    });
  }
  const half: ScriptedReply = { text: 'only half of this will ever arrive' };

  fallsBack('500', { fault: 'status', status: 500 }, 2, [0]);
  fallsBack(
    '429 with a short Retry-After',
    { fault: 'status', status: 429, headers: { 'retry-after': '2' } },
    2,
    [2_000],
  );
  fallsBack(
    '429 with a long Retry-After',
    { fault: 'status', status: 429, headers: { 'retry-after': '40' } },
    1,
    [],
  );
  fallsBack('a cut stream', { fault: 'cut', reply: half, afterEvents: 3 }, 2, [0]);
  fallsBack('garbage', { fault: 'garbage' }, 2, [0]);
  fallsBack('a stall', { fault: 'stall', reply: half, afterEvents: 3 }, 1, []);
  fallsBack('401', { fault: 'status', status: 401 }, 1, []);

  test('a wrong key: one clear message naming what to do, and not the key', async () => {
    play({ text: 'never' });
    const wrong = 'sk-wrong-0123456789abcdef';
    const error = await failure(routed([deploymentOf('openai'), deploymentOf('anthropic')], wrong).chat());
    assert.equal(error.kind, 'auth');
    assert.equal(
      error.message,
      'No model of the route “code” could answer. ' +
        'openai/gpt-5: the server refused the key or the account (401): Incorrect API key provided: [key]; ' +
        'anthropic/claude-sonnet-4-5: the server refused the key or the account (401): Incorrect API key provided: [key].',
    );
    assert.match(error.action, /Strata: Set API Key.*ANTHROPIC_API_KEY or OPENAI_API_KEY/);
  });

  test('cost: OpenAI, with cached tokens', async () => {
    play({ text: 'ok', usage: { input: 10_000, output: 500, cacheRead: 8_000 } });
    const reply = await routed([deploymentOf('openai')]).chat();
    // gpt-5, per million: input $1.25, cached $0.125, output $10; at a gateway of the environment's the price is a likely one.
    assert.deepEqual(reply.cost, { kind: 'estimated', usd: (2_000 * 1.25 + 8_000 * 0.125 + 500 * 10) / 1e6 });
  });

  test('cost: Anthropic, with tokens read from and written to the cache', async () => {
    play({ text: 'ok', usage: { input: 10_000, output: 500, cacheRead: 6_000, cacheWrite: 3_000 } });
    const { cost, usage } = await routed([deploymentOf('anthropic')]).chat();
    assert.deepEqual(usage, { input: 10_000, output: 500, cacheRead: 6_000, cacheWrite: 3_000 });
    // claude-sonnet-4-5, per million: input $3, read $0.30, written $3.75, output $15.
    assert.ok('usd' in cost);
    assert.ok(Math.abs(cost.usd - (1_000 * 3 + 6_000 * 0.3 + 3_000 * 3.75 + 500 * 15) / 1e6) < 1e-12);
  });

  test('cost: an unknown address has no price', async () => {
    play({ text: 'ok' });
    assert.deepEqual(
      (await routed([deploymentOf('openai', { keyName: `work@${server.url}` })]).chat()).cost,
      { kind: 'unknown' },
    );
  });

  test('an agent that decides by the conversation goes on at the other provider', async () => {
    const agent = asAgent((messages, tools) => {
      const last = messages.at(-1);
      if (last?.role !== 'tool')
        return { toolCalls: [{ name: tools[0]?.name ?? '', arguments: { path: 'a.txt' } }] };
      return {
        text: `It says ${last.content.map((part) => (part.type === 'text' ? part.text : '')).join('')}.`,
      };
    });
    play((request, call) =>
      request.format === 'openai' && call > 1 ? { fault: 'status', status: 500 } : agent(request, call),
    );
    const { chat } = routed(both());
    const first = await chat();
    assert.equal(first.deployment, 'openai/gpt-5');
    const [call] = toolCallsOf(first.message);
    assert.ok(call);
    const result: Message = {
      role: 'tool',
      callId: call.callId,
      content: [{ type: 'text', text: '42' }],
      isError: false,
    };
    const second = await chat([...HELLO, first.message, result]);
    assert.equal(second.deployment, 'anthropic/claude-sonnet-4-5');
    assert.deepEqual(second.message.content, [{ type: 'text', text: 'It says 42.' }]);
  });
});

describe('from the environment to the answer', () => {
  async function chatWith(env: Environment, config?: unknown): Promise<string> {
    const keys = createEnvironmentKeys(env);
    const resolved = await resolveRoutes({
      config:
        config === undefined
          ? undefined
          : await readRouteConfig(JSON.stringify(config), '.strata/models.jsonc'),
      keys,
      env,
      probeOllama: () => probeOllama(env),
    });
    const models = createModels({
      routes: resolved.routes,
      keys,
      env,
      openDemo: () => assert.fail('the demo model was opened'),
      limits: LIMITS,
    });
    const reply = await models.chat({
      route: 'code',
      messages: HELLO,
      tools: [],
      signal: new AbortController().signal,
      onText: () => undefined,
      onNote: () => undefined,
    });
    return `${reply.deployment}: ${reply.cost.kind}`;
  }
  const configured = (deployment: unknown) => ({ routes: { code: [deployment] } });
  const mine = () => ({ provider: 'openai', model: 'mine', baseUrl: server.url, keyName: 'work' });

  test('a key and an address', async () => {
    play({ text: 'ok' });
    const env = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: server.url };
    assert.equal(await chatWith(env), 'anthropic/claude-sonnet-4-6: estimated');
  });

  test('an Ollama with a model', async () => {
    const ollama = await startModelServer(() => ({ text: 'ok' }), {
      ollama: { 'qwen3:8b': ['completion', 'tools'] },
    });
    try {
      assert.equal(await chatWith({ OLLAMA_HOST: ollama.url }), 'ollama/qwen3:8b: free');
      assert.equal(ollama.requests[0]?.headers.authorization, undefined);
    } finally {
      await ollama.close();
    }
  });

  test('a named key for its own address', async () => {
    play({ text: 'ok' });
    const env = { STRATA_KEY_WORK: KEY, STRATA_KEY_WORK_URL: server.url };
    assert.match(await chatWith(env, configured(mine())), /^openai\/mine at .* \(key work\): unknown$/);
  });

  test('a named key is not sent to another address', async () => {
    play({ text: 'never' });
    const env = {
      STRATA_KEY_WORK: KEY,
      STRATA_KEY_WORK_URL: 'https://elsewhere.example',
      OPENAI_API_KEY: KEY,
    };
    const error = await failure(chatWith(env, configured(mine())));
    assert.equal(error.kind, 'auth');
    assert.match(error.message, /There is no key for openai\/mine/);
    assert.match(error.action, /STRATA_KEY_WORK_URL=http:/);
    assert.equal(madeCalls(), 0);
  });

  test('no key: what to set, and no call', async () => {
    const error = await failure(chatWith({}, configured('anthropic/claude-sonnet-4-5')));
    assert.equal(
      error.message,
      'No model of the route “code” could answer. anthropic/claude-sonnet-4-5: There is no key for anthropic/claude-sonnet-4-5.',
    );
    assert.match(error.action, /Strata: Set API Key.*ANTHROPIC_API_KEY/);
  });

  test('a key with a line break', async () => {
    const error = await failure(chatWith({ OPENAI_API_KEY: `${KEY}\n`, OPENAI_BASE_URL: server.url }));
    assert.match(error.message, /The key in OPENAI_API_KEY has a line break in it/);
  });

  for (const [address, said] of [
    ['not an address', /OPENAI_BASE_URL is no http or https address/],
    ['http://me:0123456789abcdef@h/v1', /OPENAI_BASE_URL holds a user name or a password/],
  ] as const) {
    test(`a wrong address: ${address}`, async () => {
      const error = await failure(chatWith({ OPENAI_API_KEY: KEY, OPENAI_BASE_URL: address }));
      assert.equal(error.kind, 'bad-request');
      assert.match(error.message, said);
    });
  }
});

describe('Ollama', () => {
  test('is asked what it has; a model that only embeds is left out', async () => {
    assert.deepEqual(await probeOllama({ OLLAMA_HOST: server.url }), {
      baseUrl: server.url,
      models: [
        { name: 'gemma3:4b', tools: false },
        { name: 'qwen3:8b', tools: true },
      ],
    });
  });

  test('that does not answer, or is something else, is none', async () => {
    const other = await startModelServer(() => ({ text: 'x' }));
    assert.equal(await probeOllama({ OLLAMA_HOST: other.url }), undefined);
    await other.close();
    assert.equal(await probeOllama({ OLLAMA_HOST: other.url }), undefined);
    assert.equal(await probeOllama({ OLLAMA_HOST: 'no such host at all' }), undefined);
  });
});
