import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMessage, spansOfLogs } from '../../../extension/src/core/observability/otlp-import/index.ts';

import {
  START,
  imported,
  tree,
  message,
  runOf,
  callOf,
  logs,
  type Value,
  type Given,
} from '../../support/otlp-spans.ts';

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

test('a session of Claude Code, from its events', () => {
  const session = { 'session.id': 's-1' };
  const read = readMessage(
    logs('claude-code', [
      ['user_prompt', 0, { ...session, prompt: 'Fix the bug' }],
      [
        'api_request',
        2000,
        {
          ...session,
          model: 'claude-sonnet-4-5',
          input_tokens: '10',
          output_tokens: '50',
          cache_read_tokens: '1000',
          cost_usd: '0.02',
          duration_ms: '1500',
        },
      ],
      [
        'tool_result',
        2600,
        { ...session, tool_name: 'Bash', success: 'false', duration_ms: '500', error: 'exit 1' },
      ],
      ['tool_decision', 2100, { ...session, tool_name: 'Bash' }],
    ]),
  );
  const { view } = runOf(spansOfLogs(read.logs));
  assert.deepEqual(tree(view.steps), ['1 node user prompt', '2 chat claude-sonnet-4-5', '3 tool Bash']);
  assert.equal(view.task, 'Fix the bug');
  assert.deepEqual(view.origin.kind === 'import' && view.origin.source, 'Claude Code');
  assert.deepEqual([view.totals.inputTokens, view.totals.outputTokens, view.totals.usd], [1010, 50, 0.02]);
  assert.deepEqual(
    view.steps.map(({ startedAt, durationMs }) => [startedAt - START, durationMs]),
    [
      [0, 0],
      [500, 1500],
      [2100, 500],
    ],
  );
  assert.equal(view.steps[2]?.status, 'failed');
});

test('a turn of Claude Code, from its spans', () => {
  const session = { 'session.id': 's-1' };
  const { view } = imported(
    [
      {
        ...{ id: 1, name: 'claude_code.interaction', ms: 9000 },
        is: { ...session, 'span.type': 'interaction', user_prompt: 'Fix the bug' },
      },
      {
        ...{ id: 2, parent: 1, name: 'claude_code.llm_request', at: 10, ms: 2000 },
        is: {
          ...session,
          ...{ 'span.type': 'llm_request', 'gen_ai.system': 'anthropic', model: 'claude-sonnet-4-5' },
          ...{ input_tokens: 2, output_tokens: 50, cache_read_tokens: 1000, cache_creation_tokens: 100 },
          ...{ ttft_ms: 800, success: true },
        },
      },
      {
        ...{ id: 3, parent: 1, name: 'claude_code.tool', at: 2100, ms: 1800 },
        is: { ...session, 'span.type': 'tool', tool_name: 'Bash' },
      },
      {
        ...{ id: 4, parent: 3, name: 'claude_code.tool.execution', at: 2900, ms: 1000 },
        is: { ...session, 'span.type': 'tool.execution', success: true },
      },
    ],
    'claude-code',
    'com.anthropic.claude_code.tracing',
  );
  assert.deepEqual(tree(view.steps), [
    '1 chat claude-sonnet-4-5',
    '2 tool Bash',
    '2.1 node claude_code.tool.execution',
  ]);
  assert.deepEqual([view.agent, view.task, view.status], ['Claude Code', 'Fix the bug', 'succeeded']);
  assert.deepEqual(view.steps[0]?.model, {
    ...{ provider: 'anthropic', model: 'claude-sonnet-4-5', firstTokenMs: 800, cost: { kind: 'unknown' } },
    usage: { input: 1102, output: 50, cacheRead: 1000, cacheWrite: 100 },
  });
});

