import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  openEraMemory,
  openMcpServer,
  type McpServerFace,
  type McpServerOptions,
} from '../../extension/src/node/mcp/index.ts';
import type { CallContext, ToolCall } from '../../extension/src/core/tools/index.ts';
import { rawServer, type RawServer } from '../support/raw-mcp-server.ts';

/** Turns the server of the preamble into one of 2026-07-28. */
const modern = `
delete on.initialize;
const complete = (id, result) => send({ id, result: { resultType: 'complete', ...result } });
on['server/discover'] = ({ id }) =>
  complete(id, { supportedVersions: ['2026-07-28'], capabilities, ttlMs: 60000, cacheScope: 'private' });
on['tools/list'] = ({ id }) => complete(id, { tools, ttlMs: 60000, cacheScope: 'private' });
const sayNew = (id, text) => complete(id, { content: [{ type: 'text', text }] });
`;

interface Opened {
  readonly raw: RawServer;
  readonly server: McpServerFace;
  readonly output: string[];
  readonly notes: string[];
  say(args?: ToolCall['arguments'], more?: Partial<ToolCall>): Promise<string>;
}

function open(t: TestContext, body: string, options: Partial<McpServerOptions> = {}, image?: string): Opened {
  const raw = rawServer(body, image === undefined ? {} : { image });
  const server = openMcpServer({
    name: 'raw',
    launch: raw.launch,
    effectOf: () => 'read',
    callLimitMs: 30_000,
    ...options,
  });
  t.after(async () => {
    await server.dispose();
    assert.equal(raw.running(), 0, 'its processes have ended');
  });
  const output: string[] = [];
  const notes: string[] = [];
  return {
    raw,
    server,
    output,
    notes,
    say: async (args = {}, more = {}) => {
      const { content, isError } = await server.call('raw_do', {
        arguments: args,
        signal: AbortSignal.timeout(60_000),
        onOutput: (text) => output.push(text),
        onNote: (_, text) => notes.push(text),
        ...more,
      });
      const texts = content.map((part) => (part.type === 'text' ? part.text : part.mimeType));
      return `${isError ? '! ' : ''}${texts.join('\n')}`;
    },
  };
}

const context = (traceparent: string) => ({ traceparent }) as CallContext;
const soon = () => AbortSignal.timeout(60_000);

test('what an image spoke is remembered, so that its second start asks nothing twice', async (t) => {
  const count = `let asked = []; const inner = { ...on }; for (const method of [...Object.keys(inner), 'server/discover'])
    on[method] = (message) => { asked.push(method); if (inner[method]) inner[method](message); else send({ id: message.id, error: { code: -32601, message: 'no' } }); };
    on['tools/call'] = ({ id }) => say(id, asked.join(' '));`;
  const eras = openEraMemory();
  const first = open(t, count, { eras }, 'sha256:one');
  assert.equal(await first.say(), 'server/discover initialize tools/list');
  const second = open(t, count, { eras }, 'sha256:one');
  assert.equal(await second.say(), 'initialize tools/list');
  const other = open(t, count, { eras }, 'sha256:two');
  assert.equal(await other.say(), 'server/discover initialize tools/list');
});

test('of a server of the newer revision nothing is asked the second time', async (t) => {
  const body = `${modern} let asked = 0; const discover = on['server/discover'];
    on['server/discover'] = (message) => { asked++; discover(message); };
    on['tools/call'] = ({ id }) => sayNew(id, 'asked ' + asked);`;
  const eras = openEraMemory();
  assert.equal(await open(t, body, { eras }, 'sha256:new').say(), 'asked 1');
  assert.equal(await open(t, body, { eras }, 'sha256:new').say(), 'asked 0');
});

test('progress is passed on and begins the limit anew', async (t) => {
  const { say, output } = open(
    t,
    `on['tools/call'] = ({ id, params }) => { let n = 0; const timer = setInterval(() => {
      send({ method: 'notifications/progress', params: { progressToken: params._meta.progressToken, progress: ++n, total: 6, ...(n > 4 ? { message: 'nearly' } : {}) } });
      if (n === 6) { clearInterval(timer); say(id, 'done'); } }, 400); };`,
    { callLimitMs: 1500 },
  );
  assert.equal(await say(), 'done');
  assert.deepEqual(output.slice(0, 5), ['1 of 6\n', '2 of 6\n', '3 of 6\n', '4 of 6\n', 'nearly']);
});

