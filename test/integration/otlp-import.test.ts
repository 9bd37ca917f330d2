import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { toOtlpJson } from '../../extension/src/core/observability/index.ts';
import { encodeMessage, TRACES } from '../../extension/src/core/observability/otlp-wire/index.ts';
import {
  importTraces,
  openKeptSpans,
  readTraceFile,
  receiveTraces,
} from '../../extension/src/node/otlp/index.ts';
import { createPriceList } from '../../extension/src/node/providers/prices/index.ts';
import { openRunStore } from '../../extension/src/node/sqlite/index.ts';
import type { RunStore } from '../../extension/src/node/sqlite/index.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import type { RunView } from '../../extension/src/protocol/run-view.ts';
import * as runs from '../support/sample-runs.ts';

const signal = () => AbortSignal.timeout(60_000);

interface World {
  readonly folder: string;
  readonly store: RunStore;
  /** Done before the store is closed. */
  readonly closing: (() => Promise<void>)[];
  file(name: string, content: string | Uint8Array): string;
  view(run: string): RunView;
  readonly ports: Parameters<typeof importTraces>[1];
}

function worldOf(t: TestContext): World {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-otlp-'));
  const store = openRunStore(path.join(folder, 'runs.db'), Date.now);
  const closing: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const close of closing) await close();
    store.dispose();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder,
    store,
    closing,
    file: (name, content) => {
      const file = path.join(folder, name);
      writeFileSync(file, content);
      return file;
    },
    view: (run) => foldRun(store.read(run)) ?? assert.fail(`no run ${run}`),
    ports: { store, folder: '/w', version: '0.1.0', price: createPriceList() },
  };
}

const sample = runs.succeeded();
const traces = toOtlpJson(sample.events, { includeContent: true, getBlob: (id) => sample.getBlob(id) });
const json = JSON.stringify(traces);
const bytes = encodeMessage(TRACES, traces);
const lengthOf = (part: Uint8Array) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part.length);
  return length;
};

for (const [form, content] of [
  ['JSON', json],
  ['JSON over many lines', JSON.stringify(traces, undefined, 2)],
  ['JSON with a byte order mark', `\uFEFF${json}`],
  ['lines of JSON', `${json}\n\n${json}\n`],
  ['JSON under gzip', gzipSync(json)],
  ['protobuf', bytes],
  ['protobuf under gzip', gzipSync(bytes)],
  [
    'protobuf with lengths, as the collector writes',
    Buffer.concat([lengthOf(bytes), bytes, lengthOf(bytes), bytes]),
  ],
] as const) {
  test(`a file of ${form} becomes the run that it was exported from`, async (t) => {
    const world = worldOf(t);
    const read = await readTraceFile(world.file('trace', content), { signal: signal() });
    const [made, second] = await importTraces(read.spans, world.ports, { signal: signal() });
    assert.ok(made && !second);
    const view = world.view(made.run);
    assert.deepEqual(view.totals, sample.view()?.totals);
    assert.deepEqual(
      view.steps.map(({ id, kind }) => `${id} ${kind}`),
      sample.view()?.steps.map(({ id, kind }) => `${id} ${kind}`),
    );
    assert.equal(view.task, sample.view()?.task);
    assert.equal(world.store.list().length, 1);
    assert.equal(world.store.statusOf(made.run), 'succeeded');
  });
}

test('the same file again is the same run', async (t) => {
  const world = worldOf(t);
  const { spans } = await readTraceFile(world.file('trace', json), { signal: signal() });
  const [once] = await importTraces(spans, world.ports, { signal: signal() });
  const [again] = await importTraces(spans, world.ports, { signal: signal() });
  assert.deepEqual(again, once);
  assert.equal(world.store.list().length, 1);
});

const refused = async (t: TestContext, content: string | Uint8Array) => {
  const world = worldOf(t);
  const file = world.file('trace', content);
  return readTraceFile(file, { signal: signal() }).then(
    () => 'taken',
    (error: unknown) =>
      error instanceof Error && 'code' in error ? `${String(error.code)}: ${error.message}` : String(error),
  );
};
test('what cannot be read is told in words', async (t) => {
  assert.match(await refused(t, ''), /not-otlp: .* empty/);
  assert.match(await refused(t, '<!doctype html><p>404'), /not-otlp: .* a page/);
  assert.match(await refused(t, 'hello'), /not-otlp: .* neither JSON nor protobuf/);
  assert.match(await refused(t, json.slice(0, json.length / 2)), /otlp-damaged: .* cut off/);
  assert.match(await refused(t, bytes.subarray(0, bytes.length / 2)), /otlp-damaged: .* middle/);
  assert.match(await refused(t, gzipSync(json).subarray(0, 900)), /trace-unreadable: .* unexpected end/);
  assert.match(await refused(t, '{"data":[{"traceID":"a","spans":[]}]}'), /not-otlp: .* Jaeger/);
  assert.match(await refused(t, '{"a":1}\n{"b":2}\n'), /not-otlp/);
  assert.match(await refused(t, '{"resourceSpans":[]}'), /no-spans/);
  assert.match(await refused(t, Buffer.from([0xff, 0xfe, 0, 1, 2, 3, 4, 5])), /not-otlp/);
});

