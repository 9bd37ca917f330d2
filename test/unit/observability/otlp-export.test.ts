import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { toOtlpJson } from '../../../extension/src/core/observability/index.ts';
import {
  backoffMs,
  bodyFor,
  environmentDestinations,
  fillHeaders,
  halves,
  inPieces,
  PROFILES,
  readDestinations,
  readReply,
  shapeFor,
  spansIn,
} from '../../../extension/src/core/observability/otlp-export/index.ts';
import type { Profile } from '../../../extension/src/core/observability/otlp-export/index.ts';
import type { Json } from '../../../extension/src/base/json.ts';
import { encodeMessage, EXPORT_RESPONSE } from '../../../extension/src/core/observability/otlp-wire/index.ts';
import { childRunId } from '../../../extension/src/protocol/run-event.ts';
import { RecordedRun } from '../../support/recorded-run.ts';
import * as runs from '../../support/sample-runs.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 9, 5, 9, 30);

/** A run with one model call, one call of a tool, and what a convention has no name for. */
function small(): RecordedRun {
  const run = new RecordedRun('r-0001mb3kq7xw2d5f', START).start('Add two numbers');
  run.begin('1', 'recall', 'memory', { query: 'Add' }).finish('1', 20, { hits: [], episodes: [] });
  run
    .begin('2', 'chat', 'code', {
      route: 'code',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Add 1 and 2.' }] }],
    })
    .finish(
      '2',
      900,
      { message: { role: 'assistant', content: [{ type: 'text', text: 'It is 3.' }] } },
      {
        model: {
          provider: 'anthropic',
          model: 'claude-sonnet-4-5',
          usage: { input: 1200, output: 30, cacheRead: 800, cacheWrite: 100 },
          cost: { kind: 'priced', usd: 0.0123 },
          firstTokenMs: 400,
        },
      },
    );
  run
    .begin('3', 'tool', 'code_run', {
      arguments: { constructor: 'x', deep: [{ ['__proto__']: { a: 2 } }] },
    })
    .finish('3', 50, { content: [{ type: 'text', text: '3' }] });
  run.begin('4', 'approval', 'code_run', {}).finish('4', 10, { allowed: true });
  return run.append({ type: 'run.finished', outcome: 'succeeded', answer: { inline: 'It is 3.' } });
}
const ENDPOINTS: Readonly<Record<Profile, string>> = {
  generic: 'http://127.0.0.1:4318',
  langfuse: 'https://cloud.langfuse.com',
  langsmith: 'https://api.smith.langchain.com',
  'azure-monitor': 'http://collector.example.com:4318/',
};

async function requestOf(profile: Profile, run = small(), now = run.at) {
  const { destinations, mistakes } = readDestinations(
    [{ profile, endpoint: ENDPOINTS[profile], protocol: 'http/json', user: 'ada' }],
    { content: true },
  );
  assert.deepEqual(mistakes, []);
  const destination = destinations[0] ?? assert.fail();
  const traces = toOtlpJson(run.events, {
    includeContent: destination.content,
    getBlob: (id) => run.getBlob(id),
  });
  const shaped = shapeFor(destination, traces, now);
  const { contentType, body } = bodyFor(destination.protocol, shaped.traces);
  const { headers } = await fillHeaders(destination.headers, destination.url, (name) =>
    Promise.resolve({ langfuse: 'pk-lf-1:sk-lf-2', langsmith: 'lsv2_key' }[name]),
  );
  return {
    tooOld: shaped.tooOld,
    url: destination.url,
    headers: { ...headers, 'content-type': contentType },
    body: JSON.parse(Buffer.from(body).toString()) as Json,
    spans: spansIn(shaped.traces).map((span) => ({
      ...span,
      is: Object.fromEntries(
        span.attributes.map(({ key, value }) => [key, Object.values(value)[0] as unknown]),
      ),
    })),
  };
}
type Spans = Awaited<ReturnType<typeof requestOf>>['spans'];
const named = (spans: Spans, name: string) => {
  const found = spans.find((one) => one.name === name);
  assert.ok(found, `no span ${name}: ${spans.map((one) => one.name).join(', ')}`);
  return found.is;
};
const chat = 'chat claude-sonnet-4-5';