test('a call that is cancelled is cancelled at the server, which goes on', async (t) => {
  const { say, raw } = open(
    t,
    `let open; on['tools/call'] = ({ id, params }) => { if (params.arguments.wait) open = id; else say(id, 'cancelled ' + cancelled); };
     let cancelled; on['notifications/cancelled'] = ({ params }) => (cancelled = params.requestId === open);`,
  );
  await say();
  const stop = new AbortController();
  const waiting = say({ wait: true }, { signal: stop.signal });
  await delay(300);
  stop.abort(new Error('no more'));
  await assert.rejects(waiting, /no more/);
  assert.equal(await say(), 'cancelled true');
  assert.equal(raw.starts(), 1);
});

test('calls go side by side, and their trace and image go along', async (t) => {
  const { say, server } = open(
    t,
    `const open = []; on['tools/call'] = ({ id, params }) => { open.push([id, params]); if (open.length === 3) for (const [one, { _meta }] of open.reverse()) say(one, _meta.traceparent); };`,
    {},
    'sha256:abc',
  );
  const answers = await Promise.all(['a', 'b', 'c'].map((one) => say({}, { context: context(one) })));
  assert.deepEqual(answers, ['a', 'b', 'c']);
  assert.equal(server.state.image, 'sha256:abc');
});

test('an idle server is stopped, and started again by the next call', async (t) => {
  const { say, server, raw } = open(t, '', { idleMs: 200 });
  await say();
  while (server.state.status !== 'stopped') await delay(50);
  assert.equal(raw.running(), 0);
  assert.equal((await server.list(soon())).length, 1, 'its tools are known');
  assert.equal(raw.starts(), 1);
  await say();
  assert.equal(raw.starts(), 2);
});

const asksForName = `{ mode: 'form', message: 'Who?', requestedSchema: { type: 'object', required: ['name'],
  properties: { name: { type: 'string', minLength: 2 }, age: { type: 'number', default: 7 } } } }`;

test('a question to the person is asked, checked, asked again, and answered', async (t) => {
  const asked: string[] = [];
  const { say } = open(
    t,
    `on['tools/call'] = ({ id }) => { send({ id: 'q', method: 'elicitation/create', params: ${asksForName} }); on.other = ({ result }) => say(id, JSON.stringify(result)); };`,
    {
      callLimitMs: 1000,
      elicit: async ({ message }) => {
        asked.push(message);
        await delay(700); // Twice that is more than the limit of the call, which stands still meanwhile.
        return { action: 'accept', content: { name: asked.length === 1 ? 'x' : 'Ada' } };
      },
    },
  );
  assert.equal(await say(), '{"action":"accept","content":{"name":"Ada","age":7}}');
  assert.match(asked[1] ?? '', /^Who\?\n\nThe last answer did not fit: /);
});

test('the newer revision asks in its result, and is called again with the answer and its state', async (t) => {
  const { say } = open(
    t,
    `${modern} on['tools/call'] = ({ id, params }) => params.inputResponses
      ? sayNew(id, JSON.stringify([params.inputResponses, params.requestState]))
      : send({ id, result: { resultType: 'input_required', requestState: 'é"1', inputRequests: { who: { method: 'elicitation/create', params: ${asksForName} } } } });`,
    { elicit: () => Promise.resolve({ action: 'decline' }) },
  );
  assert.equal(await say(), '[{"who":{"action":"decline"}},"é\\"1"]');
});

test('a caller with a desk of its own is asked in place of the person', async (t) => {
  const body = `${modern} on['tools/call'] = ({ id, params }) => params.inputResponses
    ? sayNew(id, JSON.stringify(params.inputResponses))
    : send({ id, result: { resultType: 'input_required', inputRequests: { r: { method: 'roots/list' } } } });`;
  const questions = {
    capabilities: { roots: {} },
    ask: () => Promise.resolve({ r: { roots: [{ uri: 'file:///theirs' }] } }),
  };
  assert.equal(await open(t, body).say({}, { questions }), '{"r":{"roots":[{"uri":"file:///theirs"}]}}');
  assert.match(await open(t, body).say(), /^! raw_do failed: it asks for roots\/list, which is not offered/);
});

