import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { connectionOf, engineCandidates } from '../../extension/src/node/docker/addresses.ts';
import { demux } from '../../extension/src/node/docker/demux.ts';
import { engineError, findEngine } from '../../extension/src/node/docker/index.ts';
import { mayBeAlive, ownOwner } from '../../extension/src/node/docker/owner.ts';

const live = new AbortController().signal;

function home(t: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'strata-home-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

function contexts(current: string, known: Readonly<Record<string, string>>): Record<string, string> {
  const files: Record<string, string> = {
    '.docker/config.json': JSON.stringify({ currentContext: current }),
  };
  for (const [name, host] of Object.entries(known)) {
    const id = createHash('sha256').update(name).digest('hex');
    files[`.docker/contexts/meta/${id}/meta.json`] = JSON.stringify({
      Name: name,
      Endpoints: { docker: { Host: host } },
    });
  }
  return files;
}

function candidates(folder: string, env: Readonly<Record<string, string>> = {}) {
  return engineCandidates({ env, home: folder, platform: 'linux', uid: 4711 });
}

test('DOCKER_HOST comes before DOCKER_CONTEXT, and that before the current context', (t) => {
  const folder = home(t, contexts('colima', { colima: 'unix:///colima.sock', other: 'unix:///other.sock' }));
  assert.deepEqual(candidates(folder), { addresses: ['unix:///colima.sock'], chosen: true });
  assert.deepEqual(candidates(folder, { DOCKER_CONTEXT: 'other' }).addresses, ['unix:///other.sock']);
  assert.deepEqual(candidates(folder, { DOCKER_CONTEXT: 'other', DOCKER_HOST: 'tcp://h:1' }).addresses, [
    'tcp://h:1',
  ]);
});

test('without a choice the sockets that exist are tried; a damaged configuration is no choice', (t) => {
  const folder = home(t, { '.docker/config.json': '{', '.colima/default/docker.sock': '' });
  const found = candidates(folder);
  assert.equal(found.chosen, false);
  assert.ok(found.addresses.includes(`unix://${join(folder, '.colima/default/docker.sock')}`));
  assert.ok(found.addresses.every((address) => !address.includes('.rd/')));
});

test('only engines of this machine can mount its folders', () => {
  assert.deepEqual(connectionOf('unix:///a b.sock'), { kind: 'socket', socketPath: '/a b.sock' });
  assert.deepEqual(connectionOf('tcp://127.0.0.1:2375'), { kind: 'tcp', host: '127.0.0.1', port: 2375 });
  for (const address of ['ssh://me@host', 'tcp://10.0.0.5:2376', 'https://host', 'nonsense'])
    assert.deepEqual(connectionOf(address), { kind: 'remote' });
});

async function stateOf(address: string, folder: string): Promise<string> {
  const surroundings = {
    env: { DOCKER_HOST: address },
    home: folder,
    platform: process.platform,
    uid: process.getuid?.(),
  };
  const state = await findEngine({ signal: live, surroundings, limitMs: 300 });
  if (state.kind === 'ready') return 'ready';
  const error = engineError(state);
  assert.notEqual(error.action, '');
  return error.code;
}

test('each way not to have an engine has its own error', async (t) => {
  const folder = home(t);
  const silent = createServer(() => undefined);
  const socket = join(folder, 'silent.sock');
  await new Promise<void>((resolve) => silent.listen(socket, resolve));
  t.after(() => silent.close());
  const rude = createServer((connection) =>
    connection.end('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnope'),
  );
  await new Promise<void>((resolve) => rude.listen(join(folder, 'rude.sock'), resolve));
  t.after(() => rude.close());
  assert.equal(await stateOf(`unix://${folder}/none.sock`, folder), 'docker-unreachable');
  assert.equal(await stateOf(`unix://${socket}`, folder), 'docker-unreachable');
  assert.equal(await stateOf(`unix://${folder}/rude.sock`, folder), 'docker-unreachable');
  assert.equal(await stateOf('ssh://me@host', folder), 'docker-remote');
});

test('an owner is alive while its process is, and a later process with its id is another', () => {
  const own = ownOwner();
  assert.equal(mayBeAlive(own), true);
  assert.equal(mayBeAlive(own.replace(/[^.]+$/, 'another-start')), process.platform === 'win32');
  assert.equal(mayBeAlive(own.replace(/\.\d+\./, '.4194999.')), false);
  assert.equal(mayBeAlive('otherhost.1.x'), true);
  assert.equal(mayBeAlive(''), true);
});

function frame(stream: number, content: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(content), 4);
  return Buffer.concat([header, Buffer.from(content)]);
}

test('an attached stream is taken apart however it is cut', async () => {
  const all = Buffer.concat([frame(1, 'one '), frame(2, 'err'), frame(1, ''), frame(1, 'zwö')]);
  for (const size of [1, 3, 8, 1000]) {
    const source = new PassThrough();
    const { stdout, stderr } = demux(source);
    for (let at = 0; at < all.length; at += size) source.write(all.subarray(at, at + size));
    source.end();
    assert.deepEqual(await Promise.all([text(stdout), text(stderr)]), ['one zwö', 'err']);
  }
});

test('a stream that is no such stream is broken off', async () => {
  const source = new PassThrough();
  const { stdout, stderr } = demux(source);
  source.write('HTTP/1.1 500 Internal Server Error');
  assert.deepEqual(await Promise.all([text(stdout), text(stderr)]), ['', '']);
  assert.equal(source.destroyed, true);
});
