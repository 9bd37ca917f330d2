import assert from 'node:assert/strict';
import { test } from 'node:test';
import root from '@opentelemetry/otlp-transformer/build/src/generated/root.js';
import * as z from 'zod';
import { toOtlpJson } from '../../../extension/src/core/observability/index.ts';
import type { OtlpOptions } from '../../../extension/src/core/observability/index.ts';
import type { RunEvent } from '../../../extension/src/protocol/run-event.ts';
import type { RecordedRun } from '../../support/recorded-run.ts';
import * as runs from '../../support/sample-runs.ts';

/** The part of OpenTelemetry's own generated protobuf code that is used here; its types do not name it. */
interface MessageType {
  verify(message: unknown): string | null;
  fromObject(object: unknown): unknown;
  encode(message: unknown): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
  toObject(message: unknown, options: { readonly longs: StringConstructor }): unknown;
}
const { opentelemetry } = root as unknown as {
  readonly opentelemetry: {
    proto: { collector: { trace: { v1: { ExportTraceServiceRequest: MessageType } } } };
  };
};
const request = opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;

const attribute = z.strictObject({
  key: z.string().min(1),
  value: z.union([
    z.strictObject({ stringValue: z.string() }),
    z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
    z.strictObject({ doubleValue: z.number() }),
    z.strictObject({ boolValue: z.boolean() }),
  ]),
});
const time = z.string().regex(/^\d{19}$/);
const span = z.strictObject({
  traceId: z.string().regex(/^(?!0+$)[0-9a-f]{32}$/),
  spanId: z.string().regex(/^(?!0+$)[0-9a-f]{16}$/),
  parentSpanId: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
  name: z.string().min(1),
  kind: z.union([z.literal(1), z.literal(3)]),
  startTimeUnixNano: time,
  endTimeUnixNano: time,
  attributes: z.array(attribute),
  events: z.array(
    z.strictObject({ timeUnixNano: time, name: z.string().min(1), attributes: z.array(attribute) }),
  ),
  status: z.strictObject({
    code: z.union([z.literal(0), z.literal(1), z.literal(2)]),
    message: z.string().optional(),
  }),
});
/** The rules of the JSON mapping, stricter than the protobuf code: ids in hex, times as strings, no unknown member. */
const traces = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes: z.array(attribute) }),
      scopeSpans: z.array(
        z.strictObject({
          scope: z.strictObject({ name: z.string(), version: z.string() }),
          spans: z.array(span),
        }),
      ),
    }),
  ),
});

/** Exports, sends it through JSON, and reads it back by the schema. */
function spansOf(events: readonly RunEvent[], options: OtlpOptions = { includeContent: false }) {
  const parsed = traces.parse(JSON.parse(JSON.stringify(toOtlpJson(events, options))));
  const spans = parsed.resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
  return spans.map((one) => ({
    ...one,
    is: Object.fromEntries(one.attributes.map(({ key, value }) => [key, Object.values(value)[0] as unknown])),
  }));
}
const find = (spans: ReturnType<typeof spansOf>, name: string) => {
  const found = spans.find((one) => one.name === name);
  assert.ok(found, `no span ${name}: ${spans.map((one) => one.name).join(', ')}`);
  return found;
};
const whole = (run: RecordedRun): OtlpOptions => ({ includeContent: true, getBlob: (id) => run.getBlob(id) });

