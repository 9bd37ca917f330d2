import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { openProvider } from '../../extension/src/node/providers/index.ts';
import type { Message } from '../../extension/src/protocol/message.ts';
import { ENCRYPTED } from '../support/model-server/responses-wire.ts';
import { ask, failure, HELLO, KEY, LIMITS, modelWorld, READ } from '../support/model-world.ts';

const PATHS = {
  openai: '/v1/chat/completions',
  responses: '/v1/responses',
  anthropic: '/v1/messages',
} as const;

const { server, play, madeCalls, lastRequest, deploymentOf, each } = modelWorld();

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

  for (const format of ['openai', 'responses'] as const)
    test(`${format}: arrives without loss but for the reasoning of another provider`, async () => {
      play({ text: 'ok' });
      await ask(await openProvider(deploymentOf(format), KEY), conversation, [READ]);
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

  test('responses: gives reasoning back to the server that it came from', async () => {
    play({ reasoning: 'Hm.', toolCalls: [{ id: 'a', name: 'files_read', arguments: {} }] });
    const provider = await openProvider(deploymentOf('responses'), KEY);
    const { message } = await ask(provider, HELLO, [READ]);
    const goesOn: readonly Message[] = [
      ...HELLO,
      message,
      { role: 'tool', callId: 'a', content: [{ type: 'text', text: '42' }], isError: false },
    ];
    play({ text: 'ok' });
    await ask(provider, goesOn, [READ]);
    const sent = lastRequest()?.messages.find(({ role }) => role === 'assistant');
    assert.deepEqual(sent?.role === 'assistant' && sent.content[0], {
      type: 'reasoning',
      text: 'Hm.',
      signature: ENCRYPTED,
    });

    for (const other of [
      deploymentOf('anthropic'),
      deploymentOf('openai'),
      deploymentOf('responses', { model: 'gpt-5' }),
      deploymentOf('responses', { baseUrl: server().url.replace('127.0.0.1', 'localhost') }),
    ]) {
      await ask(await openProvider(other, KEY), goesOn, [READ]);
      assert.ok(!JSON.stringify(lastRequest()?.body).includes(ENCRYPTED), other.id);
    }
  });

  test('responses: goes out again without a summary where the account may not have one', async () => {
    play((request) =>
      JSON.stringify(request.body).includes('"summary":"auto"')
        ? {
            fault: 'status',
            status: 400,
            body: { error: { message: 'Verify.', param: 'reasoning.summary', code: 'unsupported_value' } },
          }
        : { text: 'ok' },
    );
    const provider = await openProvider(deploymentOf('responses'), KEY);
    assert.equal((await ask(provider)).message.content.length, 1);
    assert.equal(madeCalls(), 2);
    // It is known from then on.
    await ask(provider);
    assert.equal(madeCalls(), 3);
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
      await ask(await openProvider(deploymentOf(format, { baseUrl: server().url + suffix }), KEY));
      assert.equal(lastRequest()?.path, PATHS[format]);
    });
  }

  each('goes to the right path with an address as documents show it', async (format) => {
    play({ text: 'ok' });
    await ask(await openProvider(deploymentOf(format, { baseUrl: server().url + PATHS[format] }), KEY));
    assert.equal(lastRequest()?.path, PATHS[format]);
  });

  each('is made without a word on the terminal, also for a model that grows old', async (_, provider) => {
    play({ text: 'ok' });
    const warned = mock.method(console, 'warn', () => undefined);
    try {
      await ask(provider);
      assert.deepEqual(
        warned.mock.calls.map((call) => call.arguments),
        [],
      );
    } finally {
      warned.mock.restore();
    }
  });

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
        deploymentOf(format, { keyName: 'none@elsewhere' }),
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
