import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  definitionsFrom,
  entriesFor,
  looserThanDefault,
  readMcpJson,
  readToolsFile,
  withMcpServer,
  withServerSetting,
  withServerSettings,
} from '../../extension/src/core/tools/definitions/index.ts';
import { BUILT_IN_SERVERS } from '../../extension/src/core/tools/built-in-servers.ts';
import {
  DEFAULT_SANDBOX,
  placeOf,
  type NewServer,
  type ServerDefinition,
} from '../../extension/src/core/tools/index.ts';

const builtIn = BUILT_IN_SERVERS;

function read(mcp: string, tools = '{}', user?: string) {
  return definitionsFrom({
    mcpJson: readMcpJson(mcp, '.mcp.json'),
    toolsFile: readToolsFile(tools, '.strata/tools.jsonc'),
    ...(user === undefined ? {} : { userSettings: readMcpJson(user, 'settings') }),
    builtIn,
  });
}

/** Other people's servers, and what is different from the default about each. */
function servers(mcp: string, tools?: string, user?: string): readonly string[] {
  return read(mcp, tools, user)
    .definitions.filter(({ origin }) => origin !== 'built-in')
    .map(inOneLine);
}

function inOneLine({ name, origin, source, sandbox, enabled, trusted }: ServerDefinition): string {
  const { kind, ...rest } = source;
  const differs = Object.entries(sandbox).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(DEFAULT_SANDBOX[key as keyof typeof sandbox]),
  );
  return [
    `${origin} ${name}: ${kind} ${Object.values(rest)
      .flat()
      .map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
      .join(' ')}`.trim(),
    ...differs.map(([key, value]) => `${key} ${JSON.stringify(value)}`),
    ...(enabled ? [] : ['disabled']),
    ...(trusted ? ['trusted'] : []),
  ].join(', ');
}

function mistakes(mcp: string, tools?: string, user?: string): readonly string[] {
  return read(mcp, tools, user).mistakes.map(
    (mistake) =>
      `${mistake.file}:${placeOf(mistake)}: ${mistake.severity === 'warning' ? 'warning: ' : ''}${mistake.message}`,
  );
}

function lines(...all: readonly string[]): string {
  return all.join('\n');
}

test('servers are read from .mcp.json as other programs write it, and from the editor’s form', () => {
  assert.deepEqual(
    servers(
      lines(
        '{',
        '  // ours',
        '  "mcpServers": {',
        '    "memory-graph": { "command": "npx", "args": ["-y", "@scope/server@1", "--x"] },',
        '    "github": { "type": "http", "url": "https://api.example.com/mcp", "headers": { "Authorization": "Bearer ${GH_TOKEN}" } },',
        '    "notes": { "command": "docker", "args": ["run", "-i", "--rm", "-e", "KEY", "acme/notes"], "env": { "KEY": "${env:KEY}", "MODE": "fast" } },',
        '    "own": { "command": "node", "args": ["${workspaceFolder}/server.mjs"], "disabled": true },',
        '  },',
        '}',
      ),
    ),
    [
      'workspace memory-graph: npm @scope/server@1 --x',
      'workspace github: http https://api.example.com/mcp {"Authorization":"Bearer ${secret:GH_TOKEN}"}, secrets ["GH_TOKEN"]',
      'workspace notes: image acme/notes, secrets ["KEY"], environment {"MODE":"fast"}',
      'workspace own: command node /workspace/server.mjs, disabled',
    ].map((line) => line.replace('/workspace/server.mjs', '/workspace/server.mjs')),
  );
  assert.deepEqual(
    servers(
      '{ "inputs": [{ "id": "key", "type": "promptString" }], "servers": { "a": { "type": "stdio", "command": "npx", "args": ["a"], "env": { "API_KEY": "${input:key}" } } } }',
    ),
    ['workspace a: npm a, secrets ["API_KEY"]'],
  );
});

test('nothing of the host’s environment goes into a container because a file says so', () => {
  const env = (value: string): readonly string[] =>
    servers(JSON.stringify({ mcpServers: { a: { command: 'npx', args: ['a'], env: { X: value } } } }));
  assert.deepEqual(env('${HOME}'), ['workspace a: npm a, secrets ["X"]']);
  assert.deepEqual(env('prefix-${env:TOKEN}'), ['workspace a: npm a, secrets ["X"]']);
  assert.deepEqual(env('${LEVEL:-info}'), ['workspace a: npm a, environment {"X":"info"}']);
  assert.deepEqual(env('${workspaceFolder}/data'), [
    'workspace a: npm a, environment {"X":"/workspace/data"}',
  ]);
  assert.deepEqual(env('$HOME'), ['workspace a: npm a, environment {"X":"$HOME"}'], 'no shell reads it');
});

