import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../../extension/src/base/json.ts';
import { summariseStep, toOtlpJson } from '../../../extension/src/core/observability/index.ts';
import {
  readMessage,
  runOfTrace,
  spansOfLogs,
  unpricedIn,
} from '../../../extension/src/core/observability/otlp-import/index.ts';
import type { IncomingSpan } from '../../../extension/src/core/observability/otlp-import/index.ts';
import { readRunEvent } from '../../../extension/src/protocol/modernize.ts';
import { readPayload } from '../../../extension/src/protocol/payload.ts';
import { foldRun } from '../../../extension/src/protocol/run-view.ts';
import type { Payload } from '../../../extension/src/protocol/run-event.ts';
import type { StepView } from '../../../extension/src/protocol/run-view.ts';
import * as runs from '../../support/sample-runs.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const START = Date.UTC(2026, 9, 5, 9, 30);

type Value = string | number | boolean | readonly string[];
interface Given {
  readonly id: number | string;
  readonly parent?: number | string;
  readonly name?: string;
  /** Milliseconds after the start of the trace. */
  readonly at?: number;
  readonly ms?: number | null;
  readonly is?: Readonly<Record<string, Value>>;
  readonly events?: readonly { readonly name: string; readonly is: Readonly<Record<string, Value>> }[];
  readonly error?: string;
}
const spanId = (id: number | string) => (typeof id === 'string' ? id : id.toString(16).padStart(16, '0'));
const anyValue = (value: Value): Json => {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value !== 'number') return { arrayValue: { values: value.map(anyValue) } };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
};
const attributes = (is: Readonly<Record<string, Value>> = {}) =>
  Object.entries(is).map(([key, value]) => ({ key, value: anyValue(value) }));
const nanos = (ms: number) => `${START + ms}000000`;

/** OTLP/JSON as it is sent. */
function message(given: readonly Given[], service = 'svc', scope = 'lib') {
  const spans = given.map(({ id, parent, name = `span ${id}`, at = 0, ms = 10, is, events = [], error }) => ({
    traceId: TRACE,
    spanId: spanId(id),
    ...(parent === undefined ? {} : { parentSpanId: spanId(parent) }),
    name,
    startTimeUnixNano: nanos(at),
    ...(ms === null ? {} : { endTimeUnixNano: nanos(at + ms) }),
    attributes: attributes(is),
    events: events.map((event) => ({
      name: event.name,
      timeUnixNano: nanos(at),
      attributes: attributes(event.is),
    })),
    status: error === undefined ? {} : { code: 2, message: error },
  }));
  return {
    resourceSpans: [
      {
        resource: { attributes: attributes({ 'service.name': service }) },
        scopeSpans: [{ scope: { name: scope }, spans }],
      },
    ],
  };
}

/** The run that is made of it, folded from events that went through their schema. */
function runOf(spans: readonly IncomingSpan[], more: { readonly isComing?: boolean } = {}) {
  const { events, blobs } = runOfTrace(spans, {
    ...{ run: 'r-0001mb3kq7xw2d5f', folder: '/w', version: '0.1.0', costs: new Map() },
    ...more,
  });
  const view = foldRun(events.map((event) => readRunEvent(JSON.parse(JSON.stringify(event)))));
  assert.ok(view);
  const read = (payload: Payload | undefined): Json =>
    payload === undefined
      ? null
      : readPayload((id) => blobs.get(id) ?? assert.fail(`no blob ${id}`), payload);
  for (const step of view.steps) read(step.input);
  return { view, read, events };
}
const imported = (given: readonly Given[], service?: string, scope?: string) =>
  runOf(readMessage(message(given, service, scope)).spans);
const tree = (steps: readonly StepView[]) => steps.map(({ id, kind, name }) => `${id} ${kind} ${name}`);