test('an older server may ask a model, behind its port, and for its roots', async (t) => {
  const body = `let params; on['tools/call'] = ({ id }) => { send({ id: 's', method: 'sampling/createMessage', params: { maxTokens: 9, messages: [{ role: 'user', content: { type: 'text', text: 'hi' } }] } });
    on.other = (answer) => { send({ id: 'r', method: 'roots/list' }); on.other = ({ result }) => say(id, (answer.result?.content.text ?? answer.error.message) + ' ' + result.roots[0].uri); }; };`;
  const roots = ['/workspace'];
  const answered = open(t, body, {
    roots,
    sample: ({ messages, maxTokens }) =>
      Promise.resolve({
        kind: 'answered',
        text: `${messages.length} ${maxTokens}`,
        model: 'm',
        stopReason: 'endTurn',
      }),
  });
  assert.equal(await answered.say(), '1 9 file:///workspace');
  const refused = open(t, body, {
    roots,
    sample: () => Promise.resolve({ kind: 'refused', reason: 'no budget' }),
  });
  assert.match(await refused.say(), /no budget file:\/\/\/workspace/);
});

test('tasks of both revisions are waited for, asked through, and cancelled', async (t) => {
  const legacy = open(
    t,
    `capabilities.tasks = { requests: { tools: { call: {} } } }; tools = [tool('do', { execution: { taskSupport: 'required' } })]; let polls = 0;
     const state = (status) => ({ taskId: 't', status, createdAt: '', lastUpdatedAt: '', ttl: null, pollInterval: 50, statusMessage: status });
     on['tools/call'] = ({ id, params }) => send({ id, result: { task: state(params.task ? 'working' : 'failed') } });
     on['tasks/get'] = ({ id }) => send({ id, result: state(++polls < 3 ? 'working' : 'completed') });
     on['tasks/result'] = ({ id }) => say(id, 'after ' + polls + ' polls');`,
  );
  assert.equal(await legacy.say(), 'after 3 polls');
  assert.deepEqual(legacy.output, ['working\n', 'completed\n']);
  const body = `${modern} const state = (status, more) => ({ taskId: 't', status, ttlMs: null, pollIntervalMs: 50, ...more }); let answer, cancelled = false;
     on['tools/call'] = ({ id, params }) => params.arguments.ask ? sayNew(id, 'cancelled ' + cancelled) : send({ id, result: { resultType: 'task', ...state('working') } });
     on['tasks/get'] = ({ id }) => complete(id, answer ? state('completed', { result: { content: [{ type: 'text', text: JSON.stringify(answer) }] } })
       : state('input_required', { inputRequests: { who: { method: 'elicitation/create', params: ${asksForName} } } }));
     on['tasks/update'] = ({ id, params }) => { answer = params.inputResponses; complete(id, {}); };
     on['tasks/cancel'] = ({ id, params }) => { cancelled = params.taskId === 't'; complete(id, {}); };`;
  const asked = open(t, body, {
    elicit: () => Promise.resolve({ action: 'accept', content: { name: 'Ada' } }),
  });
  assert.equal(await asked.say(), '{"who":{"action":"accept","content":{"name":"Ada","age":7}}}');
  const left = open(t, body, {
    elicit: (_, signal) => delay(60_000, { action: 'cancel' }, { signal, ref: false }),
  });
  const stop = new AbortController();
  const waiting = left.say({}, { signal: stop.signal });
  await delay(1500);
  stop.abort(new Error('no more'));
  await assert.rejects(waiting);
  assert.equal(await left.say({ ask: true }), 'cancelled true');
});

