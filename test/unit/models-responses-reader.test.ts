import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import type { JsonObject } from '../../extension/src/base/json.ts';
import { createResponsesReader } from '../../extension/src/node/providers/openai/responses/read.ts';
import { toResponses } from '../../extension/src/node/providers/openai/responses/request.ts';
import { settingsOf } from '../../extension/src/node/providers/openai/settings.ts';

const OWNER = { origin: 'https://a.example', model: 'm' };

interface Read {
  readonly parts: readonly string[];
  readonly stop: string;
  readonly shown: string;
  readonly thought: string;
}

function readAll(events: readonly JsonObject[]): Read {
  let shown = '';
  let thought = '';
  const reader = createResponsesReader(
    {
      messages: [],
      tools: [],
      signal: new AbortController().signal,
      onText: (text) => (shown += text),
      onReasoning: (text) => (thought += text),
    },
    OWNER,
  );
  for (const event of events) reader.read(event);
  assert.ok(reader.ended() && reader.complete(), 'it has not ended');
  const { message, stop } = reader.reply();
  const parts = message.content.map((part) => {
    if (part.type === 'tool-call') return `${part.callId} ${part.tool} ${JSON.stringify(part.arguments)}`;
    return part.type === 'reasoning' ? `(${part.text}) ${part.signature ?? ''}` : part.text;
  });
  return { parts, stop, shown, thought };
}

/** What compatible servers and newer models send instead of what OpenAI's own reference shows. */
function reads(name: string, events: readonly JsonObject[], expected: Partial<Read>): void {
  test(name, () => {
    const found = readAll(events);
    for (const [member, value] of Object.entries(expected))
      assert.deepEqual(found[member as keyof Read], value, member);
  });
}

function refuses(name: string, events: readonly JsonObject[], said: RegExp): void {
  test(name, () => assert.throws(() => readAll(events), said));
}

const text = (delta: string, at = 0): JsonObject => ({
  type: 'response.output_text.delta',
  output_index: at,
  delta,
});
const args = (delta: string, at: number): JsonObject => ({
  type: 'response.function_call_arguments.delta',
  output_index: at,
  delta,
});
const added = (item: JsonObject, at = 0): JsonObject => ({
  type: 'response.output_item.added',
  output_index: at,
  item,
});
const done = (item: JsonObject, at = 0): JsonObject => ({
  type: 'response.output_item.done',
  output_index: at,
  item,
});
const call = (id: string, given = ''): JsonObject => ({
  type: 'function_call',
  call_id: id,
  name: 't',
  arguments: given,
});
const end = (members: JsonObject = {}): JsonObject => ({
  type: 'response.completed',
  response: { status: 'completed', ...members },
});
const cut = (reason: string): JsonObject => ({
  type: 'response.incomplete',
  response: { status: 'incomplete', incomplete_details: { reason } },
});

