import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { attackedPlace, imageFor, shellOf, startServer } from '../support/attacked-server.ts';
import { tryAttacks } from '../support/attacks.ts';
import { tryConnections } from '../support/connection-attacks.ts';
import { engineForTests } from '../support/docker.ts';

// The engine does less for a server that runs nobody's programs. These attacks are made from inside of such a container.

const soon = () => AbortSignal.timeout(180_000);

test('a server that resolves no names has no network either, and no way to one', async (t) => {
  const found = await engineForTests();
  if (found.kind !== 'ready') {
    t.skip(found.reason);
    return;
  }
  const { engine } = found;
  t.after(() => found.stop());
  const place = await attackedPlace();
  t.after(() => place.remove());
  const host = createServer((socket) => socket.end('the host answers'));
  host.listen(0, '0.0.0.0');
  await once(host, 'listening');
  t.after(() => host.close());
  const { port } = host.address() as AddressInfo;
  const container = await startServer(
    engine,
    await imageFor(engine, 'shell', soon()),
    { nameless: true, folder: place.folder },
    soon(),
  );
  t.after(() => container.stop());
  const shell = await shellOf(container, soon());
  const none = /ENETUNREACH/;
  await tryConnections(t, shell.run, [
    ['an address of the internet', { host: '192.0.2.1', port: 443 }, none],
    ['the metadata of a cloud', { host: '169.254.169.254', port: 80 }, none],
    ['a port of the host, on the engine’s bridge', { host: '172.17.0.1', port }, none],
    ['a port of the host, on the loopback', { host: '127.0.0.1', port }, /ECONNREFUSED/],
    ['a name', { name: 'example.com' }, /EAI_AGAIN|ENOTFOUND/],
    ['the engine’s name for the host', { name: 'host.docker.internal' }, /EAI_AGAIN|ENOTFOUND/],
  ]);
  await tryAttacks(t, shell.run, [
    ['network devices', 'ls /sys/class/net', /^lo$/],
    ['who resolves names for the host', 'cat /etc/resolv.conf /etc/hosts | wc -c', /^0$/],
    [
      'writing into them',
      'echo nameserver 1.1.1.1 > /etc/resolv.conf',
      /Read-only file system|Permission denied/,
    ],
  ]);
});