test('an agent of GitHub Copilot in VS Code, by the names that it documents', () => {
  const own = (operation: string, more: Readonly<Record<string, Value>>) => ({
    ...{ 'gen_ai.operation.name': operation, 'gen_ai.conversation.id': 'c-1', ...more },
  });
  const usage = (input: number, output: number) => ({
    ...{ 'gen_ai.request.model': 'gpt-4o', 'gen_ai.provider.name': 'github' },
    ...{ 'gen_ai.usage.input_tokens': input, 'gen_ai.usage.output_tokens': output },
  });
  const said = (role: string, text: string) =>
    JSON.stringify([{ role, parts: [{ type: 'text', content: text }] }]);
  const called = [{ type: 'tool_call', id: 'c1', name: 'readFile', arguments: { path: 'a.js' } }];
  const { view, read } = imported(
    [
      {
        ...{ id: 1, name: 'invoke_agent copilot', ms: 9000 },
        is: own('invoke_agent', {
          ...usage(300, 30),
          'gen_ai.agent.name': 'copilot',
          'gen_ai.input.messages': said('user', 'Fix the bug'),
          'gen_ai.output.messages': said('assistant', 'It is fixed.'),
        }),
      },
      {
        ...{ id: 2, parent: 1, name: 'chat gpt-4o', at: 10, ms: 2000 },
        is: own('chat', {
          ...usage(100, 10),
          'copilot_chat.time_to_first_token': 700,
          'gen_ai.output.messages': JSON.stringify([{ role: 'assistant', parts: called }]),
          'gen_ai.tool.definitions': JSON.stringify([
            { type: 'function', name: 'readFile', parameters: { type: 'object' } },
          ]),
        }),
      },
      {
        ...{ id: 3, parent: 1, name: 'execute_tool readFile', at: 2100, ms: 50 },
        is: own('execute_tool', {
          'gen_ai.tool.name': 'readFile',
          'gen_ai.tool.call.arguments': '{"path":"a.js"}',
          'gen_ai.tool.call.result': 'let a',
        }),
      },
      {
        ...{ id: 4, parent: 1, name: 'chat gpt-4o', at: 2200 },
        is: own('chat', { ...usage(200, 20), 'gen_ai.output.messages': said('assistant', 'It is fixed.') }),
      },
    ],
    'copilot-chat',
    'copilot-chat',
  );
  assert.deepEqual(tree(view.steps), ['1 chat gpt-4o', '2 tool readFile', '3 chat gpt-4o']);
  assert.deepEqual([view.agent, view.task, read(view.answer)], ['copilot', 'Fix the bug', 'It is fixed.']);
  assert.deepEqual(view.origin.kind === 'import' && view.origin.source, 'GitHub Copilot');
  const { inputTokens, outputTokens, calls } = view.totals;
  assert.deepEqual([inputTokens, outputTokens, calls], [300, 30, 2]);
  assert.equal(view.steps[0]?.model?.firstTokenMs, 700);
  assert.deepEqual(read(view.steps[0].output), {
    role: 'assistant',
    content: [{ type: 'tool-call', callId: 'c1', tool: 'readFile', arguments: { path: 'a.js' } }],
  });
  assert.deepEqual(read(view.steps[1]?.output), {
    content: [{ type: 'text', text: 'let a' }],
    isError: false,
  });
});

test('a conversation of Codex, from its events', () => {
  const conversation = { 'conversation.id': 'c-1', model: 'gpt-5-codex' };
  const read = readMessage(
    logs('codex_cli_rs', [
      ['codex.user_prompt', 0, { ...conversation, prompt: 'Hello' }],
      ['codex.api_request', 900, { ...conversation, duration_ms: 900 }],
      [
        'codex.sse_event',
        1000,
        {
          ...conversation,
          'event.kind': 'response.completed',
          input_token_count: 500,
          output_token_count: 20,
          cached_token_count: 400,
        },
      ],
      [
        'codex.tool_result',
        1500,
        {
          ...conversation,
          tool_name: 'shell',
          arguments: '{"command":"ls"}',
          output: 'a.txt',
          success: 'true',
          duration_ms: 30,
        },
      ],
    ]),
  );
  const { view, read: payload } = runOf(spansOfLogs(read.logs));
  assert.deepEqual(tree(view.steps), ['1 node user prompt', '2 chat gpt-5-codex', '3 tool shell']);
  assert.deepEqual(
    [view.totals.calls, view.totals.inputTokens, view.steps[1]?.model?.usage.cacheRead],
    [1, 500, 400],
  );
  assert.deepEqual(payload(view.steps[2]?.output), {
    content: [{ type: 'text', text: 'a.txt' }],
    isError: false,
  });
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