test('a run is one trace, nested as its steps are', () => {
  const spans = spansOf(runs.succeeded().events);
  const byId = new Map(spans.map((one) => [one.spanId, one.name]));
  assert.equal(byId.size, spans.length);
  assert.equal(new Set(spans.map((one) => one.traceId)).size, 1);
  const tree = spans.map((one) => `${byId.get(one.parentSpanId ?? '') ?? 'none'} > ${one.name}`);
  assert.deepEqual(tree, [
    'none > invoke_agent coder',
    'invoke_agent coder > snapshot workspace',
    'invoke_agent coder > index workspace',
    'invoke_agent coder > search_memory',
    'invoke_agent coder > catalogue tools',
    'invoke_agent coder > chat claude-sonnet-4-5',
    'invoke_agent coder > execute_tool files_read',
    'invoke_agent coder > chat claude-sonnet-4-5',
    'invoke_agent coder > execute_tool shell_run',
    'invoke_agent coder > chat claude-sonnet-4-5',
    'invoke_agent coder > approval files_edit',
    'invoke_agent coder > execute_tool files_edit',
    'invoke_agent coder > execute_tool review',
    'execute_tool review > chat claude-sonnet-4-5',
    'execute_tool review > execute_tool shell_run',
    'invoke_agent coder > chat claude-sonnet-4-5',
    'invoke_agent coder > upsert_memory',
  ]);
});

test('an export of the same run is the same trace', () => {
  assert.deepEqual(spansOf(runs.succeeded().events), spansOf(runs.succeeded().events));
});

test('spans last as long as their steps, to the nanosecond unit', () => {
  const chat = find(spansOf(runs.succeeded().events), 'chat claude-sonnet-4-5');
  assert.equal(chat.startTimeUnixNano, '1791192602270000000');
  assert.equal(BigInt(chat.endTimeUnixNano) - BigInt(chat.startTimeUnixNano), 3_100_000_000n);
  assert.equal(chat.kind, 3);
});

test('usage and cost stand on model calls and nowhere else', () => {
  const spans = spansOf(runs.succeeded().events);
  const counted = spans.filter((one) => Object.keys(one.is).some((key) => key.startsWith('gen_ai.usage.')));
  assert.deepEqual([...new Set(counted.map((one) => one.is['gen_ai.operation.name']))], ['chat']);
  const chat = find(spans, 'chat claude-sonnet-4-5').is;
  assert.equal(chat['gen_ai.usage.input_tokens'], '2400');
  assert.equal(chat['gen_ai.usage.cache_read.input_tokens'], '1680');
  assert.equal(chat['gen_ai.usage.cost'], 0.0091);
  assert.equal(chat['gen_ai.response.time_to_first_chunk'], 0.42);
  assert.equal(chat['gen_ai.provider.name'], 'anthropic');
});

test('an unknown cost is no cost of 0', () => {
  const calls = spansOf(runs.resumed().events).filter((one) => one.is['strata.cost.kind'] === 'unknown');
  assert.equal(calls.length, 1);
  assert.equal(calls[0]?.is['gen_ai.usage.cost'], undefined);
});

test('a tool that answers with an error, a step that failed, a run that failed', () => {
  const tool = find(spansOf(runs.failed().events), 'execute_tool shell_run');
  assert.deepEqual(tool.status, { code: 2, message: 'tool_error' });
  assert.equal(tool.is['error.type'], 'tool_error');
  const step = find(spansOf(runs.failed().events), 'chat code');
  assert.deepEqual(step.status, { code: 2, message: 'Anthropic refused the key (401).' });
  assert.deepEqual(
    step.events.map(({ name }) => name),
    ['exception'],
  );
  const run = find(spansOf(runs.failed().events), 'invoke_agent coder');
  assert.equal(run.is['error.type'], 'model-auth');
});

test('notes, attempts, pauses and resumptions are events of their spans', () => {
  const spans = spansOf(runs.resumed().events);
  const names = (span_: string) => find(spans, span_).events.map(({ name }) => name);
  assert.deepEqual(names('chat claude-sonnet-4-5'), ['strata.step.note', 'strata.step.note']);
  assert.deepEqual(names('execute_tool files_edit'), ['strata.step.interrupted', 'strata.step.attempt']);
  assert.deepEqual(names('invoke_agent coder'), ['strata.run.paused', 'strata.run.resumed']);
});

test('without being asked for, nothing that was written or read leaves', () => {
  const text = JSON.stringify(
    toOtlpJson(runs.succeeded().events, { includeContent: false, getBlob: () => assert.fail() }),
  );
  for (const secret of ['discount', 'careful engineer', '/home/ada', 'till.ts', 'npm test']) {
    assert.ok(!text.includes(secret), secret);
  }
});

