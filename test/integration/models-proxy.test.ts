import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { modelWorld } from '../support/model-world.ts';

const { server, play, madeCalls } = modelWorld();
const CALL = path.join(import.meta.dirname, '../support/proxied-call-process.ts');

/** A proxy that takes every name for the model server, and notes the names. */
let proxy: Server;
let asked: string[] = [];
const sockets = new Set<Socket>();
before(async () => {
  proxy = createServer((_, response) => response.writeHead(501).end());
  proxy.on('connect', (request, client: Socket) => {
    asked.push(request.url ?? '');
    sockets.add(client);
    if (request.url?.startsWith('closed.')) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const upstream = connect(Number(new URL(server().url).port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    sockets.add(upstream);
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
after(() => {
  for (const socket of sockets) socket.destroy();
  proxy.close();
});

async function call(baseUrl: string, env: Readonly<Record<string, string>>): Promise<string> {
  asked = [];
  play({ text: 'ok' });
  const surroundings = Object.entries(process.env).filter(([name]) => !/^(?:https?|no)_proxy$/i.test(name));
  const { stdout } = await promisify(execFile)(process.execPath, [CALL, baseUrl], {
    env: { ...Object.fromEntries(surroundings), ...env },
  });
  return stdout.trim();
}

const proxyUrl = (): string => `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;

for (const name of ['HTTP_PROXY', 'http_proxy']) {
  test(`a model is asked through the proxy of ${name}`, async () => {
    await call('http://models.example', { [name]: proxyUrl() });
    assert.deepEqual(asked, ['models.example:80']);
    assert.equal(madeCalls(), 1);
  });
}

test('a model on this machine is asked without one', async () => {
  await call(server().url, { HTTP_PROXY: proxyUrl() });
  assert.deepEqual(asked, []);
  assert.equal(madeCalls(), 1);
});

test('a host of NO_PROXY is asked without one', async () => {
  const said = await call('http://models.invalid', {
    HTTP_PROXY: proxyUrl(),
    NO_PROXY: 'a.example, .invalid',
  });
  assert.deepEqual(asked, []);
  assert.match(said, /no connection/);
});

test('a proxy that refuses is no model that refuses', async () => {
  const said = await call('http://closed.example', { HTTP_PROXY: proxyUrl() });
  assert.deepEqual(asked, ['closed.example:80']);
  assert.match(said, /no connection .*407/i);
});
