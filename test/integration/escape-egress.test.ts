import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { EgressConnection } from '../../extension/src/protocol/tool-use.ts';
import type { Container } from '../../extension/src/node/docker/container.ts';
import { openEgress, type Egress } from '../../extension/src/node/docker/egress/index.ts';
import { ownOwner } from '../../extension/src/node/docker/owner.ts';
import { ownerLabel } from '../../extension/src/node/docker/sweep.ts';
import { imageFor, shellOf, startServer, type Shell } from '../support/attacked-server.ts';
import { tryAttacks } from '../support/attacks.ts';
import { tryConnections } from '../support/connection-attacks.ts';
import { engineForTests, type EngineForTests } from '../support/docker.ts';
import { dockerOf } from '../support/dockerode.ts';

// A server with a network: what it may reach it reaches, by the ways that programs have, and nothing else by any.

let found: EngineForTests;
let site: Server;
let port = 0;
let egress: Egress | undefined;
let container: Container | undefined;
let shell: Shell;
const connections: EgressConnection[] = [];
const labels = { 'strata.run': `egress-${process.pid}`, [ownerLabel]: ownOwner() };
const soon = () => AbortSignal.timeout(180_000);

before(async () => {
  found = await engineForTests();
  if (found.kind === 'missing') return;
  const { engine } = found;
  site = createServer((asked, answer) => answer.end(`the site answers ${asked.method} ${asked.url}\n`));
  site.listen(0, '0.0.0.0');
  await once(site, 'listening');
  port = (site.address() as AddressInfo).port;
  const [image, forwarder] = [
    await imageFor(engine, 'shell', soon()),
    await imageFor(engine, 'egress', soon()),
  ];
  egress = await openEgress(
    engine,
    {
      server: 'weather',
      hosts: [`127.0.0.1:${port}`, 'rebind.example'],
      labels,
      image: forwarder,
      onConnection: (connection) => void connections.push(connection),
      resolve: () => Promise.resolve([{ address: '169.254.169.254', family: 4 }]),
      env: {},
    },
    soon(),
  );
  container = await startServer(
    engine,
    image,
    { server: 'weather', network: egress.container, environment: egress.environment, labels },
    soon(),
  );
  shell = await shellOf(container, soon());
});

after(async () => {
  await container?.stop();
  await egress?.dispose();
  if (found.kind === 'ready') {
    site.close();
    site.closeAllConnections();
    await found.stop();
  }
});

function skipped(t: TestContext): boolean {
  if (found.kind === 'missing') t.skip(found.reason);
  return found.kind === 'missing';
}

/** A connection to the forwarder on which some bytes are said. */
const say = (bytes: string) => ({ host: '127.0.0.1', port: 3128, say: bytes });

test('the hosts of the list are reached by the ways that programs have', async (t) => {
  if (skipped(t)) return;
  const url = `http://127.0.0.1:${port}/x`;
  assert.equal(
    await shell.run(`node -e 'fetch("${url}").then((r) => r.text()).then(console.log)'`),
    'the site answers GET /x',
  );
  await tryConnections(t, shell.run, [
    [
      'as a plain request',
      say(`POST ${url} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n`),
      /200 OK/,
    ],
  ]);
  // The last of them is reported when its socket has closed.
  for (let i = 0; i < 100 && connections.length < 2; i += 1) await delay(50);
  assert.ok(
    connections.length === 2 && connections.every(({ host, allowed }) => host === '127.0.0.1' && allowed),
  );
});

test('nothing else is', async (t) => {
  if (skipped(t)) return;
  connections.length = 0;
  await tryConnections(t, shell.run, [
    [
      'a host that is not on the list',
      say('CONNECT evil.example:443 HTTP/1.1\r\n\r\n'),
      /403 The server weather may not reach evil\.example:443/,
    ],
    [
      'the same as a plain request',
      say('GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
      /HTTP\/1\.1 403/,
    ],
    ['the metadata of a cloud', say('CONNECT 169.254.169.254:80 HTTP/1.1\r\n\r\n'), /403 /],
    [
      'the same by an allowed name',
      say('CONNECT rebind.example:80 HTTP/1.1\r\n\r\n'),
      /403 rebind\.example leads to 169\.254\.169\.254/,
    ],
    ['another port of the host', say('CONNECT 127.0.0.1:22 HTTP/1.1\r\n\r\n'), /403 /],
    ['the engine’s bridge', say(`CONNECT 172.17.0.1:${port} HTTP/1.1\r\n\r\n`), /403 /],
    ['the host by the other name of its loopback', say(`CONNECT localhost:${port} HTTP/1.1\r\n\r\n`), /403 /],
    ['the host by a number', say('CONNECT 2130706433:22 HTTP/1.1\r\n\r\n'), /403 /],
    ['SOCKS', say('\u0005\u0001\u0000'), /400 /],
    ['past the proxy', { host: '192.0.2.1', port: 443 }, /ENETUNREACH/],
    ['past the proxy, to the host', { host: '172.17.0.1', port }, /ENETUNREACH/],
    ['the host’s loopback without the proxy', { host: '127.0.0.1', port }, /ECONNREFUSED/],
    ['a name', { name: 'example.com' }, /EAI_AGAIN|ENOTFOUND/],
  ]);
  await tryAttacks(t, shell.run, [
    [
      'the sidecar’s processes',
      'cat /proc/[0-9]*/cmdline 2>/dev/null | grep -c -- "old-space-size=3[2]"',
      /exit code 1/,
    ],
  ]);
  const refused = connections.map(
    ({ host, port: at, allowed }) => `${host}:${at} ${allowed ? 'allowed' : 'refused'}`,
  );
  assert.deepEqual(refused, [
    'evil.example:443 refused',
    'evil.example:80 refused',
    '169.254.169.254:80 refused',
    'rebind.example:80 refused',
    '127.0.0.1:22 refused',
    `172.17.0.1:${port} refused`,
    `localhost:${port} refused`,
    '127.0.0.1:22 refused',
  ]);
});

test('a flood of connections leaves the way out usable', async (t) => {
  if (skipped(t)) return;
  const flood = `node -e 'let n = 0; for (let i = 0; i < 400; i++) net.connect(3128, "127.0.0.1").on("error", () => {}).on("close", () => { n += 1; }); setTimeout(() => { console.log(n > 300 ? "turned away" : "let in: " + (400 - n)); process.exit(); }, 1500)'`;
  assert.equal(await shell.run(flood), 'turned away');
  const again = `node -e 'fetch("http://127.0.0.1:${port}/again").then((r) => r.text()).then(console.log)'`;
  assert.equal(await shell.run(again), 'the site answers GET /again');
});

test('without the sidecar there is no way out at all, and both leave nothing behind', async (t) => {
  if (skipped(t) || found.kind !== 'ready' || !egress) return;
  const { engine } = found;
  await egress.dispose();
  assert.deepEqual(await egress.ended, { kind: 'stopped' });
  await tryConnections(t, shell.run, [
    ['what is left of it', say('CONNECT evil.example:443 HTTP/1.1\r\n\r\n'), /ECONNREFUSED/],
  ]);
  await shell.stop();
  const filters = { label: [`strata.run=${labels['strata.run']}`] };
  const left = () => dockerOf(engine).listContainers({ all: true, filters });
  // The engine takes them away by itself, and is not waited for longer than a stop may last.
  for (let i = 0; i < 100 && (await left()).length > 0; i += 1) await delay(100);
  assert.deepEqual(await left(), []);
});