for (const profile of PROFILES) {
  test(`${profile}: the request is the one in its fixture`, async () => {
    const { url, headers, body } = await requestOf(profile);
    const file = path.join(import.meta.dirname, `../../fixtures/otlp/${profile}.json`);
    // After a change that is meant: write them anew, and read what changed.
    if (process.env['STRATA_WRITE_FIXTURES'])
      writeFileSync(file, `${JSON.stringify({ url, headers, body }, undefined, 2)}\n`);
    assert.deepEqual({ url, headers, body }, JSON.parse(readFileSync(file, 'utf8')));
  });
}

test('trap 1: Langfuse is told the type of what it does not map, and of nothing else', async () => {
  const { spans } = await requestOf('langfuse');
  assert.deepEqual(
    spans.map(({ name, is }) => `${name}: ${String(is['langfuse.observation.type'])}`),
    [
      'invoke_agent coder: undefined',
      'search_memory: retriever',
      `${chat}: undefined`,
      'execute_tool code_run: undefined',
      'approval code_run: guardrail',
    ],
  );
  for (const { is } of spans) {
    assert.equal(is['langfuse.session.id'], 'r-0001mb3kq7xw2d5f');
    assert.equal(is['langfuse.user.id'], 'ada');
  }
});

test('trap 2: what was written to a cache goes to Langfuse under its old name alone, and totals include it', async () => {
  const written = (is: Record<string, unknown>) =>
    Object.entries(is).filter(([key]) => /cache_(write|creation)/.test(key));
  const langfuse = named((await requestOf('langfuse')).spans, chat);
  assert.deepEqual(written(langfuse), [['gen_ai.usage.cache_creation.input_tokens', '100']]);
  assert.equal(langfuse['gen_ai.usage.input_tokens'], '1200');
  assert.deepEqual(written(named((await requestOf('generic')).spans, chat)), [
    ['gen_ai.usage.cache_write.input_tokens', '100'],
  ]);
});

test('trap 3: usage and cost stand on leaves, also where there are sub-runs', () => {
  const id = 'r-0001mb3kq7xw2d5f';
  const child = childRunId(id, '1', 0);
  const run = new RecordedRun(id, START).start('Whole');
  run.begin('1', 'agent', 'helper', {}, { child });
  const sub = new RecordedRun(child, START + 5).start('Part', 'helper', {
    origin: { kind: 'sub-run', run: id, step: '1' },
  });
  const model = small().events.find((event) => event.type === 'step.finished' && event.model !== undefined);
  assert.ok(model?.type === 'step.finished' && model.model);
  sub.begin('1', 'chat', 'code', {}).finish('1', 10, {}, { model: model.model });
  sub.append({ type: 'run.finished', outcome: 'succeeded' });
  run.finish(
    '1',
    40,
    {},
    {
      rollUp: {
        steps: 1,
        calls: 1,
        inputTokens: 1200,
        outputTokens: 30,
        usd: 0.0123,
        unpriced: 0,
        priced: 1,
        estimated: false,
      },
    },
  );
  run.append({ type: 'run.finished', outcome: 'succeeded' });

  const spans = spansIn(toOtlpJson([...run.events, ...sub.events], { includeContent: false }));
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  assert.deepEqual(
    spans.map(({ parentSpanId, name }) => `${names.get(parentSpanId ?? '') ?? 'none'} > ${name}`),
    [
      'none > invoke_agent coder',
      'invoke_agent coder > agent helper',
      'agent helper > invoke_agent helper',
      `invoke_agent helper > ${chat}`,
    ],
  );
  const withUsage = spans.filter(({ attributes }) =>
    attributes.some(({ key }) => key.startsWith('gen_ai.usage')),
  );
  assert.deepEqual(
    withUsage.map(({ name }) => name),
    [chat],
  );
  // Exported alone, it is in the trace that a server of a tool was told of.
  assert.equal(spansIn(toOtlpJson(sub.events, { includeContent: false }))[0]?.traceId, spans[0]?.traceId);
});

