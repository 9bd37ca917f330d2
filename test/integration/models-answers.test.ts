import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { createDemoProvider } from '../../extension/src/core/models/demo/demo-provider.ts';
import { toolCallsOf } from '../../extension/src/protocol/message.ts';
import { servingProvider } from '../support/model-server/index.ts';
import { ENCRYPTED } from '../support/model-server/responses-wire.ts';
import { ask, failure, HELLO, modelWorld, READ, SHORT_SILENCE } from '../support/model-world.ts';

const { server, play, lastRequest, each } = modelWorld();

const DONE_SCHEMA = {
  type: 'object',
  properties: { done: { type: 'boolean' } },
  required: ['done'],
  additionalProperties: false,
} as const;

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
    const signatures = {
      openai: undefined,
      responses: `openai-responses|${server().url}|gpt-5.3-codex|${ENCRYPTED}`,
      anthropic: 'c2lnbmF0dXJl',
    };
    const signature = signatures[format];
    const signed = signature === undefined ? {} : { signature };
    const reply = await ask(provider);
    assert.deepEqual(reply.message.content, [
      { type: 'reasoning', text: 'Hm, let me think about it.', ...signed },
      { type: 'text', text: 'Yes.' },
    ]);
    assert.equal(reply.pieces.join(''), 'Yes.');
    assert.equal(reply.thoughts.join(''), 'Hm, let me think about it.');
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

  for (const [how, text] of [
    ['as it is', '{"done": true}'],
    ['in a fence', '```json\n{"done": true}\n```'],
  ] as const) {
    each(`in JSON, ${how}`, async (_, provider) => {
      play({ text });
      const reply = await ask(provider, HELLO, [], { responseSchema: { name: 'end', schema: DONE_SCHEMA } });
      assert.deepEqual(reply.message.content, [{ type: 'text', text: '{"done": true}' }]);
    });
  }

  each('that should be JSON and is none → bad-response', async (_, provider) => {
    play({ text: 'It is done.' });
    const more = { responseSchema: { name: 'end', schema: DONE_SCHEMA } };
    const error = await failure(ask(provider, HELLO, [], more));
    assert.equal(error.kind, 'bad-response');
    assert.match(error.message, /not the JSON/);
  });

  each('whose JSON was cut off says so', async (_, provider) => {
    play({ text: '{"done": tr', stop: 'length' });
    const more = { responseSchema: { name: 'end', schema: DONE_SCHEMA } };
    assert.match((await failure(ask(provider, HELLO, [], more))).message, /cut off by the limit/);
  });

  each('may ask for tools first where JSON is wanted', async (_, provider) => {
    play({ text: 'Looking.', toolCalls: [{ id: 'one', name: 'files_read', arguments: {} }] });
    const more = { responseSchema: { name: 'end', schema: DONE_SCHEMA } };
    assert.equal((await ask(provider, HELLO, [READ], more)).stop, 'tool-calls');
  });

  each('comes in one piece where nobody else is told of its reasoning', async (_, provider) => {
    play({ reasoning: 'Hm.', text: 'Yes.' });
    const told: string[] = [];
    const { message } = await provider.chat({
      messages: HELLO,
      tools: [],
      signal: new AbortController().signal,
      onText: (text) => told.push(text),
    });
    assert.deepEqual(
      message.content.map(({ type }) => type),
      ['reasoning', 'text'],
    );
    assert.equal(told.join(''), 'Yes.');
    assert.ok(lastRequest());
  });
});
