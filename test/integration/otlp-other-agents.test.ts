import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openKeptSpans, receiveTraces } from '../../extension/src/node/otlp/index.ts';
import { createPriceList } from '../../extension/src/node/providers/prices/index.ts';
import { openRunStore } from '../../extension/src/node/sqlite/index.ts';
import { readPayload } from '../../extension/src/protocol/payload.ts';
import type { Payload } from '../../extension/src/protocol/run-event.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';
import { startModelServer } from '../support/model-server/index.ts';
import type { Script } from '../support/model-server/index.ts';
import { otherAgents, runOtherAgent } from '../support/other-agents.ts';

/** The one run that Strata's receiver makes of what the program sent; undefined where its packages cannot be had. */
async function receivedFrom(
  t: TestContext,
  program: string,
  script: Script,
  env: Readonly<Record<string, string>> = {},
) {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-others-'));
  const store = openRunStore(path.join(folder, 'runs.db'), Date.now);
  const undo: (() => unknown)[] = [
    () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
    () => store.dispose(),
  ];
  t.after(async () => {
    for (const step of undo.toReversed()) await step();
  });
  if (!(await otherAgents(t, folder))) return undefined;
  const model = await startModelServer(script);
  undo.push(model.close);
  const receiver = await receiveTraces({
    ...{ store, folder: '/w', version: '0.1.0', price: createPriceList() },
    kept: openKeptSpans(path.join(folder, 'received.db')),
    now: Date.now,
    after: () => ({ dispose: () => undefined }),
    note: (text) => assert.fail(text),
    port: 0,
  });
  try {
    await runOtherAgent(program, { folder, model: model.url, traces: receiver.origin }, env);
  } finally {
    // What was received is shown at the end at the latest.
    await receiver.close();
  }
  const [listed, second] = store.list();
  assert.ok(listed && !second);
  const view = foldRun(store.read(listed.id)) ?? assert.fail();
  return {
    view,
    tree: view.steps.map(({ id, kind, name, status }) => `${id} ${kind} ${name} ${status}`),
    step: (id: string): StepView => view.steps.find((step) => step.id === id) ?? assert.fail(id),
    read: (payload: Payload | undefined) =>
      payload ? readPayload((blob) => store.getBlob(blob), payload) : undefined,
  };
}

const ask = (city: string) => ({ name: 'weather', arguments: { city } });

const askedTwice: Script = (_, call) =>
  call === 1
    ? {
        toolCalls: [ask('Paris'), ask('Atlantis')],
        usage: { input: 1_000_000, output: 20, cacheRead: 400_000 },
      }
    : { text: 'It rains in Paris.', usage: { input: 2_000, output: 100_000 } };
const bothCities = {
  role: 'assistant',
  content: ['Paris', 'Atlantis'].map((city, index) => ({
    ...{ type: 'tool-call', callId: `call_1_${index}`, tool: 'weather', arguments: { city } },
  })),
};
const langSmith = { LANGSMITH_TRACING: 'true', LANGSMITH_OTEL_ENABLED: 'true' };

for (const [exporter, env] of [
  ["OpenTelemetry's exporter", {}],
  ["LangSmith's exporter", langSmith],
] as const)
  test(`a graph of LangGraph.js by ${exporter}: its nodes, model calls and tools, with tokens and cost`, async (t) => {
    const run = await receivedFrom(t, 'langgraph.mjs', askedTwice, env);
    if (!run) return;
    const { view, tree, step, read } = run;
    assert.deepEqual(tree, [
      '1 node __start__ finished',
      '2 node planner finished',
      '2.1 chat gpt-4o finished',
      '2.2 node RunnableLambda finished',
      '3 node tools finished',
      '3.1 tool weather finished',
      '3.2 tool weather failed',
      '4 node planner finished',
      '4.1 chat gpt-4o finished',
      '4.2 node RunnableLambda finished',
    ]);
    assert.deepEqual(
      [view.agent, view.task, view.status],
      ['travel', 'Weather in Paris and Atlantis?', 'succeeded'],
    );
    assert.deepEqual(view.origin.kind === 'import' && view.origin.source, 'LangGraph');
    assert.equal(read(view.answer), 'It rains in Paris.');
    checkTotals(view);
    assert.deepEqual(read(step('2.1').output), bothCities);
    assert.deepEqual(read(step('3.1').output), said('rain in Paris'));
    assert.equal(step('3.2').error?.message, 'no such city');
  });