test('trap 4: the cost is sent, so that nobody prices anew', async () => {
  const is = named((await requestOf('langfuse')).spans, chat);
  assert.equal(is['langfuse.observation.cost_details'], '{"total":0.0123}');
  for (const profile of PROFILES)
    assert.equal(named((await requestOf(profile)).spans, chat)['gen_ai.usage.cost'], 0.0123);
});

test('trap 5: Azure gets usage before content, and content below 64 KB', async () => {
  const run = new RecordedRun('r-0001mb3kq7xw2d5f', START).start('x'.repeat(200_000));
  const big = [{ role: 'user', content: [{ type: 'text', text: 'y'.repeat(200_000) }] }];
  const model = {
    provider: 'p',
    model: 'm',
    usage: { input: 1, output: 2 },
    cost: { kind: 'free' },
  } as const;
  run.begin('1', 'chat', 'code', { messages: big, tools: [{ name: 'z'.repeat(100_000) }] });
  run.finish(
    '1',
    10,
    { message: { role: 'assistant', content: [{ type: 'text', text: 'w'.repeat(90_000) }] } },
    { model },
  );
  const { spans } = await requestOf('azure-monitor', run);
  for (const { attributes } of spans) assert.ok(JSON.stringify(attributes).length < 64_000);
  const keys = spans.find(({ name }) => name === 'chat m')?.attributes.map(({ key }) => key) ?? [];
  assert.ok(keys.indexOf('gen_ai.usage.output_tokens') < keys.indexOf('gen_ai.input.messages'));
  assert.equal(keys.at(-1), 'gen_ai.tool.definitions');
});

test('trap 6: Azure gets a long run as linked parts, and nothing that it would refuse', async () => {
  const run = new RecordedRun('r-0001mb3kq7xw2d5f', START).start('Long');
  for (let day = 1; day <= 3; day += 1) {
    run.begin(String(day), 'tool', `day_${day}`, {});
    run.wait(20 * HOUR).finish(String(day), 1000, {});
  }
  run.append({ type: 'run.finished', outcome: 'succeeded' });
  const { spans, tooOld } = await requestOf('azure-monitor', run);
  assert.equal(tooOld, 2, 'the first day of the run, and what was done in it');
  const ms = (time: string) => Number(BigInt(time) / 1_000_000n);
  for (const span of spans) {
    assert.ok(ms(span.endTimeUnixNano) - ms(span.startTimeUnixNano) <= 24 * HOUR);
    assert.ok(ms(span.startTimeUnixNano) >= run.at - 48 * HOUR);
  }
  const [second, third] = spans.filter(({ name }) => name.startsWith('invoke_agent'));
  assert.ok(second && third);
  assert.equal(second.is['strata.part'], '2/3');
  assert.equal(third.links?.[0]?.spanId, second.spanId);
  const day3 = spans.find(({ name }) => name === 'execute_tool day_3');
  assert.equal(day3?.parentSpanId, second.spanId, 'it began in the second day');
});

test('trap 7: keys that Langfuse would drop are spelled otherwise', async () => {
  const text = String(
    named((await requestOf('langfuse')).spans, 'execute_tool code_run')['gen_ai.tool.call.arguments'],
  );
  assert.deepEqual(JSON.parse(text), { '(constr.)': 'x', deep: [{ '(proto)': { a: 2 } }] });
  const generic = String(
    named((await requestOf('generic')).spans, 'execute_tool code_run')['gen_ai.tool.call.arguments'],
  );
  assert.match(generic, /"constructor"/);
});

const urlOf = (profile: string, endpoint: string) =>
  readDestinations([{ profile, endpoint }], { content: false }).destinations[0]?.url;
test('addresses get the path that their back end wants, once', () => {
  assert.equal(urlOf('generic', 'http://localhost:4318'), 'http://localhost:4318/v1/traces');
  assert.equal(urlOf('generic', 'http://localhost:4318/otlp/'), 'http://localhost:4318/otlp/v1/traces');
  assert.equal(urlOf('generic', 'http://localhost/v1/traces?a=b'), 'http://localhost/v1/traces?a=b');
  const langfuse = 'https://lf.example.com/api/public/otel/v1/traces';
  assert.equal(urlOf('langfuse', 'https://lf.example.com'), langfuse);
  assert.equal(urlOf('langfuse', 'https://lf.example.com/api/public/otel'), langfuse);
  assert.equal(urlOf('langfuse', langfuse), langfuse);
  assert.equal(
    urlOf('langsmith', 'https://api.smith.langchain.com'),
    'https://api.smith.langchain.com/otel/v1/traces',
  );
  assert.equal(urlOf('langsmith', 'https://ls.example.com'), 'https://ls.example.com/api/v1/otel/v1/traces');
  assert.equal(
    urlOf('langsmith', 'https://eu.api.smith.langchain.com/otel'),
    'https://eu.api.smith.langchain.com/otel/v1/traces',
  );
});

