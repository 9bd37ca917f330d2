import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { buildServers, makeSnapshots, serverArguments } from '../support/build-servers.ts';
import { folderOf, missing, openServer, type ChildOptions } from '../support/server-child.ts';

const secret = 'a secret of whoever builds';
let servers: Awaited<ReturnType<typeof buildServers>>;
before(async () => {
  servers = await buildServers();
  makeSnapshots(servers.folder, { STRATA_TEST_SECRET: secret, STRATA_ROOT: '/of/the/build' });
});
after(() => servers.remove());

/** A server that is started from its snapshot, in a folder of its own. */
function open(t: TestContext, name: string, options: Partial<ChildOptions> = {}) {
  return openServer(t, name, {
    folder: servers.folder,
    root: folderOf(t, { 'a.txt': 'one\ntwo\n' }),
    way: 'snapshot',
    ...options,
  });
}

test('files reads, writes and searches', async (t) => {
  // Without a PATH there is no ripgrep, so a thread searches.
  for (const environment of [{}, { PATH: '' }]) {
    const server = await open(t, 'files', { environment });
    assert.match(await server.say('search', { pattern: 'tw' }), /^a\.txt:2: two$/m);
    await server.say('edit', { path: 'a.txt', oldText: 'two', newText: 'three' });
    assert.match(await server.say('read', { path: 'a.txt' }), /three/);
    assert.match(await server.say('read', { path: 'b.txt' }), /^! "b\.txt" does not exist\.$/);
  }
});

test('arguments are those of the start', async (t) => {
  const server = await open(t, 'files', { arguments: ['--read-only'] });
  const { tools } = await server.client.listTools();
  assert.deepEqual(
    tools.map(({ name }) => name),
    ['read', 'list', 'glob', 'search'],
  );
});

test('shell runs programs in the environment of the start', async (t) => {
  if (missing(t, 'sh')) return;
  const server = await open(t, 'shell', { environment: { OF_THE_START: 'yes' } });
  const said = await server.say('run', { command: 'cat a.txt; env; sleep 0.1; echo late >&2; exit 3' });
  assert.match(
    said,
    /^exit code 3\n--- stdout ---\none\ntwo\n[^]*^OF_THE_START=yes$[^]*--- stderr ---\nlate/m,
  );
  assert.doesNotMatch(said, /STRATA_TEST_SECRET|\/of\/the\/build/);
});

test('git reads a repository', async (t) => {
  if (missing(t, 'git')) return;
  const root = folderOf(t, { 'a.txt': 'one\n' });
  execFileSync('git', ['init', '--quiet', root]);
  const server = await open(t, 'git', { root });
  assert.match(await server.say('status'), /a\.txt/);
});

test('code keeps the state of both languages', async (t) => {
  const server = await open(t, 'code');
  await server.say('javascript', { code: 'const five = 5' });
  assert.equal(await server.say('javascript', { code: 'five + 1' }), '6');
  if (missing(t, 'python3')) return;
  await server.say('python', { code: 'five = 5' });
  assert.equal(await server.say('python', { code: 'five + 2' }), '7');
});

test('web fetches a page and converts it in a thread', async (t) => {
  const site = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end('<title>T</title><h1>Head</h1><p>Body');
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  t.after(() => site.close());
  const address = site.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const server = await open(t, 'web');
  assert.match(await server.say('fetch', { url: `http://127.0.0.1:${port}/` }), /# Head\n\nBody/);
});

test('a snapshot holds nothing of the environment in which it was made', () => {
  for (const name of readdirSync(servers.folder)) {
    const blob = readFileSync(join(servers.folder, name, 'server.blob'));
    assert.ok(blob.includes('tools/list'), name); // Its strings can be found in it.
    for (const text of [secret, '/of/the/build']) assert.ok(!blob.includes(text), name);
  }
});

test('what goes wrong at the start is said with its place', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    serverArguments(servers.folder, 'files', 'snapshot'),
    {
      env: { STRATA_ROOT: '/not/there' },
      encoding: 'utf8',
    },
  );
  assert.equal(status, 1);
  assert.match(stderr, /ENOENT: no such file or directory, realpath '\/not\/there'[^]*server\.mjs:\d+:\d+/);
});
