import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMessage } from '../../../extension/src/core/observability/otlp-import/index.ts';

import { message, runOf, callOf, type Value, type Given } from '../../support/otlp-spans.ts';

const hello = { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] };
const hi = { role: 'assistant', content: [{ type: 'text', text: 'Hi' }] };

function checkCall(title: string, is: Readonly<Record<string, Value>>, more: Partial<Given> = {}): void {
  test(`a model call as told by ${title}`, () => {
    const { kind, name, use, input, output } = callOf(is, more);
    assert.deepEqual([kind, name], ['chat', 'm-1']);
    assert.deepEqual([use?.usage.input, use?.usage.output], [7, 3]);
    assert.deepEqual(input, hello);
    assert.deepEqual(output, hi);
  });
}
checkCall(
  'the conventions of 2024, with events',
  {
    'gen_ai.system': 'openai',
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'm-1',
    'gen_ai.usage.prompt_tokens': 7,
    'gen_ai.usage.completion_tokens': 3,
  },
  {
    events: [
      { name: 'gen_ai.user.message', is: { content: 'Hello' } },
      { name: 'gen_ai.choice', is: { message: '{"role":"assistant","content":"Hi"}' } },
    ],
  },
);
checkCall('OpenInference', {
  'openinference.span.kind': 'LLM',
  'llm.model_name': 'm-1',
  'llm.token_count.prompt': 7,
  'llm.token_count.completion': 3,
  'llm.input_messages.0.message.role': 'user',
  'llm.input_messages.0.message.content': 'Hello',
  'llm.output_messages.0.message.role': 'assistant',
  'llm.output_messages.0.message.content': 'Hi',
});
checkCall('Traceloop', {
  'llm.request.type': 'chat',
  'gen_ai.request.model': 'm-1',
  'gen_ai.usage.prompt_tokens': 7,
  'gen_ai.usage.completion_tokens': 3,
  'gen_ai.prompt.0.role': 'user',
  'gen_ai.prompt.0.content': 'Hello',
  'gen_ai.completion.0.role': 'assistant',
  'gen_ai.completion.0.content': 'Hi',
});
checkCall('LangSmith', {
  'langsmith.span.kind': 'llm',
  'gen_ai.request.model': 'm-1',
  'gen_ai.usage.input_tokens': 7,
  'gen_ai.usage.output_tokens': 3,
  'gen_ai.prompt':
    '{"messages":[[{"lc":1,"type":"constructor","kwargs":{"content":"Hello","type":"human"}}]]}',
  'gen_ai.completion': '{"message":{"role":"assistant","content":"Hi"}}',
});
checkCall('Langfuse', {
  'langfuse.observation.type': 'generation',
  'langfuse.observation.model.name': 'm-1',
  'gen_ai.usage.input_tokens': '7',
  'gen_ai.usage.output_tokens': '3',
  'langfuse.observation.input': '[{"role":"user","content":"Hello"}]',
  'langfuse.observation.output': '{"role":"assistant","content":"Hi"}'.replace(/^(.*)$/, '[$1]'),
});
checkCall('the AI SDK', {
  'ai.operationId': 'ai.generateText.doGenerate',
  'ai.model.id': 'm-1',
  'ai.usage.promptTokens': 7,
  'ai.usage.completionTokens': 3,
  'ai.prompt.messages': '[{"role":"user","content":[{"type":"text","text":"Hello"}]}]',
  'ai.response.text': 'Hi',
});

test('messages of LangChain in their own form, as OpenInference writes them', () => {
  const own = (type: string, kwargs: object) => ({
    ...{ lc: 1, type: 'constructor', id: ['langchain_core', 'messages', type], kwargs },
  });
  const asked = own('HumanMessage', { content: 'Weather?' });
  const called = own('AIMessageChunk', {
    content: '',
    tool_calls: [{ id: 'c1', name: 'weather', args: { city: 'Paris' } }],
  });
  const told = own('ToolMessage', { content: 'rain', tool_call_id: 'c1', status: 'error' });
  const call = 'message.tool_calls.0.tool_call.function';
  const { spans } = readMessage(
    message([
      { id: 1, name: 'travel', is: { 'input.value': JSON.stringify({ messages: [asked] }) } },
      {
        ...{ id: 2, parent: 1, name: 'ChatOpenAI' },
        is: {
          'openinference.span.kind': 'LLM',
          'llm.model_name': 'gpt-4o',
          metadata: JSON.stringify({ ls_provider: 'openai', langgraph_node: 'planner' }),
          'llm.input_messages.0.message.role': 'user',
          'llm.input_messages.0.message.content': 'Weather?',
          'llm.output_messages.0.message.role': 'assistant',
          [`llm.output_messages.0.${call}.name`]: 'weather',
          [`llm.output_messages.0.${call}.arguments`]: '{"city":"Paris"}',
          'output.value': JSON.stringify({ generations: [[{ text: '', message: called }]] }),
          'llm.token_count.prompt': 10,
        },
      },
      {
        ...{ id: 3, parent: 1, at: 20, name: 'weather' },
        is: {
          'openinference.span.kind': 'TOOL',
          'output.value': JSON.stringify({ output: told }),
        },
      },
      {
        ...{ id: 4, parent: 1, at: 40, name: 'weather' },
        ...{
          is: { 'openinference.span.kind': 'TOOL' },
          error: 'no city\n\nError: no city\n    at file.mjs:1',
        },
      },
    ]),
  );
  const { view, read } = runOf(spans);
  assert.deepEqual(
    [view.task, view.origin.kind === 'import' && view.origin.source],
    ['Weather?', 'LangGraph'],
  );
  assert.equal(view.steps[0]?.model?.provider, 'openai');
  assert.deepEqual(read(view.steps[0].output), {
    role: 'assistant',
    content: [{ type: 'tool-call', callId: 'c1', tool: 'weather', arguments: { city: 'Paris' } }],
  });
  assert.deepEqual(read(view.steps[1]?.output), {
    content: [{ type: 'text', text: 'rain' }],
    isError: false,
  });
  assert.equal(view.steps[2]?.error?.message, 'no city');
});