test('an entry with a mistake is told with its place, and the others count', () => {
  const { destinations, mistakes } = readDestinations(
    [{ endpoint: 'ftp://x' }, { endpoint: 'http://a' }, { endpoint: 'http://a', profile: 'jaeger' }, 7],
    { content: true },
  );
  assert.equal(destinations.length, 1);
  assert.deepEqual(
    mistakes.map(({ message }) => /entry ([\w.]+):/.exec(message)?.[1]),
    ['0.endpoint', '2.profile', '3'],
  );
  assert.match(
    String(readDestinations('http://a', { content: true }).mistakes[0]?.message),
    /must be a list/,
  );
});

test('content leaves only where the setting for all and the entry say so', () => {
  const contentOf = (all: boolean, one?: boolean) =>
    readDestinations([{ endpoint: 'http://a', ...(one === undefined ? {} : { content: one }) }], {
      content: all,
    }).destinations[0]?.content;
  assert.deepEqual(
    [contentOf(false), contentOf(false, true), contentOf(true), contentOf(true, false)],
    [false, false, true, false],
  );
});

test('who started a run leaves with content alone, under the name that each back end has for a user', () => {
  const run = new RecordedRun('r-0001mb3kq7xw2d5f', START).start('Add', 'coder', { user: 'Ada' });
  run.begin('1', 'approval', 'x', {}).finish('1', 1, {});
  const usersOf = (profile: Profile, includeContent: boolean, user?: string) => {
    const traces = toOtlpJson(run.events, { includeContent, getBlob: (id) => run.getBlob(id) });
    return spansIn(shapeFor({ profile, user }, traces, run.at).traces).map(({ attributes }) =>
      attributes
        .filter(({ key }) => /user/.test(key))
        .map(({ key, value }) => `${key} ${String(Object.values(value)[0])}`)
        .join(', '),
    );
  };
  for (const profile of PROFILES) assert.deepEqual(usersOf(profile, false), ['', ''], profile);
  assert.deepEqual(usersOf('generic', true), ['user.id Ada', '']);
  assert.deepEqual(usersOf('azure-monitor', true), ['user.id Ada', '']);
  const [langfuse, langsmith] = ['langfuse.user.id', 'langsmith.metadata.user_id'];
  assert.deepEqual(usersOf('langfuse', true), [`user.id Ada, ${langfuse} Ada`, `${langfuse} Ada`]);
  assert.deepEqual(usersOf('langsmith', true), [`user.id Ada, ${langsmith} Ada`, `${langsmith} Ada`]);
  assert.deepEqual(usersOf('langfuse', false, 'team'), [`${langfuse} team`, `${langfuse} team`]);
  assert.deepEqual(usersOf('langfuse', true, 'team')[1], `${langfuse} team`);
});

const fromEnvironment = (env: Record<string, string>) => {
  const { destinations, mistakes } = environmentDestinations(env);
  const [one] = destinations;
  return one ? { ...one, id: '' } : mistakes.map((mistake) => mistake.message).join();
};
test('the variables of OpenTelemetry', () => {
  const plain = {
    id: '',
    profile: 'generic',
    headers: {},
    protocol: 'http/protobuf',
    content: false,
    user: undefined,
  };
  assert.equal(fromEnvironment({}), '');
  assert.deepEqual(fromEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }), {
    ...plain,
    url: 'http://c:4318/v1/traces',
  });
  assert.deepEqual(
    fromEnvironment({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/own',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=b%20c, x-key = 100%',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
    }),
    {
      ...plain,
      url: 'http://t/own',
      headers: { a: 'b c', 'x-key': '100%' },
      protocol: 'http/json',
      content: true,
    },
  );
  assert.deepEqual(
    fromEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_SDK_DISABLED: 'true' }),
    '',
  );
  assert.match(
    JSON.stringify(
      fromEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }),
    ),
    /not grpc/,
  );
  assert.match(JSON.stringify(fromEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: 'c:4317' })), /no address/);
});

