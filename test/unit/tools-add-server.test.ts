import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  nameMistake,
  readHosts,
  readSecretNames,
  readSource,
  suggestName,
  type SourceKind,
} from '../../extension/src/vscode/tools/add-server/read-source.ts';
import { readNewServer } from '../../extension/src/vscode/tools/add-server/new-server.ts';

/** A source in one line, or what is wrong with what was typed. */
function read(kind: SourceKind, text: string): string {
  const found = readSource(kind, text);
  if ('mistake' in found) return found.mistake;
  const { kind: _, ...rest } = found.source;
  return JSON.stringify(rest);
}

test('an npm package is read from its name, and from the line of a README', () => {
  assert.equal(
    read('npm', ' @scope/a@1.2.3 --x "two words" '),
    '{"package":"@scope/a@1.2.3","arguments":["--x","two words"]}',
  );
  assert.equal(read('npm', 'npx -y a /workspace'), '{"package":"a","arguments":["/workspace"]}');
  assert.equal(read('npm', "npx --yes -- a@latest ''"), '{"package":"a@latest","arguments":[""]}');
  assert.match(read('npm', ''), /Name an npm package/);
  assert.match(read('npm', 'npx -y'), /Name an npm package/);
  assert.match(read('npm', '../a'), /no name of an npm package/);
  assert.match(read('npm', 'a --x "'), /not closed/);
});

test('an image is read from its name, and from the line of a README', () => {
  const digest = 'a'.repeat(64);
  assert.equal(read('image', 'mcp/fetch:1'), '{"image":"mcp/fetch:1","arguments":[]}');
  assert.equal(
    read('image', `docker run -i --rm ghcr.io/a/b@sha256:${digest} stdio`),
    `{"image":"ghcr.io/a/b@sha256:${digest}","arguments":["stdio"]}`,
  );
  assert.equal(read('image', 'localhost:5000/a'), '{"image":"localhost:5000/a","arguments":[]}');
  assert.match(
    read('image', 'docker run -i --rm -v /:/host a'),
    /Leave out -v/,
    'nothing is dropped in silence',
  );
  assert.match(read('image', 'docker run'), /Name an image/);
  assert.match(read('image', 'UPPER'), /no name of an image/);
});

test('a command, a Dockerfile and an address are taken as they are', () => {
  assert.equal(read('command', 'node "my server.js"'), '{"command":"node","arguments":["my server.js"]}');
  assert.match(read('command', ' '), /Write the command/);
  assert.equal(read('dockerfile', ' a b/Dockerfile '), '{"path":"a b/Dockerfile","arguments":[]}');
  assert.match(read('dockerfile', ''), /Name a Dockerfile/);
  assert.equal(read('http', 'https://a.example/mcp'), '{"url":"https://a.example/mcp","headers":{}}');
  assert.equal(read('http', 'http://localhost:1/mcp'), '{"url":"http://localhost:1/mcp","headers":{}}');
  assert.match(read('http', 'http://a.example/mcp'), /Use https/);
  assert.match(read('http', 'ftp://a.example'), /must begin with https/);
  assert.match(read('http', 'https://me:pw@a.example'), /Leave the password out/);
  assert.match(read('http', 'a.example'), /Write an address/);
});

test('a name says what the server is for', () => {
  const name = (kind: SourceKind, text: string, taken: string[] = []): string => {
    const found = readSource(kind, text);
    return 'source' in found ? suggestName(found.source, taken) : found.mistake;
  };
  assert.equal(name('npm', '@modelcontextprotocol/server-memory@2025.8.4'), 'memory');
  assert.equal(name('npm', 'mcp-server-sqlite'), 'sqlite');
  assert.equal(name('npm', 'mcp-server'), 'server');
  assert.equal(name('npm', 'a', ['a', 'a-2']), 'a-3');
  assert.equal(name('image', 'ghcr.io/github/github-mcp-server:1'), 'github');
  assert.equal(name('dockerfile', 'tools/weather/Dockerfile'), 'weather');
  assert.equal(name('dockerfile', 'Dockerfile'), 'server');
  assert.equal(name('command', 'node tools/clock.js --utc'), 'clock');
  assert.equal(name('http', 'https://mcp.example.com/mcp'), 'example');
  for (const kind of ['npm', 'command'] as const)
    assert.equal(nameMistake(name(kind, `a${'-b'.repeat(60)}`), []), undefined, 'short enough');
});

test('a name is valid and free', () => {
  assert.equal(nameMistake('a_B-1', ['a']), undefined);
  assert.match(nameMistake('a b', []) ?? '', /Use letters/);
  assert.match(nameMistake('', []) ?? '', /Use letters/);
  assert.match(nameMistake('a'.repeat(33), []) ?? '', /at most 32/);
  assert.match(nameMistake('a', ['a']) ?? '', /already/);
});

test('hosts are listed with commas or spaces', () => {
  assert.deepEqual(readHosts(' api.github.com, *.npmjs.org:443  localhost '), {
    hosts: ['api.github.com', '*.npmjs.org:443', 'localhost'],
  });
  assert.deepEqual(readHosts(' '), { hosts: [] });
  assert.deepEqual(readHosts('https://a.example/x'), { mistake: 'Write a.example: a host, not an address.' });
  for (const wrong of ['*', 'a.*', '-a', 'a:', 'a/b']) assert.ok('mistake' in readHosts(wrong), wrong);
});

test('secrets are listed by their names, never with a value', () => {
  assert.deepEqual(readSecretNames('A_TOKEN, B A_TOKEN'), { names: ['A_TOKEN', 'B'] });
  assert.deepEqual(readSecretNames(''), { names: [] });
  assert.match(JSON.stringify(readSecretNames('A=secret')), /name alone/);
  assert.match(JSON.stringify(readSecretNames('1A')), /no name of an environment variable/);
});

test('a server that a command was given is checked, and says what is wrong', () => {
  assert.deepEqual(readNewServer({ name: 'a', source: { kind: 'npm', package: 'b' } }), {
    name: 'a',
    source: { kind: 'npm', package: 'b', arguments: [] },
    sandbox: {},
  });
  const wrong = (given: object, what: RegExp): void => {
    assert.throws(() => readNewServer(given as never), what);
  };
  wrong({}, /"name"/);
  wrong({ name: 'a b', source: { kind: 'npm', package: 'b' } }, /Use letters/);
  wrong({ name: 'a', source: { kind: 'built-in' } }, /"source.kind"/);
  wrong({ name: 'a', source: { kind: 'npm', package: 'b' }, sandbox: { files: 'all' } }, /"sandbox.files"/);
  wrong({ name: 'a', source: { kind: 'npm', package: 'b' }, sandbox: { privileged: true } }, /privileged/);
});