test('content on request, in the shape of the conventions', () => {
  const run = runs.succeeded();
  const spans = spansOf(run.events, whole(run));
  const chat = find(spans, 'chat claude-sonnet-4-5').is;
  assert.deepEqual(JSON.parse(String(chat['gen_ai.system_instructions'])), [
    { type: 'text', content: 'You are a careful engineer. Work in small steps.' },
  ]);
  const messages = JSON.parse(String(chat['gen_ai.input.messages'])) as unknown[];
  assert.deepEqual(messages, [
    {
      role: 'user',
      parts: [
        { type: 'text', content: 'Make the failing test pass: the discount is not applied to the total' },
      ],
    },
  ]);
  const answer = JSON.parse(String(chat['gen_ai.output.messages'])) as {
    finish_reason: string;
    parts: { type: string }[];
  }[];
  assert.deepEqual(
    answer.at(0)?.parts.map(({ type }) => type),
    ['text', 'tool_call'],
  );
  assert.equal(answer.at(0)?.finish_reason, 'tool_call');
  assert.equal(
    find(spans, 'execute_tool files_read').is['gen_ai.tool.call.arguments'],
    '{"path":"src/till.ts"}',
  );
  assert.match(String(find(spans, 'invoke_agent coder').is['strata.answer']), /discount is now applied/);
});

test('a lost blob costs its content and not the export', () => {
  const run = runs.succeeded().loseBlobs();
  const chat = find(spansOf(run.events, whole(run)), 'chat claude-sonnet-4-5').is;
  assert.match(String(chat['strata.content.missing']), /There is no blob/);
  assert.equal(chat['gen_ai.usage.output_tokens'], '120');
});

for (const [name, run] of Object.entries({
  'a running one': runs.running(Date.UTC(2026, 0, 1)),
  'a paused one': runs.paused(),
  'markup everywhere': runs.hostile(),
  'a long one': runs.long(2000),
})) {
  test(`every run exports: ${name}`, () => {
    for (const one of spansOf(run.events, whole(run))) {
      assert.ok(BigInt(one.endTimeUnixNano) >= BigInt(one.startTimeUnixNano), one.name);
    }
  });
}

test('garbage: no events, a clock that went back, half a surrogate', () => {
  assert.deepEqual(toOtlpJson([], { includeContent: false }), { resourceSpans: [] });
  const run = runs.begun();
  run.wait(-3_600_000).append({ type: 'run.finished', outcome: 'stopped' });
  for (const one of spansOf(run.events)) {
    assert.ok(BigInt(one.endTimeUnixNano) >= BigInt(one.startTimeUnixNano), one.name);
  }
  const broken = runs.begun('half \ud800 of a pair');
  assert.ok(JSON.stringify(spansOf(broken.events, whole(broken))).isWellFormed());
});

for (const [name, run] of Object.entries({
  succeeded: runs.succeeded(),
  failed: runs.failed(),
  resumed: runs.resumed(),
})) {
  test(`OpenTelemetry's own protobuf code takes it whole: ${name}`, () => {
    const ours: unknown = JSON.parse(JSON.stringify(toOtlpJson(run.events, whole(run))), bytes);
    const message = request.fromObject(ours);
    assert.equal(request.verify(message), null);
    // What it does not know it drops, so what comes back equals what went in only if every name is right.
    const received = request.toObject(request.decode(request.encode(message).finish()), { longs: String });
    const theirs: unknown = JSON.parse(JSON.stringify(received), same);
    assert.deepEqual(theirs, JSON.parse(JSON.stringify(ours), same));
  });
}

/** Ids are hex in OTLP's JSON and bytes in protobuf. */
function bytes(key: string, value: unknown): unknown {
  return /^(trace|span|parentSpan)Id$/.test(key) ? Buffer.from(String(value), 'hex') : value;
}

/** Protobuf's reader leaves empty lists out. */
function same(_key: string, value: unknown): unknown {
  return Array.isArray(value) && value.length === 0 ? undefined : value;
}
