import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  canBeHeldTo,
  needsResponses,
  thinkingOf,
  type ChatCall,
} from '../../extension/src/core/models/index.ts';
import type { JsonObject } from '../../extension/src/base/json.ts';
import { toAnthropic } from '../../extension/src/node/providers/anthropic/request.ts';
import { endpointOf } from '../../extension/src/node/providers/openai/endpoint.ts';
import { toOpenAI } from '../../extension/src/node/providers/openai/request.ts';
import { toResponses } from '../../extension/src/node/providers/openai/responses/request.ts';
import { settingsOf } from '../../extension/src/node/providers/openai/settings.ts';
import type { Message } from '../../extension/src/protocol/message.ts';

const STRICT: JsonObject = {
  type: 'object',
  properties: { done: { type: 'boolean' } },
  required: ['done'],
  additionalProperties: false,
};
const LOOSE: JsonObject = { type: 'object', properties: { done: { type: 'boolean' } } };
const TOOL = { name: 'files_read', description: 'Reads.', inputSchema: { type: 'object' } } as const;
const USER: Message = { role: 'user', content: [{ type: 'text', text: 'Hello?' }] };

type Form = 'chat' | 'responses' | 'anthropic';

function bodyOf(
  form: Form,
  model: string,
  changes: Partial<ChatCall>,
  official: boolean,
): Record<string, unknown> {
  const call: ChatCall = {
    messages: [USER],
    tools: [],
    signal: new AbortController().signal,
    onText: () => undefined,
    ...changes,
  };
  const settings = settingsOf(call, model, official, new WeakMap());
  const written = new WeakMap<Message, string>();
  const owner = { origin: 'https://a.example', model };
  const made: Readonly<Record<Form, () => object>> = {
    chat: () => parsed(toOpenAI(call, { official, owner, ...settings }, written)),
    responses: () => {
      const thinks = thinkingOf(model) !== undefined;
      return parsed(
        toResponses(call, { ...settings, owner, thinks, summaries: false, phases: false }, written),
      );
    },
    anthropic: () => toAnthropic(call, { id: 'a', provider: 'anthropic', model }),
  };
  return { ...made[form]() };
}

function parsed(text: string): object {
  const value: unknown = JSON.parse(text);
  assert.ok(typeof value === 'object' && value !== null);
  return value;
}

/** The members of a request's body that are named in `expected`; `undefined` for one that must not be there. */
function body(
  name: string,
  [form, model]: readonly [Form, string],
  changes: Partial<ChatCall>,
  expected: Readonly<Record<string, unknown>>,
  official = false,
): void {
  test(`${form} ${model}: ${name}`, () => {
    const found = bodyOf(form, model, changes, official);
    for (const [member, value] of Object.entries(expected)) assert.deepEqual(found[member], value, member);
  });
}

const strict = { responseSchema: { name: 'end', schema: STRICT } };
const loose = { responseSchema: { name: 'end', schema: LOOSE } };

body('a schema that it is held to', ['chat', 'gpt-5'], strict, {
  response_format: { type: 'json_schema', json_schema: { name: 'end', schema: STRICT, strict: true } },
});
body('a schema that it is asked to keep', ['chat', 'gpt-5'], loose, {
  response_format: { type: 'json_schema', json_schema: { name: 'end', schema: LOOSE, strict: false } },
});
body('a schema', ['responses', 'gpt-5.3-codex'], strict, {
  text: { format: { type: 'json_schema', name: 'end', schema: STRICT, strict: true } },
});
body('a schema that it is held to', ['anthropic', 'claude-sonnet-4-6'], strict, {
  output_config: { format: { type: 'json_schema', schema: STRICT } },
  system: undefined,
});
for (const [model, given] of [
  ['claude-sonnet-4-6', loose],
  ['claude-3-haiku-20240307', strict],
] as const) {
  test(`anthropic ${model}: a schema in words`, () => {
    const { system, output_config: output } = bodyOf('anthropic', model, given, false);
    assert.match(JSON.stringify(system), /JSON Schema.*done/);
    assert.equal(output, undefined);
  });
}