test('a call of OpenAI’s Responses as LangSmith keeps it: the request and the answer as they went over the wire', () => {
  const request = {
    model: 'm-1',
    instructions: 'Be brief.',
    input: [
      { role: 'user', content: [{ type: 'input_text', text: 'Weather?' }] },
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'two cities' }] },
      { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'weather', arguments: '{"city":"Paris"}' },
      { type: 'function_call', id: 'fc_2', call_id: 'c2', name: 'weather', arguments: '{"city":"Rome"}' },
      { type: 'function_call_output', call_id: 'c1', output: 'rain' },
      { type: 'function_call_output', call_id: 'c2', output: 'sun' },
    ],
    tools: [{ type: 'function', name: 'weather', parameters: { type: 'object' } }],
  };
  const answer = {
    object: 'response',
    output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Rain, sun.' }] }],
  };
  const { kind, name, use, input, output } = callOf({
    'langsmith.span.kind': 'llm',
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'm-1',
    'gen_ai.prompt': JSON.stringify(request),
    'gen_ai.completion': JSON.stringify(answer),
    'langsmith.usage_metadata': JSON.stringify({
      ...{ input_tokens: 70, output_tokens: 9, total_cost: 0.5 },
      input_token_details: { cache_read: 40, cache_creation: 5 },
      output_token_details: { reasoning: 3 },
    }),
  });
  assert.deepEqual([kind, name], ['chat', 'm-1']);
  assert.deepEqual(use?.usage, { input: 70, output: 9, cacheRead: 40, cacheWrite: 5, reasoning: 3 });
  assert.deepEqual(use.cost, { kind: 'priced', usd: 0.5 });
  const called = (callId: string, city: string) => ({
    ...{ type: 'tool-call', callId, tool: 'weather', arguments: { city } },
  });
  const told = (callId: string, text: string) => ({
    ...{ role: 'tool', callId, content: [{ type: 'text', text }], isError: false },
  });
  assert.deepEqual(input, {
    messages: [
      { role: 'system', text: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
      {
        role: 'assistant',
        content: [{ type: 'reasoning', text: 'two cities' }, called('c1', 'Paris'), called('c2', 'Rome')],
      },
      told('c1', 'rain'),
      told('c2', 'sun'),
    ],
    tools: [{ name: 'weather', description: '', inputSchema: { type: 'object' } }],
  });
  assert.deepEqual(output, { role: 'assistant', content: [{ type: 'text', text: 'Rain, sun.' }] });
});

test('what LangSmith calls a retriever and a prompt is no call of a model', () => {
  const kindOf = (kind: string, operation: string) =>
    callOf({ 'langsmith.span.kind': kind, 'gen_ai.operation.name': operation }).kind;
  assert.deepEqual(
    [kindOf('retriever', 'embeddings'), kindOf('prompt', 'chat'), kindOf('parser', 'parser')],
    ['recall', 'node', 'node'],
  );
});

test('a span of LangSmith’s with an exception has failed, whatever its status; one of another library has not', () => {
  const events = [
    { name: 'exception', is: { 'exception.type': 'Error', 'exception.message': 'Error: no city' } },
  ];
  const { step } = callOf({ 'langsmith.span.kind': 'tool', 'gen_ai.tool.name': 't' }, { events });
  assert.deepEqual([step.status, step.error?.message], ['failed', 'no city']);
  assert.equal(callOf({ 'gen_ai.operation.name': 'execute_tool' }, { events }).step.status, 'finished');
});
