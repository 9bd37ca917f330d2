import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openMcpServer, type McpServerFace } from '../../extension/src/node/mcp/index.ts';
import type { ToolResult } from '../../extension/src/core/tools/index.ts';
import { rawServer, type RawServer } from '../support/raw-mcp-server.ts';

const limitMs = 60_000;

interface Opened {
  readonly raw: RawServer;
  readonly server: McpServerFace;
  readonly notes: string[];
  list(): Promise<readonly string[]>;
  /** The text of the answer, with a mark before an error. */
  say(tool?: string, args?: Record<string, string>): Promise<string>;
}

function open(t: TestContext, body: string, callLimitMs = 20_000): Opened {
  const raw = rawServer(body);
  const server = openMcpServer({ name: 'raw', launch: raw.launch, effectOf: () => 'read', callLimitMs });
  t.after(async () => {
    await server.dispose();
    assert.equal(raw.running(), 0, 'its processes have ended');
  });
  const notes: string[] = [];
  return {
    raw,
    server,
    notes,
    list: async () => (await server.list(AbortSignal.timeout(limitMs))).map(({ name }) => name),
    say: async (tool = 'raw_do', args = {}) =>
      textOf(
        await server.call(tool, {
          arguments: args,
          signal: AbortSignal.timeout(limitMs),
          onOutput: () => undefined,
          onNote: (_, text) => notes.push(text),
        }),
      ),
  };
}

function textOf({ content, isError }: ToolResult): string {
  const parts = content.map((part) => (part.type === 'text' ? part.text : `<${part.mimeType}>`));
  return `${isError ? '! ' : ''}${parts.join('\n')}`;
}

/** One call of a server that does something wrong, and what a model reads of it. */
function check(what: string, body: string, expected: RegExp, callLimitMs?: number): void {
  test(what, async (t) => assert.match(await open(t, body, callLimitMs).say(), expected));
}

