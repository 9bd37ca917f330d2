import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../../extension/src/base/json.ts';
import { summariseStep, toOtlpJson } from '../../../extension/src/core/observability/index.ts';
import { readMessage, unpricedIn } from '../../../extension/src/core/observability/otlp-import/index.ts';
import { readPayload } from '../../../extension/src/protocol/payload.ts';
import type { Payload } from '../../../extension/src/protocol/run-event.ts';
import type { StepView } from '../../../extension/src/protocol/run-view.ts';
import * as runs from '../../support/sample-runs.ts';

import {
  TRACE,
  START,
  spanId,
  imported,
  tree,
  message,
  runOf,
  callOf,
  type Value,
  type Given,
} from '../../support/otlp-spans.ts';

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