test('a secret goes to its origin alone, and one that is missing is named', async () => {
  const find = (name: string, origin: string) =>
    Promise.resolve(origin === 'https://a.example' ? `${name}-value` : undefined);
  const headers = { A: 'Bearer ${secret:key}', B: '${basic:pair}', C: 'plain' };
  const filled = await fillHeaders(headers, 'https://a.example/v1/traces', find);
  assert.deepEqual(filled.headers, { A: 'Bearer key-value', B: `Basic ${btoa('pair-value')}`, C: 'plain' });
  assert.deepEqual([...filled.secrets.values()], ['key-value', 'pair-value']);
  await assert.rejects(fillHeaders(headers, 'https://b.example/v1/traces', find), {
    code: 'export-secret-missing',
  });
});

const now = START;
const json = (status: number, body: unknown = {}, retryAfter?: string) =>
  readReply(
    {
      status,
      contentType: 'application/json',
      retryAfter,
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    },
    now,
  );
test('what an answer means', () => {
  assert.deepEqual(json(200), { kind: 'accepted', rejected: 0, message: '' });
  assert.deepEqual(json(200, 'OK'), { kind: 'accepted', rejected: 0, message: '' });
  assert.deepEqual(json(200, { partialSuccess: { rejectedSpans: '3', errorMessage: 'too old' } }), {
    kind: 'accepted',
    rejected: 3,
    message: 'too old',
  });
  const partialSuccess = { rejectedSpans: '3', errorMessage: 'too old' };
  assert.deepEqual(
    readReply(
      {
        status: 200,
        contentType: 'application/x-protobuf',
        retryAfter: undefined,
        body: encodeMessage(EXPORT_RESPONSE, { partialSuccess }),
      },
      now,
    ),
    { kind: 'accepted', rejected: 3, message: 'too old' },
  );
  assert.deepEqual(json(429, { message: 'slow\ndown' }, '7'), {
    kind: 'later',
    afterMs: 7000,
    message: 'it answered 429: slow down',
  });
  assert.deepEqual(json(503, {}, new Date(now + 90_000).toUTCString()), {
    kind: 'later',
    afterMs: 90_000,
    message: 'it answered 503: {}',
  });
  assert.equal(json(413).kind, 'too-large');
  assert.equal(json(415).kind, 'not-zipped');
  assert.deepEqual(json(400, { message: 'bad' }), { kind: 'refused', message: 'it answered 400: bad' });
  for (const status of [301, 401, 403, 404, 405]) assert.equal(json(status).kind, 'set-up', String(status));
  for (const status of [408, 500, 502, 504]) assert.equal(json(status).kind, 'later', String(status));
  assert.equal(json(429, {}, '-5').kind === 'later' && json(429, {}, 'soon').kind, 'later');
});

test('waiting grows to a quarter of an hour', () => {
  assert.deepEqual(
    [1, 2, 3, 9, 500].map((failures) => backoffMs(failures, 1)),
    [2000, 4000, 8000, 512_000, 900_000],
  );
  assert.equal(backoffMs(1, 0), 1000);
});

test('a long trace goes in pieces, in order, and halves of what is too large', () => {
  const run = runs.long(1200);
  const traces = toOtlpJson(run.events, { includeContent: false });
  const pieces = inPieces(traces);
  assert.ok(pieces.length > 1);
  assert.deepEqual(pieces.flatMap(spansIn), spansIn(traces));
  for (const piece of pieces)
    assert.ok(JSON.stringify(piece).length < 3_000_000 && spansIn(piece).length <= 1000);
  const [piece] = pieces;
  assert.deepEqual(piece && halves(piece)?.flatMap(spansIn), piece && spansIn(piece));
  assert.deepEqual(inPieces({ resourceSpans: [] }), []);
});