test('an agent, its model calls and tools: tree, tokens, cost and content', () => {
  const { view, read } = imported(
    [
      {
        id: 1,
        name: 'invoke_agent Ada',
        ms: 900,
        is: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'Ada' },
      },
      {
        id: 2,
        parent: 1,
        name: 'chat gpt-5',
        at: 10,
        ms: 300,
        is: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'openai',
          'gen_ai.request.model': 'gpt-5',
          'gen_ai.response.model': 'gpt-5-2026',
          'gen_ai.usage.input_tokens': 100,
          'gen_ai.usage.output_tokens': 20,
          'gen_ai.usage.cache_read.input_tokens': 40,
          'gen_ai.usage.cost': 0.25,
          'gen_ai.response.time_to_first_chunk': 0.12,
          'gen_ai.system_instructions': '[{"type":"text","content":"Be brief."}]',
          'gen_ai.input.messages':
            '[{"role":"user","parts":[{"type":"text","content":"Weather in Paris?"}]}]',
          'gen_ai.output.messages':
            '[{"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"weather","arguments":{"city":"Paris"}}],"finish_reason":"tool_call"}]',
        },
      },
      {
        id: 3,
        parent: 1,
        name: 'execute_tool weather',
        at: 320,
        ms: 50,
        is: {
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': 'weather',
          'gen_ai.tool.call.arguments': '{"city":"Paris"}',
          'gen_ai.tool.call.result': 'Rain',
        },
      },
    ],
    'weather-bot',
    'langgraph',
  );
  assert.deepEqual(tree(view.steps), ['1 chat gpt-5-2026', '2 tool weather']);
  assert.equal(view.agent, 'Ada');
  assert.equal(view.task, 'Weather in Paris?');
  assert.equal(view.status, 'succeeded');
  assert.deepEqual(view.origin, { kind: 'import', source: 'LangGraph', trace: TRACE });
  assert.deepEqual(
    [view.totals.calls, view.totals.inputTokens, view.totals.outputTokens, view.totals.usd],
    [1, 100, 20, 0.25],
  );
  const [chat, tool] = view.steps;
  assert.deepEqual(chat?.model, {
    provider: 'openai',
    model: 'gpt-5-2026',
    usage: { input: 100, output: 20, cacheRead: 40 },
    cost: { kind: 'priced', usd: 0.25 },
    firstTokenMs: 120,
  });
  assert.equal(chat.durationMs, 300);
  assert.deepEqual(read(chat.input), {
    messages: [
      { role: 'system', text: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Weather in Paris?' }] },
    ],
  });
  assert.deepEqual(read(chat.output), {
    role: 'assistant',
    content: [{ type: 'tool-call', callId: 'c1', tool: 'weather', arguments: { city: 'Paris' } }],
  });
  assert.deepEqual(tool && read(tool.input), { tool: 'weather', arguments: { city: 'Paris' } });
  assert.deepEqual(read(tool?.output), { content: [{ type: 'text', text: 'Rain' }], isError: false });
});

const callOf = (is: Readonly<Record<string, Value>>, more: Partial<Given> = {}) => {
  const { view, read } = imported([
    { id: 1, name: 'root' },
    { id: 2, parent: 1, is, ...more },
  ]);
  const [step] = view.steps;
  assert.ok(step);
  return {
    step,
    kind: step.kind,
    name: step.name,
    use: step.model,
    input: read(step.input),
    output: read(step.output),
  };
};
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

test('tools and agents as others name them', () => {
  const named = (is: Readonly<Record<string, Value>>, more: Partial<Given> = {}) => {
    const { kind, name } = callOf(is, more);
    return `${kind} ${name}`;
  };
  assert.equal(named({ 'openinference.span.kind': 'TOOL', 'tool.name': 'search' }), 'tool search');
  assert.equal(named({ 'traceloop.span.kind': 'tool', 'traceloop.entity.name': 'search' }), 'tool search');
  assert.equal(named({ 'ai.operationId': 'ai.toolCall', 'ai.toolCall.name': 'search' }), 'tool search');
  assert.equal(named({ 'openinference.span.kind': 'RETRIEVER' }, { name: 'docs' }), 'recall docs');
  assert.equal(named({ 'openinference.span.kind': 'CHAIN' }, { name: 'chain' }), 'node chain');
  assert.equal(named({ 'gen_ai.agent.name': 'Bob' }, { name: 'invoke_agent Bob' }), 'agent Bob');
  assert.equal(named({ 'gen_ai.operation.name': 'embeddings', 'gen_ai.request.model': 'e' }), 'chat e');
  assert.equal(named({}, { name: 'GET /' }), 'node GET /');
});