check('text on its standard output is passed over', `write('starting up\\n\\n{"half": \\n');`, /^done \{\}$/);
check(
  'a flood of text ends it',
  `on['tools/call'] = () => { for (let i = 0; i < 5000; i++) write('junk\\n'); };`,
  /stopped because it floods/,
);
check(
  'half a message, and then silence',
  `on['tools/call'] = () => write('{"jsonrpc":"2.0","id"');`,
  /timed out after 1 s.*starts anew/,
  1000,
);
check(
  'half a message, and then its end',
  `on['tools/call'] = () => { write('{"jsonrpc":'); setTimeout(() => process.exit(3), 50); };`,
  /ended with exit code 3/,
);
check('two answers', `on['tools/call'] = ({ id }) => { say(id, 'first'); say(id, 'second'); };`, /^first$/);
check(
  'an answer of 50 MB',
  `on['tools/call'] = ({ id }) => say(id, 'x'.repeat(50e6));`,
  /stopped because it wrote a line of more than 10 MiB/,
);
check(
  'an answer of 5 MB is cut',
  `on['tools/call'] = ({ id }) => say(id, 'x'.repeat(5e6));`,
  /more characters were left out/,
);
check('it never answers', `on['tools/call'] = () => {};`, /timed out after 1 s/, 1000);
check(
  'it floods its standard error',
  `on['tools/call'] = ({ id }) => { process.stderr.write('e'.repeat(20e6)); say(id, 'still here'); };`,
  /^still here$/,
);
check(
  'it dies in the middle of a call',
  `on['tools/call'] = () => { process.stderr.write('Segfault'); process.exit(139); };`,
  /ended with exit code 139 \(Segfault\)/,
);
check(
  'it is killed in the middle of a call',
  `on['tools/call'] = () => process.kill(process.pid, 'SIGTERM');`,
  /killed by SIGTERM/,
);
check(
  'it closes its output and lives on',
  `on['tools/call'] = () => { process.stdout.end(); setInterval(() => {}, 1e6); };`,
  /closed its output.*starts anew/,
);
check(
  'requests that nobody knows',
  `on['tools/call'] = ({ id }) => { send({ id: 'q', method: 'x/y' }); on.other = (answer) => say(id, answer.error.message); };`,
  /^Method not found$/,
);
check(
  'a request with an id of a megabyte',
  `on['tools/call'] = ({ id }) => { send({ id: 'q'.repeat(1e6), method: 'ping' }); say(id, 'calm'); };`,
  /^calm$/,
);
check(
  'answers that nobody asked for, without end',
  `on['tools/call'] = () => { for (let i = 1000; i < 4000; i++) send({ id: i, result: {} }); };`,
  /stopped because it floods/,
);
check(
  'an answer with the number as text',
  `on['tools/call'] = ({ id }) => say(String(id), 'as text');`,
  /^as text$/,
);
check(
  'a result without content',
  `on['tools/call'] = ({ id }) => send({ id, result: {} });`,
  /answered with no content/,
);
check(
  'content that is null',
  `on['tools/call'] = ({ id }) => send({ id, result: { content: null } });`,
  /answered with no content/,
);
check(
  'content that is no list',
  `on['tools/call'] = ({ id }) => send({ id, result: { content: 'text' } });`,
  /content that is no list/,
);
check(
  'parts that are none',
  `on['tools/call'] = ({ id }) => send({ id, result: { content: [null, 7, { type: 'video' }, { type: 'text' }, { type: 'text', text: 'fine' }] } });`,
  /no type\.\]\n.*no type\.\]\n.*no valid "video".*\n.*no valid "text".*\nfine/,
);
check(
  'an image that is not in base64',
  `on['tools/call'] = ({ id }) => send({ id, result: { content: [{ type: 'image', data: '%%%%', mimeType: 'image/png' }] } });`,
  /not in base64/,
);
check(
  'an image of no valid type',
  `on['tools/call'] = ({ id }) => send({ id, result: { content: [{ type: 'image', data: 'QUJD', mimeType: 'png\\n<b>' }] } });`,
  /no valid media type/,
);
check(
  'a result that is no object',
  `on['tools/call'] = ({ id }) => write('{"jsonrpc":"2.0","id":' + id + ',"result":[1]}\\n');`,
  /^! raw_do (timed out|answered)/,
  1000,
);
check(
  'an error without a message',
  `on['tools/call'] = ({ id }) => send({ id, error: { code: 1, message: '' } });`,
  /^! raw_do failed/,
);
check(
  'a batch that is none',
  `on['tools/call'] = ({ id }) => { write('[]\\n[{"jsonrpc":"2.0"}, 7]\\n'); say(id, 'after it'); };`,
  /^after it$/,
);

test('what dies during the handshake says how, also when it cannot stand the probe', async (t) => {
  const dying = open(t, `on.initialize = () => { process.stderr.write('no config'); process.exit(2); };`);
  await assert.rejects(dying.list(), /did not start: .*exit code 2 \(no config\)/);
  const shy = open(t, `on['server/discover'] = () => process.exit(1);`);
  assert.equal(await shy.say(), 'done {}');
  assert.equal(shy.raw.starts(), 2);
});

test('a version of the protocol that does not exist is said', async (t) => {
  const { list } = open(
    t,
    `on.initialize = ({ id }) => send({ id, result: { protocolVersion: '1999-01-01', capabilities: {}, serverInfo: { name: 'x', version: '1' } } });`,
  );
  await assert.rejects(list(), /protocol version is not supported: 1999-01-01/);
});

test('after a death the next call starts it again, and its state tells both', async (t) => {
  const { say, server, raw } = open(
    t,
    `on['tools/call'] = ({ id, params }) => params.arguments.die ? process.exit(1) : say(id, 'alive');`,
  );
  const states: string[] = [];
  server.onDidChangeState(({ status }) => states.push(status));
  assert.equal(await say('raw_do'), 'alive');
  assert.match(await say('raw_do', { die: 'now' }), /exit code 1/);
  assert.equal(await say('raw_do'), 'alive');
  assert.equal(raw.starts(), 2);
  assert.deepEqual(states.slice(0, 3), ['starting', 'ready', 'running']);
  assert.equal(server.state.status, 'ready');
});