body('reasoning', ['chat', 'gpt-5-mini'], { reasoning: 'low' }, { reasoning_effort: 'low' });
body(
  'reasoning, by a gateway',
  ['chat', 'openai/gpt-oss-120b'],
  { reasoning: 'high' },
  { reasoning_effort: 'high' },
);
body(
  'reasoning that it does not know',
  ['chat', 'gpt-4.1'],
  { reasoning: 'low' },
  { reasoning_effort: undefined },
);
body(
  'reasoning',
  ['responses', 'gpt-5.3-codex'],
  { reasoning: 'high' },
  {
    reasoning: { effort: 'high' },
    include: ['reasoning.encrypted_content'],
    store: false,
  },
);
body(
  'no reasoning to encrypt',
  ['responses', 'gpt-4.1'],
  { reasoning: 'high' },
  { reasoning: undefined, include: undefined },
);
body(
  'reasoning by level',
  ['anthropic', 'claude-opus-4-6'],
  { reasoning: 'medium' },
  {
    thinking: { type: 'adaptive', display: 'summarized' },
    output_config: { effort: 'medium' },
  },
);
body(
  'reasoning by tokens',
  ['anthropic', 'claude-sonnet-4-5'],
  { reasoning: 'medium' },
  {
    thinking: { type: 'enabled', budget_tokens: 8_192 },
    output_config: undefined,
  },
);
body(
  'reasoning within a small limit',
  ['anthropic', 'claude-sonnet-4-5'],
  { reasoning: 'high', maxOutputTokens: 4_000 },
  {
    thinking: { type: 'enabled', budget_tokens: 2_976 },
  },
);
body(
  'no room for reasoning',
  ['anthropic', 'claude-sonnet-4-5'],
  { reasoning: 'high', maxOutputTokens: 1_500 },
  {
    thinking: undefined,
  },
);
body(
  'reasoning that it does not know',
  ['anthropic', 'claude-3-5-haiku-latest'],
  { reasoning: 'high' },
  {
    thinking: undefined,
    output_config: undefined,
  },
);
body(
  'a schema and reasoning',
  ['anthropic', 'claude-opus-4-6'],
  { reasoning: 'low', ...strict },
  {
    output_config: { format: { type: 'json_schema', schema: STRICT }, effort: 'low' },
  },
);
const called = { type: 'tool-call', callId: 'c', tool: 'files_read', arguments: {} } as const;
const result: Message = { role: 'tool', callId: 'c', content: [{ type: 'text', text: '1' }], isError: false };
const thought = { type: 'reasoning', text: 'Hm.', signature: 'c2ln' } as const;
body(
  'no reasoning with tokens amid another model’s calls',
  ['anthropic', 'claude-sonnet-4-5'],
  { reasoning: 'low', tools: [TOOL], messages: [USER, { role: 'assistant', content: [called] }, result] },
  { thinking: undefined },
);
body(
  'reasoning with tokens amid its own calls',
  ['anthropic', 'claude-sonnet-4-5'],
  {
    reasoning: 'low',
    tools: [TOOL],
    messages: [USER, { role: 'assistant', content: [thought, called] }, result],
  },
  { thinking: { type: 'enabled', budget_tokens: 2_048 } },
);

const must = { toolChoice: 'required', tools: [TOOL] } as const;
body('a tool must be called', ['chat', 'gpt-5'], must, { tool_choice: 'required' });
body('a tool must be called', ['responses', 'gpt-5'], must, { tool_choice: 'required' });
body(
  'a tool must be called, so it may not think',
  ['anthropic', 'claude-opus-4-6'],
  { ...must, reasoning: 'high' },
  {
    tool_choice: { type: 'any' },
    thinking: undefined,
  },
);
body('no tool can be called', ['chat', 'gpt-5'], { toolChoice: 'required' }, { tool_choice: undefined });