test('what .strata/tools.jsonc says of a server is put on top', () => {
  const mcp = '{ "mcpServers": { "a": { "command": "npx", "args": ["a"], "env": { "MODE": "x" } } } }';
  const a = (settings: string): readonly string[] => servers(mcp, `{ "servers": { "a": ${settings} } }`);
  assert.deepEqual(
    a(
      '{ "network": ["api.github.com", "*.npmjs.org", "x.org:8443"], "files": "read", "memory": "1.5g", "cpus": 2, "idleMinutes": 30, "callSeconds": 90, "trusted": true }',
    ),
    [
      'workspace a: npm a, network ["api.github.com","*.npmjs.org","x.org:8443"], files "read", environment {"MODE":"x"}, memoryBytes 1610612736, cpus 2, callMs 90000, idleMs 1800000, trusted',
    ],
  );
  assert.deepEqual(a('{ "enabled": false, "secrets": ["MODE"] }'), [
    'workspace a: npm a, secrets ["MODE"], disabled',
  ]);
  assert.deepEqual(a('{ "image": "acme/a@sha256:0" }'), [
    'workspace a: image acme/a@sha256:0, environment {"MODE":"x"}',
  ]);
  assert.deepEqual(a('{ "dockerfile": "tools/a" }'), [
    'workspace a: dockerfile tools/a, environment {"MODE":"x"}',
  ]);
  const { definitions } = read(
    '{}',
    '{ "servers": { "web": { "network": ["example.com"] }, "shell": { "enabled": false } } }',
  );
  assert.deepEqual(
    definitions.map(({ name, enabled, sandbox }) => `${name} ${enabled} ${sandbox.network.join()}`.trim()),
    ['files true', 'shell false', 'code true', 'git true', 'web true example.com'],
  );
});

test('a mistake has its place and says what would be right', () => {
  assert.deepEqual(
    mistakes(
      '{ "mcpServers": { "a": { "command": "npx", "args": ["a"] } } }',
      lines(
        '{',
        '  "aproval": {},',
        '  "approval": { "shell_run": "maybe", "x y": "ask", "a_b": [{ "arguments": { "c": 1 }, "decision": "deny" }], "a_c": [] },',
        '  "cache": { "web_fetch": { "second": 3 } },',
        '  "rate": { "web_*": { "calls": 0, "seconds": 60, "scope": "team" } },',
        '  "servers": {',
        '    "a": { "netwrk": ["x.org"], "memory": "lots", "network": ["https://x.org/"], "cpus": "2" },',
        '    "b": {}',
        '  }',
        '}',
      ),
    ),
    [
      '2:3: "aproval" is not known here. Did you mean “approval”?',
      '3:17: "approval.shell_run" must be "allow", "ask" or "deny", or a list of rules',
      '3:39: "approval.x y" must be the name of a tool, or a pattern with "*"',
      '3:78: "approval.a_b.0.arguments.c" must be a pattern, or a list of patterns',
      '3:111: "approval.a_c" must have at least one rule',
      '4:29: "cache.web_fetch.second" is not known here. Did you mean “seconds”?',
      '5:24: "rate.web_*.calls" must be a whole number from 1 to 1000000',
      '5:51: "rate.web_*.scope" must be "run", "folder" or "user"',
      '7:12: "servers.a.netwrk" is not known here. Did you mean “network”?',
      '7:33: "servers.a.memory" must be a size such as "512m" or "2g"',
      '7:63: "servers.a.network.0" must be a host such as "api.github.com", "*.npmjs.org" or "example.com:8443"',
      '7:82: "servers.a.cpus" must be a number of CPUs such as 1 or 0.5',
      '8:5: warning: "servers.b" is no server here',
    ].map((line) => `.strata/tools.jsonc:${line}`),
  );
});

