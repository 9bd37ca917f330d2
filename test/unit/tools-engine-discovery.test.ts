import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { endpointOf, engineCandidates } from '../../extension/src/node/docker/addresses.ts';
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
  assert.deepEqual(candidates(folder), { engines: [{ address: 'unix:///colima.sock' }], chosen: true });
  assert.deepEqual(candidates(folder, { DOCKER_CONTEXT: 'other' }).engines, [
    { address: 'unix:///other.sock' },
  ]);
  assert.deepEqual(candidates(folder, { DOCKER_CONTEXT: 'other', DOCKER_HOST: 'tcp://h:1' }).engines, [
    { address: 'tcp://h:1' },
  ]);
});

test('a context that was chosen and is not there is said, and no other engine takes its place', (t) => {
  const folder = home(t, contexts('gone', {}));
  assert.deepEqual(candidates(folder), { engines: [], chosen: true, missingContext: 'gone' });
  assert.equal(candidates(folder, { DOCKER_CONTEXT: 'default' }).missingContext, undefined);
});

test('TLS is asked for by the environment or by the context', (t) => {
  const folder = home(t, {
    ...contexts('far', { far: 'tcp://far:2376' }),
    'certs/ca.pem': '',
    '.docker/ca.pem': '',
  });
  const id = createHash('sha256').update('far').digest('hex');
  const host = { DOCKER_HOST: 'tcp://far' };
  const certs = join(folder, 'certs');
  const files = (at: string) => ['ca', 'cert', 'key'].map((name) => [name, join(at, `${name}.pem`)]);
  const tls = (env: Readonly<Record<string, string>>) =>
    candidates(folder, { ...host, ...env }).engines[0]?.tls;
  assert.equal(tls({}), undefined);
  assert.deepEqual(tls({ DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certs }), {
    ...Object.fromEntries(files(certs)),
    verify: true,
  });
  assert.deepEqual(tls({ DOCKER_TLS_VERIFY: '1' }), { ca: join(folder, '.docker/ca.pem'), verify: true });
  assert.deepEqual(tls({ DOCKER_TLS: '1' }), { verify: false });
  assert.equal(candidates(folder).engines[0]?.tls, undefined);
  const kept = join(folder, '.docker/contexts/tls', id, 'docker');
  mkdirSync(kept, { recursive: true });
  writeFileSync(join(kept, 'ca.pem'), '');
  assert.deepEqual(candidates(folder).engines[0]?.tls, { ca: join(kept, 'ca.pem'), verify: true });
});

test('without a choice the sockets that exist are tried; a damaged configuration is no choice', (t) => {
  const sockets = [
    '.docker/desktop/docker.sock',
    '.orbstack/run/docker.sock',
    '.colima/default/docker.sock',
    '.colima/another/docker.sock',
    '.lima/docker/sock/docker.sock',
    'run/docker.sock',
    'run/podman/podman.sock',
  ];
  const files = Object.fromEntries(
    [...sockets, '.docker/config.json', '.colima/_lima/x'].map((at) => [at, '{']),
  );
  const folder = home(t, files);
  const { engines, chosen } = candidates(folder, { XDG_RUNTIME_DIR: join(folder, 'run') });
  assert.equal(chosen, false);
  const inHome = engines.flatMap(({ address }) =>
    address.includes(folder) ? [address.split(`${folder}/`)[1]] : [],
  );
  assert.deepEqual(inHome, [
    '.docker/desktop/docker.sock',
    'run/docker.sock',
    '.orbstack/run/docker.sock',
    '.colima/default/docker.sock',
    '.colima/another/docker.sock',
    '.lima/docker/sock/docker.sock',
    'run/podman/podman.sock',
  ]);
});

function endpoint(address: string): string {
  const found = endpointOf({ address });
  switch (found.kind) {
    case 'socket':
      return found.socketPath;
    case 'tcp':
      return `${found.local ? 'here' : 'there'} ${found.host} ${found.port}`;
    case 'ssh':
      return `ssh ${found.user ?? '-'} ${found.host} ${found.port ?? '-'} ${found.socketPath}`;
    default:
      return 'no';
  }
}

test('an address says how to connect, and whether the engine is on this machine', () => {
  assert.equal(endpoint('unix:///a b.sock'), '/a b.sock');
  assert.equal(endpoint('npipe:////./pipe/docker_engine'), '//./pipe/docker_engine');
  assert.equal(endpoint('tcp://127.0.0.1:1234'), 'here 127.0.0.1 1234');
  assert.equal(endpoint('tcp://[::1]'), 'here ::1 2375');
  assert.equal(endpoint('localhost:1'), 'here localhost 1');
  assert.equal(endpoint('tcp://127.example.org'), 'there 127.example.org 2375');
  assert.equal(endpoint('https://10.0.0.5'), 'there 10.0.0.5 2375');
  assert.equal(endpoint('ssh://host'), 'ssh - host - /var/run/docker.sock');
  assert.equal(
    endpoint('ssh://me@host:2222/run/user/1/podman.sock'),
    'ssh me host 2222 /run/user/1/podman.sock',
  );
  for (const address of [
    'ssh://-oProxyCommand=x/y',
    'ssh://-l@host',
    'ssh://me:secret@host',
    'ftp://host',
    'tcp://',
  ])
    assert.equal(endpoint(address), 'no', address);
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
  assert.equal(await stateOf('ftp://host', folder), 'docker-unsuitable');
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