reads('text in pieces', [text('a'), text('b'), end()], { parts: ['ab'], stop: 'end', shown: 'ab' });
reads(
  'text that comes whole',
  [done({ type: 'message', content: [{ type: 'output_text', text: 'ab' }] }), end()],
  { parts: ['ab'], shown: 'ab' },
);
reads(
  'text that comes in pieces and whole',
  [text('ab'), done({ type: 'message', content: [{ type: 'output_text', text: 'ab' }] }), end()],
  { parts: ['ab'], shown: 'ab' },
);
reads(
  'two calls in turn',
  [
    added(call('a'), 0),
    added(call('b'), 1),
    args('{"n":', 0),
    args('{"m":', 1),
    args('1}', 0),
    args('2}', 1),
    end(),
  ],
  { parts: ['a t {"n":1}', 'b t {"m":2}'], stop: 'tool-calls' },
);
reads('a call that comes whole', [done(call('a', '{"n":1}')), end()], { parts: ['a t {"n":1}'] });
reads(
  'the whole counts more than the pieces',
  [added(call('a')), args('{"n"', 0), done(call('a', '{"n":2}')), end()],
  {
    parts: ['a t {"n":2}'],
  },
);
reads('the same id twice', [done(call('a', '{}'), 0), done(call('a', '{}'), 1), end()], {
  parts: ['a t {}', 'a_2 t {}'],
});
reads(
  'reasoning, text and a call in their order',
  [
    { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 0, delta: 'One' },
    { type: 'response.reasoning_summary_part.added', output_index: 0, summary_index: 1 },
    { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 1, delta: 'Two' },
    done({ type: 'reasoning', summary: [], encrypted_content: 'gA' }, 0),
    text('Looking.', 1),
    done(call('a', '{}'), 2),
    end(),
  ],
  {
    parts: ['(One\n\nTwo) openai-responses|https://a.example|m|gA', 'Looking.', 'a t {}'],
    thought: 'One\n\nTwo',
    shown: 'Looking.',
  },
);
reads(
  'encrypted reasoning without a summary',
  [done({ type: 'reasoning', encrypted_content: 'gA' }), text('x', 1), end()],
  {
    parts: ['() openai-responses|https://a.example|m|gA', 'x'],
  },
);
reads(
  'reasoning that nobody encrypted',
  [done({ type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm' }] }), text('x', 1), end()],
  {
    parts: ['(Hm) ', 'x'],
  },
);
reads(
  'reasoning of an open model',
  [{ type: 'response.reasoning_text.delta', output_index: 0, delta: 'Hm' }, text('x', 1), end()],
  {
    parts: ['(Hm) ', 'x'],
    thought: 'Hm',
  },
);
reads('a refusal', [{ type: 'response.refusal.delta', output_index: 0, delta: 'I will not.' }, end()], {
  parts: ['I will not.'],
  stop: 'content-policy',
});
reads('cut by the limit', [text('And then'), cut('max_output_tokens')], {
  parts: ['And then'],
  stop: 'length',
});
reads('cut by the filter', [text('And then'), cut('content_filter')], { stop: 'content-policy' });
reads(
  'kinds of events and items that nobody knows',
  [
    { type: 'response.new.thing' },
    added({ type: 'new_call' }),
    done({ type: 'new_call' }),
    text('x', 1),
    end(),
  ],
  {
    parts: ['x'],
  },
);
refuses('withheld as a whole', [cut('content_filter')], /withheld/);
refuses('nothing at all', [end()], /empty/);
refuses(
  'only reasoning before the limit',
  [done({ type: 'reasoning', encrypted_content: 'gA' }), cut('max_output_tokens')],
  /limit on output tokens/,
);
refuses(
  'arguments that were cut',
  [added(call('a')), args('{"n', 0), cut('max_output_tokens')],
  /limit on output tokens/,
);
refuses('arguments that are no object', [done(call('a', '[1]')), end()], /no JSON object/);
refuses('no end', [text('a')], /has not ended/);

test('what a model says between its calls is told from its answers, for models that do so themselves', () => {
  const phasesFor = (phases: boolean): readonly unknown[] => {
    const request = {
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Looking.' },
            { type: 'tool-call', callId: 'a', tool: 't', arguments: {} },
          ],
        },
        { role: 'tool', callId: 'a', content: [{ type: 'text', text: '1' }], isError: false },
        { role: 'assistant', content: [{ type: 'text', text: 'It is 1.' }] },
      ],
      tools: [],
      signal: new AbortController().signal,
      onText: () => undefined,
    } as const;
    const settings = settingsOf(request, OWNER.model, false, new WeakMap());
    const options = { ...settings, owner: OWNER, thinks: true, summaries: false, phases };
    const { input } = z
      .object({ input: z.array(z.record(z.string(), z.unknown())) })
      .parse(JSON.parse(toResponses(request, options, new WeakMap())));
    return input.map(({ phase }) => phase);
  };
  assert.deepEqual(phasesFor(true), ['commentary', undefined, undefined, 'final_answer']);
  assert.deepEqual(phasesFor(false), [undefined, undefined, undefined, undefined]);

  let told = 0;
  const call = { messages: [], tools: [], signal: new AbortController().signal, onText: () => undefined };
  const reader = createResponsesReader(call, OWNER, () => (told += 1));
  const message = { type: 'message', content: [{ type: 'output_text', text: 'ab' }] };
  reader.read(done(message));
  assert.equal(told, 0);
  reader.read(done({ ...message, phase: 'final_answer' }));
  assert.equal(told, 1);
});
