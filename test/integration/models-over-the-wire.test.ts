import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createEnvironmentKeys,
  createHealth,
  createRouter,
  orderedRoute,
  readRouteConfig,
  resolveRoutes,
  type Deployment,
  type Environment,
} from '../../extension/src/core/models/index.ts';
import {
  createModels,
  createPrices,
  openProvider,
  probeOllama,
  probeOllamaEmbedders,
} from '../../extension/src/node/providers/index.ts';
import { textOf, toolCallsOf, type Message } from '../../extension/src/protocol/message.ts';
import { asAgent, startModelServer, type Fault, type ScriptedReply } from '../support/model-server/index.ts';
import { failure, HELLO, KEY, LIMITS, modelWorld, READ, SHORT_SILENCE } from '../support/model-world.ts';

const { server, play, madeCalls, deploymentOf } = modelWorld();

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

  const both = () => [deploymentOf('openai'), deploymentOf('anthropic', { baseUrl: `${server().url}/v1` })];

  /** The first deployment (openai) always fails so; the second (anthropic) answers. */
  function fallsBack(name: string, fault: Fault, tries: number, waited: readonly number[]): void {
    test(`falls back after ${name}`, async () => {
      play((request) => (request.format === 'openai' ? fault : { text: 'second' }));
      const { chat, notes, waits } = routed(both());
      const reply = await chat();
      assert.equal(reply.deployment, 'anthropic/claude-sonnet-4-5');
      // What came before a stream broke off is kept.
      const text = textOf(reply.message);
      assert.ok(text.endsWith('second') && HALF.startsWith(text.slice(0, -'second'.length)), text);
      assert.equal(madeCalls(), tries + 1);
      assert.deepEqual(waits, waited);
      assert.match(notes.join('\n'), /falling back to anthropic\/claude-sonnet-4-5/);
    });
  }
  const HALF = 'only half of this will ever arrive';
  const half: ScriptedReply = { text: HALF };

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
    assert.match(error.action, /valid.*Strata: Set API Key.*in the environment variable OPENAI_API_KEY/);
  });

  test('a refused key of its own: which one to set', async () => {
    play({ fault: 'status', status: 401 });
    const error = await failure(
      routed([deploymentOf('openai', { keyName: 'work@http://127.0.0.1' })]).chat(),
    );
    assert.match(error.action, /for http:\/\/127\.0\.0\.1, or set STRATA_KEY_WORK together with/);
  });

  test('a server that wants a key where there is none: how to give it one', async () => {
    play({ fault: 'status', status: 401 });
    const { keyName, ...without } = deploymentOf('openai');
    assert.ok(keyName);
    const error = await failure(routed([without]).chat());
    assert.match(error.action, /asked without a key.*"keyName"/);
  });

  test('a model or an address that is not there: what to check', async () => {
    play({ fault: 'status', status: 404 });
    const error = await failure(routed([deploymentOf('openai')]).chat());
    assert.match(error.action, /model name.*end in \/v1/);
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
      (await routed([deploymentOf('openai', { keyName: `work@${server().url}` })]).chat()).cost,
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
  const mine = () => ({ provider: 'openai', model: 'mine', baseUrl: server().url, keyName: 'work' });

  test('a key and an address', async () => {
    play({ text: 'ok' });
    const env = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: server().url };
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
    const env = { STRATA_KEY_WORK: KEY, STRATA_KEY_WORK_URL: server().url };
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
    const error = await failure(chatWith({ OPENAI_API_KEY: `${KEY}\n`, OPENAI_BASE_URL: server().url }));
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
    assert.deepEqual(await probeOllama({ OLLAMA_HOST: server().url }), {
      baseUrl: server().url,
      models: [
        { name: 'gemma3:4b', tools: false },
        { name: 'qwen3:8b', tools: true },
      ],
    });
  });

  test('is asked which of its models embed', async () => {
    const found = await probeOllamaEmbedders({ OLLAMA_HOST: server().url });
    assert.equal(found?.baseUrl, server().url);
    assert.ok(
      found.embedders.length > 0 && found.embedders.every((name) => /embed/.test(name)),
      String(found.embedders),
    );
    assert.equal(await probeOllamaEmbedders({ OLLAMA_HOST: 'http://127.0.0.1:9' }), undefined);
  });

  test('that does not answer, or is something else, is none', async () => {
    const other = await startModelServer(() => ({ text: 'x' }));
    assert.equal(await probeOllama({ OLLAMA_HOST: other.url }), undefined);
    await other.close();
    assert.equal(await probeOllama({ OLLAMA_HOST: other.url }), undefined);
    assert.equal(await probeOllama({ OLLAMA_HOST: 'no such host at all' }), undefined);
  });
});