test("functions and an OpenAI client that LangSmith's own package traces over OpenTelemetry", async (t) => {
  const run = await receivedFrom(t, 'langsmith.mjs', askedTwice, langSmith);
  if (!run) return;
  const { view, tree, step, read } = run;
  assert.deepEqual(tree, [
    '1 chat gpt-4o finished',
    '2 tool weather finished',
    '3 tool weather failed',
    '4 chat gpt-4o finished',
  ]);
  assert.deepEqual(
    [view.agent, view.task, view.status, view.user],
    ['travel', 'Weather in Paris and Atlantis?', 'succeeded', 'ada'],
  );
  assert.deepEqual(view.origin.kind === 'import' && view.origin.source, 'LangSmith');
  assert.equal(read(view.answer), 'It rains in Paris.');
  checkTotals(view);
  const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
  const question = { role: 'user', content: [{ type: 'text', text: 'Weather in Paris and Atlantis?' }] };
  assert.deepEqual(read(step('1').input), {
    messages: [question],
    tools: [{ name: 'weather', description: 'The weather of a city', inputSchema: schema }],
  });
  assert.deepEqual(read(step('1').output), bothCities);
  assert.deepEqual(read(step('2').input), { tool: 'weather', arguments: { city: 'Paris' } });
  assert.deepEqual(read(step('2').output), said('rain in Paris'));
  assert.equal(step('3').error?.message, 'no such city');
});

for (const api of ['chat completions', 'responses'])
  test(`agents of the OpenAI Agents SDK over ${api}: a hand-over, model calls and tools, with tokens and cost`, async (t) => {
    const script: Script = (_, call) => {
      if (call === 1)
        return {
          toolCalls: [{ name: 'transfer_to_forecaster', arguments: {} }],
          usage: { input: 1_000_000, output: 10 },
        };
      return call === 2
        ? { toolCalls: [ask('Paris'), ask('Atlantis')], usage: { input: 100_000, output: 20 } }
        : { text: 'It rains in Paris.', usage: { input: 2_000, output: 30 } };
    };
    const run = await receivedFrom(t, 'openai-agents.mjs', script, { MODEL_API: api });
    if (!run) return;
    const { view, tree, step, read } = run;
    assert.deepEqual(tree, [
      '1 node Weather desk finished',
      '1.1 agent desk finished',
      '1.1.1 node turn finished',
      '1.1.1.1 chat gpt-4o-mini finished',
      '1.1.1.2 tool handoff_to_forecaster finished',
      '1.2 agent forecaster finished',
      '1.2.1 node turn finished',
      '1.2.1.1 chat gpt-4o finished',
      '1.2.1.2 tool weather finished',
      '1.2.1.3 tool weather failed',
      '1.2.2 node turn finished',
      '1.2.2.1 chat gpt-4o finished',
    ]);
    assert.deepEqual(
      [view.agent, view.task, view.status],
      ['Weather desk', 'Weather in Paris and Atlantis?', 'succeeded'],
    );
    assert.deepEqual(view.origin.kind === 'import' && view.origin.source, 'OpenAI Agents SDK');
    assert.equal(read(view.answer), 'It rains in Paris.');
    const { inputTokens, outputTokens, calls, estimated, usd } = view.totals;
    assert.deepEqual([inputTokens, outputTokens, calls, estimated], [1_102_000, 60, 3, true]);
    // gpt-4o-mini: $0.15 for a million tokens, and gpt-4o as below.
    assert.equal(usd.toFixed(3), '0.406');
    assert.deepEqual(read(step('1.2.1.2').input), { tool: 'weather', arguments: { city: 'Paris' } });
    const asked = ['Paris', 'Atlantis'].map((city, index) => ({
      ...{ type: 'tool-call', callId: `call_2_${index}`, tool: 'weather', arguments: { city } },
    }));
    assert.deepEqual(read(step('1.2.1.1').output), { role: 'assistant', content: asked });
    // Calls of one answer are one message of the conversation, also where they were items by themselves.
    const last = JSON.stringify(read(step('1.2.2.1').input));
    assert.equal(last.split('"role":"assistant"').length - 1, 2, last);
    assert.ok(last.includes('"text":"rain in Paris"'), last);
  });

const said = (text: string) => ({ content: [{ type: 'text', text }], isError: false });

function checkTotals({ totals }: RunView): void {
  const { inputTokens, outputTokens, calls, estimated, usd } = totals;
  assert.deepEqual([inputTokens, outputTokens, calls, estimated], [1_002_000, 100_020, 2, true]);
  // gpt-4o: $2.50 for a million tokens, half of it for those of the cache, and $10 for a million that it writes.
  assert.equal(usd.toFixed(4), '3.0052');
}
