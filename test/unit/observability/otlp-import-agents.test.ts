import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMessage, spansOfLogs } from '../../../extension/src/core/observability/otlp-import/index.ts';

import { START, imported, tree, runOf, logs, type Value } from '../../support/otlp-spans.ts';

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