test('a mistake in one server does not hide the others', () => {
  const mcp = lines(
    '{ "mcpServers": {',
    '  "good": { "command": "npx", "args": ["good"] },',
    '  "none": { "comand": "npx" },',
    '  "both": { "command": "x", "url": "https://x.org" },',
    '  "files_x": { "command": "x" },',
    '  "git": { "command": "x" },',
    '  "1st": { "command": "x" },',
    '  "args": { "command": "npx", "args": ["x", "${TOKEN}"] },',
    '  "sse": { "type": "sse", "url": "https://x.org/sse" },',
    '  "py": { "command": "uvx", "args": ["server"] },',
    '  "list": [],',
    '  "plain": { "command": "npx", "args": ["plain"], "env": { "API_TOKEN": "abc123" } }',
    '} }',
  );
  assert.deepEqual(servers(mcp), [
    'workspace good: npm good',
    'workspace plain: npm plain, environment {"API_TOKEN":"abc123"}',
  ]);
  const found = mistakes(mcp).map((line) => line.replace('.mcp.json:', ''));
  assert.deepEqual(
    found.map((line) => line.slice(0, 64)),
    [
      '3:3: "mcpServers.none" must have "command" or "url"',
      '3:13: warning: "mcpServers.none.comand" is not known here. Did y',
      '4:29: "mcpServers.both.url" must not stand beside "command"',
      '5:3: "mcpServers.files_x" begins like the tools of Strata\'s own s',
      '6:3: "mcpServers.git" is the name of a server that comes with St',
      '7:3: "mcpServers.1st" must have up to 32 letters, digits, "_" an',
      '8:45: "mcpServers.args.args.1" has ${TOKEN}, and secrets are give',
      '9:12: "mcpServers.sse.type" "sse" is the old transport, which is',
      '10:11: "mcpServers.py.command" cannot be run in a container. "uv',
      '11:3: "mcpServers.list" must be an object with "command" or "url',
      '12:60: warning: "mcpServers.plain.env.API_TOKEN" looks like a se',
    ].map((line) => line.slice(0, 64)),
  );
});

test('files that cannot be read at all say so, and nothing is guessed', () => {
  assert.deepEqual(mistakes('{ "mcpServers": '), [
    '.mcp.json:1:17: it is no JSON with comments (ValueExpected)',
    '.mcp.json:1:17: it is no JSON with comments (CloseBraceExpected)',
  ]);
  assert.deepEqual(mistakes(''), ['.mcp.json:1:1: it is empty']);
  assert.deepEqual(mistakes('[]'), ['.mcp.json:1:1: it must be an object with "mcpServers"']);
  assert.deepEqual(mistakes('{}'), []);
  // What the file says about it, such as that it is turned off, is not known then.
  assert.deepEqual(servers('{ "mcpServers": { "a": { "command": "x" } } }', '{ "servers": '), []);
  assert.deepEqual(
    servers(
      '{ "mcpServers": { "a": { "command": "x" }, "b": { "command": "y" } } }',
      '{ "servers": { "a": { "files": "all" } } }',
    ),
    ['workspace b: command y'],
  );
});

test('the user’s own servers come after the folder’s, and keep their names', () => {
  const one = (name: string): string =>
    `{ "mcpServers": { "${name}": { "command": "npx", "args": ["${name}"] } } }`;
  assert.deepEqual(servers(one('b'), '{}', one('a')), ['workspace b: npm b', 'user a: npm a']);
  assert.deepEqual(servers(one('a'), '{}', one('a')), ['user a: npm a']);
  assert.match(
    mistakes(one('a'), '{}', one('a')).join(),
    /is not used: the user's settings have a server of this name/,
  );
});

test('what is looser than the default is said in sentences', () => {
  const looser = (settings: string, mcp = '{ "command": "npx", "args": ["a"] }'): readonly string[] => {
    const { definitions } = read(`{ "mcpServers": { "a": ${mcp} } }`, `{ "servers": { "a": ${settings} } }`);
    const a = definitions.find(({ name }) => name === 'a');
    assert.ok(a);
    return looserThanDefault(a);
  };
  assert.deepEqual(looser('{}'), []);
  assert.deepEqual(looser('{ "memory": "256m", "cpus": 0.5, "callSeconds": 600 }'), []);
  assert.deepEqual(
    looser(
      '{ "network": ["a.org", "b.org"], "files": "write", "secrets": ["KEY"], "trusted": true, "memory": "2g", "processes": 1000 }',
    ),
    [
      'It may reach a.org and b.org over the network.',
      'It may read and change the files that a run works on.',
      'It is given the secret KEY.',
      'It is trusted: tools that say they only read are called without asking, and their answers are kept.',
      'It may use 2 GiB of memory; usual are 512 MiB of memory.',
      'It may use 1000 processes and threads; usual are 256 processes and threads.',
    ],
  );
  assert.deepEqual(looser('{}', '{ "url": "https://x.org/mcp", "headers": { "X-Key": "${K}" } }'), [
    'It runs at https://x.org/mcp, outside of any sandbox, and what agents send it leaves this machine.',
    'It is given the secret K.',
  ]);
  for (const definition of builtIn) assert.deepEqual(looserThanDefault(definition), [], definition.name);
});