test('sums of a whole are counted once', () => {
  const usage = (input: number, output: number) => ({
    'gen_ai.usage.input_tokens': input,
    'gen_ai.usage.output_tokens': output,
  });
  const { view } = imported([
    { id: 1, name: 'invoke_agent a', is: { ...usage(30, 3), 'gen_ai.usage.cost': 3 } },
    {
      id: 2,
      parent: 1,
      name: 'ai.generateText',
      is: { 'ai.operationId': 'ai.generateText', ...usage(30, 3) },
    },
    { id: 3, parent: 2, name: 'chat m', at: 1, is: { ...usage(10, 1), 'gen_ai.usage.cost': 1 } },
    { id: 4, parent: 2, name: 'chat m', at: 2, is: { ...usage(20, 2), 'gen_ai.usage.cost': 2 } },
  ]);
  const { calls, inputTokens, outputTokens, usd } = view.totals;
  assert.deepEqual([calls, inputTokens, outputTokens, usd], [2, 30, 3, 3]);
});

test('calls without a cost are named for whoever knows prices', () => {
  const is = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm', 'gen_ai.usage.input_tokens': 1 };
  const { spans } = readMessage(
    message([
      { id: 1, is },
      { id: 2, is: { ...is, 'gen_ai.usage.cost': 0.5 } },
    ]),
  );
  assert.deepEqual(
    unpricedIn(spans).map(({ span, use }) => [span, use.model, use.usage.input]),
    [[spanId(1), 'm', 1]],
  );
  assert.equal(runOf(spans).view.totals.unpriced, 1);
});

test('an error of a model, of a tool, and of the whole', () => {
  const { view } = imported([
    { id: 1, name: 'root', ms: 100, error: 'gave up' },
    { id: 2, parent: 1, name: 'chat m', is: { 'error.type': 'rate_limit' }, error: 'too many' },
    {
      id: 3,
      parent: 1,
      name: 'execute_tool t',
      at: 1,
      is: { 'error.type': 'tool_error' },
      error: 'tool_error',
    },
    {
      id: 4,
      parent: 1,
      name: 'work',
      at: 2,
      error: '',
      events: [
        { name: 'exception', is: { 'exception.type': 'TypeError', 'exception.message': 'x is undefined' } },
      ],
    },
  ]);
  assert.deepEqual(
    view.steps.map(({ status, isError, error }) => [status, isError, error?.code, error?.message]),
    [
      ['failed', false, 'rate_limit', 'too many'],
      ['finished', true, undefined, undefined],
      ['failed', false, 'TypeError', 'x is undefined'],
    ],
  );
  assert.deepEqual([view.status, view.error?.message], ['failed', 'gave up']);
});

test('several at the top, one without a parent, one that holds itself, and a circle', () => {
  const at = (id: number, parent: number | undefined, at: number): Given => ({
    id,
    at,
    ...(parent === undefined ? {} : { parent }),
  });
  const { view } = imported([
    at(1, undefined, 5),
    at(2, 99, 1),
    at(3, 3, 2),
    at(4, 6, 3),
    at(5, 4, 4),
    at(6, 5, 6),
  ]);
  assert.deepEqual(tree(view.steps).sort(), [
    '1 node span 2',
    '2 node span 3',
    '3 node span 4',
    '3.1 node span 5',
    '3.1.1 node span 6',
    '4 node span 1',
  ]);
});

test('an end before the start, a clock that went back, and a span without an end', () => {
  const { view, events } = imported([
    { id: 1, name: 'root', at: 100, ms: 50 },
    { id: 2, parent: 1, at: 20, ms: -10 },
    { id: 3, parent: 2, at: 10, ms: 500 },
    { id: 4, parent: 1, at: 30, ms: null },
  ]);
  assert.deepEqual(tree(view.steps), ['1 node span 2', '1.1 node span 3', '2 node span 4']);
  assert.deepEqual(
    view.steps.map(({ durationMs, status }) => [durationMs, status]),
    [
      [0, 'finished'],
      [500, 'finished'],
      [undefined, 'interrupted'],
    ],
  );
  assert.match(view.steps[0]?.notes[0]?.text ?? '', /before its start/);
  assert.equal(view.startedAt, START + 10);
  assert.ok(
    events.findIndex((event) => event.type === 'step.started' && event.step === '1') <
      events.findIndex((event) => event.type === 'step.started' && event.step === '1.1'),
  );
});

