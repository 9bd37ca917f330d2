import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StrataError, isStrataError } from '../../extension/src/base/errors.ts';
import {
  createTools,
  DEFAULT_SANDBOX,
  fingerprintOf,
  readToolPolicy,
  type ServerFacts,
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
    list: () =>
      failure
        ? Promise.reject(failure)
        : Promise.resolve(tools.map((one) => ({ ...tool(one), server: name }))),
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

function soon(tools: readonly string[]): Promise<readonly Tool[]> {
  return new Promise((resolve) => setImmediate(() => resolve(tools.map(tool))));
}

function foreign(name: string): ServerFacts {
  const source = { kind: 'npm', package: name, arguments: [] } as const;
  return {
    definition: {
      ...{ name, origin: 'workspace', source, sandbox: DEFAULT_SANDBOX, enabled: true, trusted: false },
    },
  };
}

async function calling(
  servers: readonly ToolServer[],
  name: string,
  args = {},
  whose?: string,
): Promise<string> {
  const result = await registry(servers).call(name, {
    arguments: args,
    ...(whose === undefined ? {} : { server: whose }),
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

async function namesOf(...servers: readonly ToolServer[]): Promise<readonly string[]> {
  const { tools } = await registry(servers).catalogue(live, quiet);
  return tools.map(({ name }) => name);
}

test('names that a provider would refuse are mapped to ones that it takes, and those are called', async () => {
  const long = `a_${'x'.repeat(70)}`;
  const servers = [server('a', ['a_ok', 'a_not ok', 'a_dot.ted', long, 'a_ok'])];
  const names = await namesOf(...servers);
  assert.deepEqual(names, ['a_ok', 'a_not_ok', 'a_dot_ted', `a_${'x'.repeat(53)}_410d4a4e`]);
  assert.ok(names.every((name) => /^[A-Za-z0-9_-]{1,64}$/.test(name)));
  assert.equal(await calling(servers, 'a_dot_ted'), 'a: a_dot.ted');
  assert.equal(await calling(servers, names[3] ?? ''), `a: ${long}`);
});

test('two names of a server that would be the same have their hashes, whatever order they are listed in', async () => {
  const names = await namesOf(server('a', ['a_b.c', 'a_b c', 'a_b_c']));
  assert.deepEqual(names, ['a_b_c_9b85a302', 'a_b_c_3ad59c07', 'a_b_c']);
  assert.deepEqual(await namesOf(server('a', ['a_b_c', 'a_b c', 'a_b.c'])), names.toReversed());
});

test('servers whose names and tools read alike do not take each other’s calls', async () => {
  const servers = [server('a', ['a_b_c']), server('a_b', ['a_b_c', 'a_b_d'])];
  const tools = registry(servers);
  const { tools: offered, notes } = await tools.catalogue(live, quiet);
  const second = offered[1]?.name ?? '';
  assert.deepEqual(
    offered.map(({ name, server: whose }) => `${whose}: ${name}`),
    ['a: a_b_c', `a_b: ${second}`, 'a_b: a_b_d'],
  );
  assert.match(second, /^a_b_c_[0-9a-f]{8}$/);
  assert.deepEqual(notes, [`Two servers have a tool a_b_c: that of a_b is called ${second} here.`]);
  assert.equal(await calling(servers, 'a_b_c', {}, 'a'), 'a: a_b_c');
  assert.equal(await calling(servers, second, {}, 'a_b'), 'a_b: a_b_c');
  // As in a resumed run, whose catalogue came from the log: the first server has gone, and its name is not taken over.
  assert.match(await calling(servers.slice(1), 'a_b_c', {}, 'a'), /^! There is no tool "a_b_c"/);
});

test('order does not depend on which server answers first, nor on how other people’s servers list', async () => {
  const slow = { ...server('slow', ['slow_b', 'slow_a']), list: () => soon(['slow_b', 'slow_a']) };
  assert.deepEqual(await namesOf(slow, server('quick', ['quick_a'])), ['slow_b', 'slow_a', 'quick_a']);
  const theirs = createTools({ servers: [slow], argumentMistakes: () => undefined, about: foreign });
  const { tools } = await theirs.catalogue(live, quiet);
  assert.deepEqual(
    tools.map(({ name, thirdParty, tags }) => [name, thirdParty, tags]),
    [
      ['slow_a', true, ['slow']],
      ['slow_b', true, ['slow']],
    ],
  );
  assert.ok((tools[0]?.tokens ?? 0) > 10);
});

test('how servers do is known', async () => {
  const down = server('down', [], new StrataError('docker-missing', 'No engine.', 'Install one.'));
  const tools = createTools({
    servers: [down, server('up', ['up_a'])],
    argumentMistakes: () => undefined,
    now: () => 7,
  });
  await tools.catalogue(live, quiet);
  await tools.call('up_a', { arguments: {}, signal: live, onOutput: quiet });
  assert.deepEqual(tools.health(), [
    {
      ...{ server: 'down', tools: 0, calls: 0, failures: 0 },
      problem: { code: 'docker-missing', message: 'No engine.', action: 'Install one.' },
    },
    { server: 'up', tools: 1, calls: 1, failures: 0, lastUse: 7 },
  ]);
});

test('a tool that is held back is neither offered nor called, and the reason is told', async () => {
  const tools = createTools({
    servers: [server('evil', ['evil_a', 'evil_b'])],
    argumentMistakes: () => undefined,
    about: () => ({ ...foreign('evil'), accepted: new Map([['evil_b', fingerprintOf(tool('evil_b'))]]) }),
  });
  const { tools: offered, notes } = await tools.catalogue(live, quiet);
  assert.deepEqual(
    offered.map(({ name }) => name),
    ['evil_b'],
  );
  assert.deepEqual(notes, [
    'Not offered until you have looked at it in the set-up of evil: evil_a: It is new since the server was set up.',
  ]);
  const { content, isError } = await tools.call('evil_a', { arguments: {}, signal: live, onOutput: quiet });
  assert.ok(isError);
  assert.match(JSON.stringify(content), /evil_a.* is held back until the user has looked at it/);
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