test('resources and prompts are there for programs, and as tools for agents', async (t) => {
  const { server } = open(
    t,
    `capabilities = { tools: {}, resources: { subscribe: true }, prompts: {}, completions: {} }; tools = [tool('do'), tool('list_prompts')];
     on['resources/list'] = ({ id, params }) => send({ id, result: params?.cursor ? { resources: [{ uri: 'x://2', name: 'two' }] } : { resources: [{ uri: 'x://1', name: 'one', mimeType: 'text/plain' }], nextCursor: 'n' } });
     on['resources/templates/list'] = ({ id }) => send({ id, result: { resourceTemplates: [{ uriTemplate: 'x://{n}', name: 'any' }] } });
     on['resources/read'] = ({ id, params }) => params.uri === 'x://1' ? send({ id, result: { contents: [{ uri: 'x://1', text: 'first' }] } }) : send({ id, error: { code: -32002, message: 'Resource not found' } });
     on['resources/subscribe'] = ({ id, params }) => { send({ id, result: {} }); send({ method: 'notifications/resources/updated', params: { uri: params.uri } }); };
     on['prompts/list'] = ({ id }) => send({ id, result: { prompts: [{ name: 'hello', arguments: [{ name: 'who', required: true }] }] } });
     on['prompts/get'] = ({ id, params }) => send({ id, result: { messages: [{ role: 'user', content: { type: 'text', text: 'Hello ' + params.arguments.who } }] } });
     on['completion/complete'] = ({ id }) => send({ id, result: { completion: { values: ['Ada'] } } });`,
  );
  assert.deepEqual(
    (await server.resources(soon())).map(({ uri }) => uri),
    ['x://1', 'x://2'],
  );
  assert.deepEqual((await server.readResource('x://1', soon())).contents, [{ uri: 'x://1', text: 'first' }]);
  await assert.rejects(server.readResource('x://9', soon()), /did not read x:\/\/9: Resource not found/);
  const updated = new Promise((resolve) => server.onDidUpdateResource(resolve));
  await server.subscribe('x://1', soon());
  assert.equal(await updated, 'x://1');
  assert.equal((await server.getPrompt('hello', { who: 'Ada' }, soon())).messages.length, 1);
  const completion = await server.complete(
    { ref: { type: 'ref/prompt', name: 'hello' }, argument: { name: 'who', value: 'A' } },
    soon(),
  );
  assert.deepEqual(completion.completion.values, ['Ada']);
  const names = (await server.list(soon())).map(({ name }) => name);
  assert.deepEqual(names, [
    'raw_do',
    'raw_list_prompts',
    'raw_list_resources',
    'raw_read_resource',
    'raw_get_prompt',
  ]);
  assert.equal(server.isAdded('raw_list_prompts'), false);
  const say = async (tool: string, args: Record<string, string>) => {
    const result = await server.call(tool, { arguments: args, signal: soon(), onOutput: () => undefined });
    return result.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
  };
  assert.equal(await say('raw_list_resources', {}), 'x://1: one; text/plain\nx://2: two\nx://{n}: any');
  assert.equal(await say('raw_read_resource', { uri: 'x://1' }), 'first');
  assert.match(await say('raw_read_resource', { uri: 'x://9' }), /Resource not found/);
});

test('what a server logs is kept, and a warning in a call is noted', async (t) => {
  const { say, server, notes } = open(
    t,
    `capabilities.logging = {}; let level; on['logging/setLevel'] = ({ id, params }) => { level = params.level; send({ id, result: {} }); };
     on['tools/call'] = ({ id }) => { send({ method: 'notifications/message', params: { level: 'warning', logger: 'db', data: 'slow at ' + level } }); say(id, 'ok'); };`,
  );
  assert.equal(await say(), 'ok');
  assert.deepEqual(notes, ['slow at info']);
  assert.deepEqual(
    server.messages.map(({ level, text }) => `${level}: ${text}`),
    ['warning: db: slow at info'],
  );
});

test('a newer server tells of changes on a stream that is opened for them', async (t) => {
  const { server } = open(
    t,
    `${modern} on['subscriptions/listen'] = ({ id, params }) => { const _meta = { 'io.modelcontextprotocol/subscriptionId': id };
       send({ method: 'notifications/subscriptions/acknowledged', params: { _meta, notifications: params.notifications } });
       setTimeout(() => { tools = [tool('other')]; send({ method: 'notifications/tools/list_changed', params: { _meta } }); }, 500); };`,
  );
  const changed = new Promise<void>((resolve) => server.onDidChangeTools(() => resolve()));
  assert.deepEqual(
    (await server.list(soon())).map(({ name }) => name),
    ['raw_do'],
  );
  await changed;
  assert.deepEqual(
    (await server.list(soon())).map(({ name }) => name),
    ['raw_other'],
  );
});
