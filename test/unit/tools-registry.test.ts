import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StrataError, isStrataError } from '../../extension/src/base/errors.ts';
import {
  createTools,
  readToolPolicy,
  type Tool,
  type ToolServer,
} from '../../extension/src/core/tools/index.ts';

const live = new AbortController().signal;
const quiet = (): void => undefined;

function tool(name: string): Tool {
  return {
    name,
    server: name.split('_')[0] ?? '',
    effect: 'read',
    description: name,
    inputSchema: { type: 'object' },
  };
}

/** A server in process that answers with the name of the tool that was called. */
function server(name: string, tools: readonly string[], failure?: Error): ToolServer {
  return {
    name,
    list: () => (failure ? Promise.reject(failure) : Promise.resolve(tools.map(tool))),
    call: (called) =>
      Promise.resolve({ content: [{ type: 'text', text: `${name}: ${called}` }], isError: false }),
    dispose: () => Promise.resolve(),
  };
}

function registry(servers: readonly ToolServer[]) {
  return createTools({
    servers,
    argumentMistakes: (_, args) => (args['bad'] === true ? '#/bad: is bad' : undefined),
  });
}

async function calling(servers: readonly ToolServer[], name: string, args = {}): Promise<string> {
  const result = await registry(servers).call(name, {
    arguments: args,
    signal: live,
    onOutput: () => undefined,
  });
  return `${result.isError ? '! ' : ''}${result.content.map((part) => (part.type === 'text' ? part.text : '')).join('')}`;
}

test('the catalogue keeps the order of the servers and of their tools', async () => {
  const { tools, notes } = await registry([
    server('zed', ['zed_b', 'zed_a']),
    server('able', ['able_x']),
  ]).catalogue(live, quiet);
  assert.deepEqual(
    tools.map(({ name }) => name),
    ['zed_b', 'zed_a', 'able_x'],
  );
  assert.deepEqual(notes, []);
});

test('a server that cannot be reached is a note, and the others stay', async () => {
  const down = server('down', [], new StrataError('docker-missing', 'No engine.', 'Install one.'));
  const { tools, notes } = await registry([down, server('up', ['up_a'])]).catalogue(live, quiet);
  assert.deepEqual(
    tools.map(({ name }) => name),
    ['up_a'],
  );
  assert.deepEqual(notes, ['The tools of down are missing: No engine. Install one.']);
});

test('names that a provider would refuse, and names given twice, are left out', async () => {
  const { tools } = await registry([
    server('a', ['a_ok', 'a_not ok', `a_${'x'.repeat(63)}`, 'a_ok']),
  ]).catalogue(live, quiet);
  assert.deepEqual(
    tools.map(({ name }) => name),
    ['a_ok'],
  );
});

test('a call goes to the server with the longest name that fits', async () => {
  const servers = [server('git', ['git_log']), server('git_hub', ['git_hub_issue'])];
  assert.equal(await calling(servers, 'git_log'), 'git: git_log');
  assert.equal(await calling(servers, 'git_hub_issue'), 'git_hub: git_hub_issue');
});

test('unknown tools and wrong arguments are results that say what is wrong', async () => {
  assert.match(await calling([server('a', ['a_b'])], 'nope'), /^! There is no tool "nope"/);
  assert.match(
    await calling([server('a', ['a_b'])], 'a_b', { bad: true }),
    /^! The arguments of a_b are wrong: #\/bad: is bad\n.*"type":"object"/,
  );
});

test('a cancelled catalogue throws instead of noting every server as missing', async () => {
  const gone = AbortSignal.abort();
  await assert.rejects(
    registry([server('a', [], new DOMException('gone', 'AbortError'))]).catalogue(gone, quiet),
    {
      name: 'AbortError',
    },
  );
});

async function policy(text: string): Promise<string> {
  try {
    return JSON.stringify((await readToolPolicy(text, '.strata/tools.jsonc')).approval);
  } catch (error) {
    if (!isStrataError(error)) throw error;
    return `${error.code} ${error.message}`;
  }
}

test('.strata/tools.jsonc is read with comments, and a mistake has its place', async () => {
  assert.equal(
    await policy('{\n  // ask me\n  "approval": { "shell_run": "ask", "files_*": "allow", },\n}'),
    '{"shell_run":"ask","files_*":"allow"}',
  );
  assert.equal(await policy('\uFEFF{}'), '{}');
  assert.match(await policy(''), /^tools-config \.strata\/tools\.jsonc:1:1: it is empty/);
  assert.match(
    await policy('{ "approval": '),
    /^tools-config \.strata\/tools\.jsonc:1:15: it is no JSON with comments/,
  );
  assert.match(await policy('[]'), /:1:1: it must be an object/);
  assert.match(await policy('{\n  "aproval": {}\n}'), /:2:3: "aproval" is not known here/);
  assert.match(
    await policy('{\n  "approval": {\n    "shell_run": "maybe"\n  }\n}'),
    /:3:5: "approval\.shell_run" must be "allow", "ask" or "deny"/,
  );
  assert.match(
    await policy('{ "approval": { "shell run": "ask" } }'),
    /:1:17: "approval\.shell run" must be the name of a tool/,
  );
  assert.match(await policy('{ "approval": "ask" }'), /:1:3: "approval" must be an object of rules/);
});