test('tools that are wrong are held back, each with its reason, and cost the others nothing', async (t) => {
  const { list, server } = open(
    t,
    `tools = [
      tool('good', { description: 'Fine.', annotations: { readOnlyHint: 'yes', title: 'Good' } }),
      tool('good'),
      tool(''),
      tool('a'.repeat(80)),
      { name: 'none' },
      { name: 'text', inputSchema: 'object' },
      { name: 'list', inputSchema: { type: 'array' } },
      { name: 'broken', inputSchema: { type: 'object', properties: { a: { $ref: '#/nowhere' } } } },
      { name: 'loop', inputSchema: { type: 'object', $ref: '#' } },
      { inputSchema: { type: 'object' } },
      null,
      tool('dots.and/slashes', { outputSchema: 7 }),
    ];`,
  );
  assert.deepEqual(await list(), ['raw_good', 'raw_dots_and_slashes']);
  assert.deepEqual(
    server.heldBack.map(({ name, reason }) => `${name.slice(0, 6)}: ${reason.slice(0, 44)}`),
    [
      ': Its name is empty.',
      'none: It has no schema of its arguments.',
      'text: The schema of its arguments is no JSON Schem',
      'list: The schema of its arguments does not describ',
      ': It has no name.',
      ': It has no name.',
      'good: A tool of the same name comes before it.',
      "aaaaaa: Its name is too long: with the server's name",
      'broken: The schema of its arguments cannot be used: ',
      'loop: The schema of its arguments cannot be used: ',
    ],
  );
});

test('a list without an end is cut', async (t) => {
  const { list, server } = open(
    t,
    `let page = 0; on['tools/list'] = ({ id }) => send({ id, result: { tools: [tool('t' + page++)], nextCursor: 'c' + page } });`,
  );
  assert.equal((await list()).length, 32);
  assert.match(server.heldBack.at(-1)?.reason ?? '', /more tools than are taken/);
});

test('a server that changes its tools is asked for them again', async (t) => {
  const { list, server, say } = open(
    t,
    `on['tools/call'] = ({ id }) => { tools = [tool('other')]; send({ method: 'notifications/tools/list_changed' }); say(id, 'changed'); };`,
  );
  assert.deepEqual(await list(), ['raw_do']);
  const told = new Promise<void>((resolve) => server.onDidChangeTools(() => resolve()));
  assert.equal(await say('raw_do'), 'changed');
  await told;
  assert.deepEqual(await list(), ['raw_other']);
});

test('data is checked by the output schema, and what does not fit is noted and not lost', async (t) => {
  const { say, notes } = open(
    t,
    `const outputSchema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
    tools = [tool('do', { outputSchema }), tool('odd', { outputSchema: { type: 'object', properties: { n: { $ref: '#/nowhere' } } } })];
    on['tools/call'] = ({ id, params }) => send({ id, result: { content: [{ type: 'text', text: 'n' }], structuredContent: { n: 'seven' } } });`,
  );
  assert.equal(await say('raw_do'), 'n');
  assert.equal(await say('raw_odd'), 'n');
  assert.match(notes[0] ?? '', /does not fit the tool's output schema: .*number/);
  assert.match(notes[1] ?? '', /was not checked, since the tool's output schema cannot be used/);
});

test('one of several calls that times out leaves the others their answers', async (t) => {
  const { say, raw } = open(
    t,
    `on['tools/call'] = ({ id, params }) => { if (params.arguments.never) return; setTimeout(() => say(id, 'in time'), 1500);
      setInterval(() => send({ method: 'notifications/progress', params: { progressToken: params._meta.progressToken, progress: 1 } }), 200).unref(); };`,
    1000,
  );
  const [never, slow] = await Promise.all([say('raw_do', { never: 'yes' }), say('raw_do')]);
  assert.match(never, /timed out after 1 s/);
  assert.equal(slow, 'in time');
  assert.equal(raw.starts(), 1);
});