test('a new server is written so that it reads back as it was given', () => {
  const given: readonly NewServer[] = [
    {
      name: 'n1',
      source: { kind: 'npm', package: '@a/b@1.2.3', arguments: ['--x', 'y z'] },
      sandbox: { network: ['a.org'], secrets: ['KEY'] },
    },
    { name: 'n2', source: { kind: 'npm', package: 'many', binary: 'one', arguments: [] }, sandbox: {} },
    {
      name: 'i1',
      source: { kind: 'image', image: 'acme/x:1', arguments: ['a'] },
      sandbox: { environment: { MODE: 'x' }, memoryBytes: 1024 ** 3 },
    },
    {
      name: 'i2',
      source: { kind: 'image', image: 'acme/x', entrypoint: ['/run'], arguments: ['a'] },
      sandbox: {},
    },
    {
      name: 'd1',
      source: { kind: 'dockerfile', path: 'tools/d', arguments: ['--fast'] },
      sandbox: { files: 'read' },
    },
    {
      name: 'c1',
      source: { kind: 'command', command: 'node', arguments: ['server.mjs'] },
      sandbox: { idleMs: 120_000, cpus: 2 },
    },
    {
      name: 'h1',
      source: { kind: 'http', url: 'https://x.org/mcp', headers: { Authorization: 'Bearer ${secret:T}' } },
      sandbox: { secrets: ['T'] },
    },
  ];
  let mcp = '';
  let tools = '';
  for (const server of given) {
    const entries = entriesFor(server);
    mcp = withMcpServer(mcp, server.name, entries.mcp);
    tools = withServerSettings(tools, server.name, entries.settings);
  }
  assert.deepEqual(mistakes(mcp, tools), []);
  const found = read(mcp, tools).definitions.filter(({ origin }) => origin === 'workspace');
  for (const [index, { name, source, sandbox }] of given.entries()) {
    assert.deepEqual(found[index]?.source, source, name);
    assert.deepEqual(found[index].sandbox, { ...DEFAULT_SANDBOX, ...sandbox }, name);
  }
});

test('edits keep comments and the way in which the file is written', () => {
  const before = lines(
    '{',
    '\t// mine',
    '\t"mcpServers": {',
    '\t\t"a": { "command": "x" } // keep',
    '\t},',
    '\t"more": 1',
    '}',
    '',
  );
  assert.equal(
    withMcpServer(before, 'b', { command: 'y', args: ['1'] }),
    lines(
      ...['{', '\t// mine', '\t"mcpServers": {', '\t\t"a": { "command": "x" }, // keep', '\t\t"b": {'],
      ...[
        '\t\t\t"command": "y",',
        '\t\t\t"args": [',
        '\t\t\t\t"1"',
        '\t\t\t]',
        '\t\t}',
        '\t},',
        '\t"more": 1',
        '}',
        '',
      ],
    ),
  );
  assert.equal(
    withMcpServer(before, 'a', undefined),
    lines('{', '\t// mine', '\t"mcpServers": { // keep', '\t},', '\t"more": 1', '}', ''),
  );
  assert.equal(withMcpServer('{ "servers": {} }', 'a', { command: 'x' }).includes('"servers": {'), true);
  const tools = lines('{', '    // rules', '    "approval": { "a_*": "ask" }', '}', '');
  const off = withServerSetting(tools, 'shell', 'enabled', false);
  assert.match(off, /\/\/ rules\n {4}"approval"/);
  assert.equal(readToolsFile(off, 'f').settings.servers['shell']?.enabled, false);
  assert.deepEqual(
    readToolsFile(withServerSetting(off, 'shell', 'enabled', undefined), 'f').settings.servers,
    {
      shell: { sandbox: {} },
    },
  );
  assert.equal(
    withMcpServer('{ "more": 1 // last\n}', 'a', { url: 'https://x.org' }),
    '{ "more": 1, // last\n "mcpServers": {\n   "a": {\n     "url": "https://x.org"\n   }\n }\n}',
  );
  assert.equal(withServerSettings('', 'a', {}), '');
  assert.equal(
    withServerSetting('{\r\n  "servers": { "a": { "cpus": 1, }, },\r\n}', 'a', 'enabled', true),
    '{\r\n  "servers": { "a": { "cpus": 1, "enabled": true, }, },\r\n}',
  );
  assert.deepEqual(JSON.parse(withServerSettings('', 'a', { files: 'read' })), {
    servers: { a: { files: 'read' } },
  });
});

test('names of members that JavaScript knows are names like any other', () => {
  assert.deepEqual(
    servers(
      '{ "mcpServers": { "constructor": { "command": "x" }, "__proto__": { "command": "y" } } }',
      '{ "servers": { "constructor": { "files": "read" } } }',
    ),
    ['workspace constructor: command x, files "read"'],
  );
  assert.match(mistakes('{ "mcpServers": { "toString": 1 } }').join(), /must be an object/);
});