test('a folder, and nothing, are no files', async (t) => {
  const { folder } = worldOf(t);
  await assert.rejects(readTraceFile(folder, { signal: signal() }), { code: 'trace-unreadable' });
  await assert.rejects(readTraceFile(path.join(folder, 'none'), { signal: signal() }), {
    code: 'trace-unreadable',
  });
});

test('lines that were cut cost the others nothing', async (t) => {
  const world = worldOf(t);
  const file = world.file('trace', `${json}\nnot json\n${json.slice(0, 500)}`);
  const read = await readTraceFile(file, { signal: signal() });
  assert.equal(read.unreadable, 2);
  assert.ok(read.spans.length > 5);
});

test('500 MB in one piece are refused, and lines of any size are read one by one', async (t) => {
  const world = worldOf(t);
  const whole = world.file('whole', '{"resourceSpans":[\n');
  // With holes, which take no room on the disk.
  truncateSync(whole, 500 * 1024 ** 2);
  await assert.rejects(readTraceFile(whole, { signal: signal() }), { code: 'trace-too-large' });

  const lines = world.file('lines', `${json}\n`);
  const other = `${JSON.stringify({ note: 'x'.repeat(10 * 1024 ** 2) })}\n`;
  for (let count = 0; count < 14; count += 1) appendFileSync(lines, other);
  let seen = 0;
  const onProgress = (read: number, all: number) => {
    assert.ok(read > seen && read <= all);
    seen = read;
  };
  const read = await readTraceFile(lines, { signal: signal(), onProgress });
  assert.equal(read.spans.length, traces.resourceSpans[0]?.scopeSpans[0]?.spans.length);
  assert.equal(read.unreadable, 14);
});

