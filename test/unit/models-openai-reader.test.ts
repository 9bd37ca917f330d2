import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { toAnthropic } from '../../extension/src/node/providers/anthropic/request.ts';
import { createOpenAIReader } from '../../extension/src/node/providers/openai/read.ts';
import { toOpenAI } from '../../extension/src/node/providers/openai/request.ts';
import { settingsOf } from '../../extension/src/node/providers/openai/settings.ts';

const OWNER = { origin: 'https://a.example', model: 'x' };

interface Piece {
  readonly index?: number;
  readonly id?: string | null;
  readonly extra_content?: unknown;
  readonly function?: { readonly name?: string | null; readonly arguments?: unknown };
}

/** What compatible servers send instead of OpenAI's own pieces of tool calls, one list of pieces a chunk. */
function calls(name: string, chunks: readonly (readonly Piece[])[], expected: readonly string[]): void {
  test(name, () => {
    const call = { messages: [], tools: [], signal: new AbortController().signal, onText: () => undefined };
    const reader = createOpenAIReader(call, OWNER);
    for (const tool_calls of chunks) reader.read({ choices: [{ delta: { tool_calls } }] });
    reader.read({ choices: [{ delta: {}, finish_reason: 'stop' }] });
    const { message, stop } = reader.reply();
    assert.equal(stop, 'tool-calls');
    assert.deepEqual(
      message.content.map((part) =>
        part.type === 'tool-call'
          ? `${part.callId} ${part.tool} ${JSON.stringify(part.arguments)}`
          : part.type,
      ),
      expected,
    );
  });
}

const begin = (
  index: number | undefined,
  id: string | undefined,
  name: string,
  args: unknown = '',
): Piece => ({
  ...(index === undefined ? {} : { index }),
  ...(id === undefined ? {} : { id }),
  function: { name, arguments: args },
});
const more = (index: number | undefined, args: string): Piece => ({
  ...(index === undefined ? {} : { index }),
  function: { arguments: args },
});

calls(
  'OpenAI’s own',
  [[begin(0, 'a', 't')], [more(0, '{"n":')], [more(0, '1}')], [begin(1, 'b', 't')], [more(1, '{}')]],
  ['a t {"n":1}', 'b t {}'],
);
calls(
  'pieces of two calls in turn',
  [
    [begin(0, 'a', 't'), begin(1, 'b', 't')],
    [more(0, '{"n":')],
    [more(1, '{"m":')],
    [more(0, '1}')],
    [more(1, '2}')],
  ],
  ['a t {"n":1}', 'b t {"m":2}'],
);
calls(
  'every call has the index 0',
  [[begin(0, 'a', 't', '{}')], [begin(0, 'b', 'u', '{"n":')], [more(0, '1}')]],
  ['a t {}', 'b u {"n":1}'],
);
calls(
  'no index',
  [[begin(undefined, 'a', 't', '{"n":')], [more(undefined, '1}')], [begin(undefined, 'b', 'u', '{}')]],
  ['a t {"n":1}', 'b u {}'],
);
calls(
  'neither index nor id',
  [[begin(undefined, undefined, 't', '{}'), begin(undefined, undefined, 'u', '{}')]],
  ['call_1 t {}', 'call_2 u {}'],
);
calls(
  'id and name in every piece',
  [[begin(0, 'a', 't', '{"n":')], [begin(0, 'a', 't', '1}')]],
  ['a t {"n":1}'],
);
calls('the same id twice', [[begin(0, 'a', 't', '{}')], [begin(1, 'a', 't', '{}')]], ['a t {}', 'a_2 t {}']);
calls('arguments as an object', [[begin(0, 'a', 't', { n: 1 })]], ['a t {"n":1}']);
calls(
  'null where text belongs',
  [
    [
      { index: 0, id: 'a', function: { name: 't', arguments: null } },
      { index: 0, id: null, function: { name: null, arguments: '{}' } },
    ],
  ],
  ['a t {}'],
);

for (const odd of [
  {},
  { choices: null },
  { choices: [] },
  { choices: [null] },
  { choices: [{ delta: 'x' }] },
  { choices: [{ delta: { tool_calls: 7 } }] },
]) {
  test(`a chunk like ${JSON.stringify(odd)} is passed over`, () => {
    const call = { messages: [], tools: [], signal: new AbortController().signal, onText: () => undefined };
    const reader = createOpenAIReader(call, OWNER);
    assert.equal(reader.read(odd), false);
    assert.equal(reader.ended(), false);
    assert.throws(() => reader.reply(), /the answer was empty/);
  });
}

test('what the server put beside a tool call stands there in the next request, and nowhere else', () => {
  const call = { messages: [], tools: [], signal: new AbortController().signal, onText: () => undefined };
  const reader = createOpenAIReader(call, OWNER);
  const extra = { google: { thought_signature: 'CoQB|x==' } };
  const tool_calls: Piece[] = [
    { ...begin(0, 'a', 't', '{}'), extra_content: extra },
    begin(1, 'b', 't', '{}'),
  ];
  reader.read({ choices: [{ delta: { tool_calls } }] });
  reader.read({ choices: [{ delta: {}, finish_reason: 'stop' }] });
  const { message } = reader.reply();

  const extrasFor = (owner: typeof OWNER): readonly unknown[] => {
    const settings = settingsOf(call, owner.model, false, new WeakMap());
    const next = { ...call, messages: [message] };
    const body = toOpenAI(next, { official: false, owner, ...settings }, new WeakMap());
    const sent = z
      .object({ messages: z.tuple([z.object({ tool_calls: z.array(z.record(z.string(), z.unknown())) })]) })
      .parse(JSON.parse(body));
    return sent.messages[0].tool_calls.map((one) => one.extra_content);
  };
  assert.deepEqual(extrasFor(OWNER), [extra, undefined]);
  assert.deepEqual(extrasFor({ ...OWNER, model: 'y' }), [undefined, undefined]);
  assert.deepEqual(extrasFor({ ...OWNER, origin: 'https://b.example' }), [undefined, undefined]);

  const toClaude = toAnthropic(
    { ...call, messages: [message] },
    { id: 'c', provider: 'anthropic', model: 'claude-opus-4-6' },
  );
  assert.doesNotMatch(JSON.stringify(toClaude), /thinking|CoQB/);
});