test('anthropic: what is cached is kept for an hour where that is wanted', () => {
  const system: Message = { role: 'system', text: 'Be brief.' };
  const marks = (cacheFor: '5m' | '1h'): string[] =>
    JSON.stringify(
      bodyOf('anthropic', 'claude-opus-4-6', { cacheFor, tools: [TOOL], messages: [system, USER] }, false),
    ).match(/"cache_control":\{[^}]*\}/g) ?? [];
  assert.deepEqual(marks('1h'), Array<string>(3).fill('"cache_control":{"type":"ephemeral","ttl":"1h"}'));
  assert.deepEqual(marks('5m'), Array<string>(3).fill('"cache_control":{"type":"ephemeral"}'));
});

test('a cache key stays the same while a conversation grows, and is for OpenAI alone', () => {
  for (const form of ['chat', 'responses'] as const) {
    const key = (messages: readonly Message[], official: boolean): unknown =>
      bodyOf(form, 'gpt-5', { messages }, official).prompt_cache_key;
    const longer: readonly Message[] = [
      USER,
      { role: 'assistant', content: [{ type: 'text', text: 'Hi.' }] },
      USER,
    ];
    assert.match(String(key([USER], true)), /^[0-9a-f]{32}$/);
    assert.equal(key(longer, true), key([USER], true));
    assert.notEqual(key([{ role: 'system', text: 'x' }, USER], true), key([USER], true));
    assert.equal(key([USER], false), undefined);
  }
});

body(
  'the limit on output',
  ['chat', 'gpt-5'],
  { maxOutputTokens: 9 },
  { max_completion_tokens: 9, max_tokens: undefined },
  true,
);
body(
  'the limit on output elsewhere',
  ['chat', 'gpt-5'],
  { maxOutputTokens: 9 },
  { max_tokens: 9, max_completion_tokens: undefined },
);
body('the limit on output', ['responses', 'gpt-5'], { maxOutputTokens: 9 }, { max_output_tokens: 9 });

function endpoint(
  name: string,
  [baseUrl, model, api]: readonly [string | undefined, string, ('chat' | 'responses')?],
  expected: string,
): void {
  test(`${name} is asked at ${expected}`, () => {
    const given = { ...(baseUrl === undefined ? {} : { baseUrl }), ...(api === undefined ? {} : { api }) };
    const {
      baseURL,
      api: found,
      headers,
    } = endpointOf({ id: 'a', provider: 'openai', model, ...given }, 'sk-1');
    const sent = headers['api-key'] === 'sk-1' && headers.Authorization === null ? 'api-key' : 'Bearer';
    assert.equal(`${baseURL} ${found} ${sent}`, expected);
  });
}

endpoint('GPT-5', [undefined, 'gpt-5'], 'https://api.openai.com/v1 chat Bearer');
endpoint('Codex', [undefined, 'gpt-5.3-codex'], 'https://api.openai.com/v1 responses Bearer');
endpoint(
  'Codex by chat, as a person says',
  [undefined, 'gpt-5-codex', 'chat'],
  'https://api.openai.com/v1 chat Bearer',
);
endpoint(
  'Codex at a gateway',
  ['http://127.0.0.1:4000', 'gpt-5-codex'],
  'http://127.0.0.1:4000/v1 chat Bearer',
);
endpoint(
  'a gateway with responses',
  ['http://127.0.0.1:4000/v1/', 'm', 'responses'],
  'http://127.0.0.1:4000/v1 responses Bearer',
);
endpoint(
  'a server whose address was taken from an example',
  ['https://models.example/v1/chat/completions', 'm'],
  'https://models.example/v1 chat Bearer',
);
endpoint(
  'a server whose address names responses',
  ['https://models.example/v1/responses/', 'm'],
  'https://models.example/v1 responses Bearer',
);
endpoint(
  'Gemini',
  ['https://generativelanguage.googleapis.com/v1beta/openai/', 'gemini-2.5-pro'],
  'https://generativelanguage.googleapis.com/v1beta/openai chat Bearer',
);
endpoint(
  'Azure',
  ['https://me.openai.azure.com', 'gpt-5'],
  'https://me.openai.azure.com/openai/v1 chat api-key',
);
endpoint(
  'Azure with its path',
  ['https://me.openai.azure.com/openai/v1/', 'gpt-5-codex'],
  'https://me.openai.azure.com/openai/v1 responses api-key',
);
endpoint(
  'Azure AI Foundry',
  ['https://me.services.ai.azure.com/openai/v1', 'gpt-5'],
  'https://me.services.ai.azure.com/openai/v1 chat api-key',
);
endpoint(
  'what only looks like Azure',
  ['https://openai.azure.com.evil.example', 'gpt-5'],
  'https://openai.azure.com.evil.example/v1 chat Bearer',
);