test('1,000 levels are 1,000 levels, and deeper ones are beside the deepest', () => {
  const chain = Array.from({ length: 3000 }, (_, id): Given => ({
    id: id + 1,
    at: id,
    ms: 5000,
    ...(id === 0 ? {} : { parent: id }),
  }));
  const { view } = imported(chain);
  assert.equal(view.steps.length, 2999);
  const depths = view.steps.map(({ id }) => id.split('.').length);
  assert.equal(
    depths.reduce((most, one) => Math.max(most, one), 0),
    999,
  );
  assert.equal(view.steps[998]?.id, Array(999).fill('1').join('.'));
});

test('while spans come in, a missing parent says that there is more', () => {
  const { spans } = readMessage(message([{ id: 2, parent: 1 }]));
  assert.deepEqual(
    [runOf(spans, { isComing: true }).view.status, runOf(spans).view.status],
    ['stopped', 'succeeded'],
  );
});

test('what is the same in all calls is kept once', () => {
  const turns = Array.from({ length: 200 }, (_, index) => ({
    role: index % 2 ? 'assistant' : 'user',
    content: `${index} ${'x'.repeat(500)}`,
  }));
  const given = Array.from({ length: 100 }, (_, index): Given => ({
    id: index + 1,
    at: index,
    is: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.input.messages': JSON.stringify(turns.slice(0, index * 2 + 1)),
    },
  }));
  const { blobs } = runOfTrace(readMessage(message(given)).spans, {
    run: 'r',
    folder: '/w',
    version: '',
    costs: new Map(),
  });
  const size = [...blobs.values()].reduce((sum, text) => sum + text.length, 0);
  assert.ok(size < 400_000, `${size} characters for 200 turns of 500`);
});

test('names with underscores, ids in base64, numbers as numbers, and a list of requests', () => {
  const id = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
  const { spans } = readMessage([
    {
      resource_spans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { string_value: 's' } }] },
          scope_spans: [
            {
              scope: { name: 'x' },
              spans: [
                {
                  trace_id: id(TRACE),
                  span_id: id(spanId(2)),
                  parent_span_id: id(spanId(1)),
                  name: 'n',
                  start_time_unix_nano: START * 1e6,
                  end_time_unix_nano: (START + 5) * 1e6,
                  attributes: [
                    {
                      key: 'a',
                      value: { kvlist_value: { values: [{ key: '__proto__', value: { int_value: 5 } }] } },
                    },
                  ],
                  status: { code: 'STATUS_CODE_ERROR' },
                },
              ],
            },
          ],
        },
      ],
    },
    message([{ id: 1 }]),
  ]);
  const [first] = spans;
  assert.equal(spans.length, 2);
  assert.deepEqual(
    [first?.trace, first?.id, first?.parent, first?.failed, first?.service],
    [TRACE, spanId(2), spanId(1), true, 's'],
  );
  assert.equal(Math.round(first?.start ?? 0), START);
  assert.equal(JSON.stringify(first?.attributes.get('a')), '{"__proto__":5}');
});

test('spans that make no sense cost the others nothing', () => {
  const good = message([{ id: 1 }]);
  const spans = [
    {},
    { traceId: 'x' },
    7,
    null,
    { traceId: TRACE, spanId: spanId(2), startTimeUnixNano: '-5' },
  ];
  good.resourceSpans.push({
    resource: { attributes: [] },
    scopeSpans: [{ scope: { name: '' }, spans: spans as never }],
  });
  const read = readMessage(good);
  assert.deepEqual([read.spans.length, read.unreadable], [1, 5]);
});