test('reading can be called off', async (t) => {
  const world = worldOf(t);
  const file = world.file('trace', json);
  await assert.rejects(readTraceFile(file, { signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('spans recorded by OpenTelemetry’s own SDK are shown with the right tree, tokens and cost', async (t) => {
  for (const [form, Exporter] of [
    ['protobuf', ProtobufExporter],
    ['JSON', JsonExporter],
  ] as const) {
    const world = worldOf(t);
    const receiver = await receiveTraces({
      ...world.ports,
      kept: openKeptSpans(path.join(world.folder, `received-${form}.db`)),
      now: Date.now,
      after: () => ({ dispose: () => undefined }),
      note: (text) => assert.fail(text),
      port: 0,
    });
    const exporter = new Exporter({ url: `${receiver.origin}/v1/traces` });
    const provider = new NodeTracerProvider({
      resource: new Resource({ 'service.name': 'weather-bot' }),
      spanProcessors: [new BatchSpanProcessor(exporter)],
    });
    const tracer = provider.getTracer('langgraph-instrumentation');
    const root = tracer.startSpan('invoke_agent planner', {
      attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'planner' },
    });
    const inside = trace.setSpan(context.active(), root);
    const chat = (model: string, input: number, output: number, cost?: number) => {
      const span = tracer.startSpan(
        `chat ${model}`,
        {
          attributes: {
            'gen_ai.operation.name': 'chat',
            'gen_ai.provider.name': 'openai',
            'gen_ai.request.model': model,
            'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"Weather?"}]}]',
            'gen_ai.usage.input_tokens': input,
            'gen_ai.usage.output_tokens': output,
            ...(cost === undefined ? {} : { 'gen_ai.usage.cost': cost }),
          },
        },
        inside,
      );
      span.end();
    };
    chat('gpt-4o', 1_000_000, 0);
    const tool = tracer.startSpan(
      'execute_tool weather',
      { attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'weather' } },
      inside,
    );
    tracer.startSpan('GET', {}, trace.setSpan(inside, tool)).end();
    tool.setStatus({ code: SpanStatusCode.ERROR, message: 'no such city' });
    tool.end();
    chat('own-model', 10, 5, 0.5);
    root.end();
    await provider.shutdown();
    await receiver.close();

    const [listed, second] = world.store.list();
    assert.ok(listed && !second, form);
    const view = world.view(listed.id);
    assert.deepEqual(
      view.steps.map(({ id, kind, name, status }) => `${id} ${kind} ${name} ${status}`),
      [
        '1 chat gpt-4o finished',
        '2 tool weather failed',
        '2.1 node GET finished',
        '3 chat own-model finished',
      ],
    );
    assert.deepEqual([view.agent, view.task, view.status], ['planner', 'Weather?', 'succeeded']);
    assert.deepEqual(
      [view.totals.inputTokens, view.totals.outputTokens, view.totals.calls],
      [1_000_010, 5, 2],
    );
    // $2.50 for a million tokens of gpt-4o by the price list, which is an estimate.
    assert.deepEqual([view.totals.usd, view.totals.estimated], [3, true]);
  }
});

test('late spans and the root at last: one run, that grows', async (t) => {
  const world = worldOf(t);
  const waiting: (() => void)[] = [];
  const receiver = await receiveTraces({
    ...world.ports,
    kept: openKeptSpans(path.join(world.folder, 'received.db')),
    now: Date.now,
    after: (_, callback) => {
      waiting.push(callback);
      return { dispose: () => waiting.splice(waiting.indexOf(callback), 1) };
    },
    note: (text) => assert.fail(text),
    port: 0,
  });
  world.closing.push(() => receiver.close());
  const all = traces.resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
  const send = async (spans: readonly object[]) => {
    const answer = await fetch(`${receiver.origin}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
    });
    assert.equal(answer.status, 200);
    // The first of each piece is the one that shows it; the others wait until it is quiet.
    const due = waiting.splice(0);
    for (const callback of due) callback();
  };
  const shown = async (steps: number) => {
    for (let tries = 0; tries < 500; tries += 1) {
      const [run] = world.store.list();
      if (run?.steps === steps) return run;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return assert.fail(`no run with ${steps} steps: ${JSON.stringify(world.store.list())}`);
  };
  await send(all.slice(3, 6));
  const first = await shown(3);
  await send(all.slice(6));
  await shown(all.length - 3);
  await send(all.slice(0, 3));
  const last = await shown(all.length - 1);
  assert.equal(last.id, first.id);
  assert.equal(last.status, 'succeeded');
  assert.equal(world.store.list().length, 1);
});

test('a port that is taken: the next free one', async (t) => {
  const world = worldOf(t);
  const open = (port: number) =>
    receiveTraces({
      ...world.ports,
      kept: openKeptSpans(path.join(world.folder, 'received.db')),
      now: Date.now,
      after: () => ({ dispose: () => undefined }),
      note: (text) => assert.fail(text),
      port,
    });
  const one = await open(0);
  world.closing.push(() => one.close());
  const two = await open(one.port);
  world.closing.push(() => two.close());
  assert.ok(two.port > one.port && two.port <= one.port + 50);
});

test('what the receiver answers to what it does not take', async (t) => {
  const world = worldOf(t);
  const receiver = await receiveTraces({
    ...world.ports,
    kept: openKeptSpans(path.join(world.folder, 'received.db')),
    now: Date.now,
    after: () => ({ dispose: () => undefined }),
    note: (text) => assert.fail(text),
    port: 0,
  });
  world.closing.push(() => receiver.close());
  const status = async (given: RequestInit & { readonly path?: string } = {}) => {
    const { path: at = '/v1/traces', ...init } = given;
    const headers = { 'content-type': 'application/json', ...init.headers };
    const body = init.method === 'GET' ? {} : { body: '{}' };
    return (await fetch(receiver.origin + at, { method: 'POST', ...body, ...init, headers })).status;
  };
  assert.equal(await status(), 200);
  assert.equal(await status({ path: '/v1/metrics', body: '{"resourceMetrics":[]}' }), 200);
  assert.equal(await status({ path: '/v1/logs', body: '{"resourceLogs":[]}' }), 200);
  assert.equal(await status({ path: '/' }), 404);
  assert.equal(await status({ method: 'GET' }), 405);
  assert.equal(await status({ headers: { 'content-type': 'text/plain' } }), 415);
  assert.equal(await status({ body: 'no json' }), 400);
  assert.equal(await status({ body: '{"data":[]}' }), 400);
  assert.equal(await status({ headers: { 'content-encoding': 'gzip' } }), 400);
  assert.equal(
    await status({
      body: gzipSync(Buffer.alloc(65 * 1024 ** 2), { level: 1 }),
      headers: { 'content-encoding': 'gzip' },
    }),
    400,
  );
  assert.equal(await status({ body: Buffer.alloc(17 * 1024 ** 2) }), 413);
  assert.equal(await status({ headers: { origin: 'https://evil.example' } }), 403);
  assert.deepEqual(world.store.list(), []);
});