test('Azure takes a token of Entra ID as a bearer', () => {
  const { headers } = endpointOf(
    { id: 'a', provider: 'openai', model: 'm', baseUrl: 'https://me.openai.azure.com' },
    'eyJ0eXAi',
  );
  assert.deepEqual(headers, {});
});

function table<T>(name: string, find: (model: string) => T, rows: Readonly<Record<string, T>>): void {
  test(name, () => {
    for (const [model, expected] of Object.entries(rows)) assert.equal(find(model), expected, model);
  });
}

table('models that answer by responses alone', needsResponses, {
  'gpt-5-codex': true,
  'gpt-5.1-codex-max': true,
  'gpt-5.3-codex': true,
  'codex-mini-latest': true,
  'gpt-5-pro': true,
  'gpt-5-pro-2025-10-06': true,
  'o3-pro': true,
  'gpt-5': false,
  'gpt-5-mini': false,
  'gemini-2.5-pro-preview': false,
  'gpt-4.1': false,
});
table('how models are told how much to think', thinkingOf, {
  'gpt-5': 'level',
  'gpt-5.3-codex': 'level',
  'gpt-5-chat-latest': undefined,
  'gpt-5.2-chat-latest': undefined,
  'gpt-6-sol': 'level',
  'gpt-4o': undefined,
  o3: 'level',
  'o4-mini': 'level',
  'openai/gpt-oss-120b': 'level',
  'gemini-2.5-pro': 'level',
  'gemini-2.0-flash': undefined,
  'meta-llama/llama-4-scout-17b-16e-instruct': undefined,
  'claude-3-5-haiku-latest': undefined,
  'claude-3-7-sonnet-latest': 'tokens',
  'claude-opus-4-20250514': 'tokens',
  'claude-opus-4-1': 'tokens',
  'claude-sonnet-4-5-20250929': 'tokens',
  'claude-haiku-4-5': 'tokens',
  'claude-opus-4-6': 'level',
  'claude-sonnet-5': 'level',
  'qwen3:8b': undefined,
});

function held(name: string, schema: JsonObject, expected: boolean): void {
  test(`a model can ${expected ? '' : 'not '}be held to ${name}`, () =>
    assert.equal(canBeHeldTo(schema), expected));
}

held('an object with all members required', STRICT, true);
held('members that may be left out', LOOSE, false);
held('other members', { ...STRICT, additionalProperties: true }, false);
held('a list of such objects', { ...STRICT, properties: { done: { type: 'array', items: STRICT } } }, true);
held('a list of other objects', { ...STRICT, properties: { done: { type: 'array', items: LOOSE } } }, false);
held('one of several', { ...STRICT, properties: { done: { anyOf: [{ type: 'null' }, STRICT] } } }, true);
held('one of several at the top', { ...STRICT, anyOf: [STRICT] }, false);
held('a pattern', { ...STRICT, properties: { done: { type: 'string', pattern: 'a+' } } }, false);
held('no object', { type: 'array', items: STRICT }, false);