const refused = (value: unknown) => {
  try {
    readMessage(value);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'taken';
};
test('what is no OTLP is told by what it seems to be', () => {
  assert.match(refused({ data: [{ traceID: 'a', spans: [] }] }), /Jaeger/);
  assert.match(refused([{ traceId: 'a', id: 'b', timestamp: 1, localEndpoint: {} }]), /Zipkin/);
  assert.match(refused({ id: 'x', run_type: 'llm' }), /LangSmith/);
  assert.match(refused({ id: 'x', observations: [] }), /Langfuse/);
  assert.match(refused({ traceEvents: [] }), /Chrome/);
  assert.match(refused({ resourceMetrics: [] }), /metrics alone/);
  for (const value of [{}, [], 'text', null, 5]) assert.match(refused(value), /no OTLP trace/);
});

const logs = (
  service: string,
  records: readonly (readonly [string, number, Readonly<Record<string, Value>>])[],
) => ({
  resourceLogs: [
    {
      resource: { attributes: attributes({ 'service.name': service }) },
      scopeLogs: [
        {
          logRecords: records.map(([name, at, is]) => ({
            timeUnixNano: nanos(at),
            body: { stringValue: name },
            attributes: attributes({ 'event.name': name, ...is }),
          })),
        },
      ],
    },
  ],
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

test('HTML and scripts in every field stay the texts that they are', () => {
  const xss = '<img src=x onerror=alert(1)>';
  const { view, read } = imported(
    [
      { id: 1, name: xss, is: { [xss]: xss, 'gen_ai.agent.name': xss } },
      { id: 2, parent: 1, name: `execute_tool ${xss}`, is: { 'gen_ai.tool.call.result': xss }, error: xss },
    ],
    xss,
    xss,
  );
  assert.equal(view.agent, xss);
  assert.equal(view.steps[0]?.error?.message, xss);
  assert.equal(view.steps[0].name, xss);
  assert.equal(read(view.steps[0].output), null);
});

test('a run that was exported comes back as it was', () => {
  const run = runs.succeeded();
  const traces = toOtlpJson(run.events, { includeContent: true, getBlob: (id) => run.getBlob(id) });
  const { view, read } = runOf(readMessage(JSON.parse(JSON.stringify(traces))).spans);
  const before = run.view() ?? assert.fail();
  const asWritten = (payload: Payload): Json => readPayload((id) => run.getBlob(id), payload);
  const own = ({ kind }: StepView): boolean => kind !== 'chat' && kind !== 'tool';
  assert.deepEqual(
    view.steps.filter(own).map((step) => summariseStep(step, read)),
    before.steps.filter(own).map((step) => summariseStep(step, asWritten)),
  );
  assert.deepEqual(tree(view.steps), tree(before.steps));
  assert.deepEqual(view.totals, before.totals);
  assert.deepEqual([view.task, view.agent, view.status], [before.task, before.agent, before.status]);
});

test('the user is whom the trace names, a name before an id', () => {
  const userOf = (is: Readonly<Record<string, Value>>): string | undefined =>
    imported([
      { id: 1, name: 'invoke_agent a', is: { 'gen_ai.operation.name': 'invoke_agent' } },
      { id: 2, parent: 1, is },
    ]).view.user;
  for (const name of [
    ...['user.id', 'enduser.id', 'langfuse.user.id', 'langsmith.metadata.user_id', 'user.email'],
    'traceloop.association.properties.user_id',
  ])
    assert.equal(userOf({ [name]: 'ada' }), 'ada', name);
  assert.equal(userOf({ 'user.id': 'e3b0c44298fc', 'user.name': 'Ada' }), 'Ada');
  assert.equal(userOf({ 'user.id': '' }), undefined);
  const run = runs.begun();
  const [started] = run.events;
  assert.ok(started?.type === 'run.started');
  const events = [{ ...started, user: 'Ada' }, ...run.events.slice(1)];
  const traces = toOtlpJson(events, { includeContent: true, getBlob: (id) => run.getBlob(id) });
  assert.equal(runOf(readMessage(JSON.parse(JSON.stringify(traces))).spans).view.user, 'Ada');
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
