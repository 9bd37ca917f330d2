import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect as connectTcp, createServer as createTcp, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { test, type TestContext } from 'node:test';
import type { EgressConnection } from '../../extension/src/protocol/tool-use.ts';
import { allowedHosts } from '../../extension/src/node/docker/egress/allowed-hosts.ts';
import type { Resolve } from '../../extension/src/node/docker/egress/dial.ts';
import { Multiplexer } from '../../extension/src/node/docker/egress/multiplexer.ts';
import { createProxy } from '../../extension/src/node/docker/egress/proxy.ts';

interface Seen {
  readonly line: string;
  readonly headers: readonly string[];
  readonly body: string;
}

/** A web server on this machine that remembers what it is asked. */
async function site(t: TestContext) {
  const seen: Seen[] = [];
  const server = createServer((asked: IncomingMessage, answer) => {
    let body = '';
    asked.on('data', (chunk: Buffer) => (body += chunk.toString()));
    asked.on('end', () => {
      seen.push({ line: `${asked.method} ${asked.url}`, headers: asked.rawHeaders, body });
      answer.writeHead(200, { 'x-site': 'yes' });
      answer.end(asked.url === '/large' ? Buffer.alloc(3_000_000, 'l') : `answer to ${asked.url}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, seen };
}

/** The proxy as the sidecar reaches it: by connections of a multiplexer, whose other end is here. */
function openProxy(
  t: TestContext,
  hosts: readonly string[],
  more: { readonly resolve?: Resolve; readonly env?: Record<string, string> } = {},
) {
  const connections: EgressConnection[] = [];
  const life = new AbortController();
  const proxy = createProxy({
    server: 'weather',
    hosts: allowedHosts('weather', hosts),
    resolve: more.resolve ?? (() => Promise.reject(new Error('nobody asked for a name'))),
    env: more.env ?? {},
    onConnection: (connection) => void connections.push(connection),
    signal: life.signal,
  });
  const inside: Multiplexer = new Multiplexer({ send: (bytes) => host.receive(bytes), maxConnections: 32 });
  const host: Multiplexer = new Multiplexer({
    send: (bytes) => setImmediate(() => inside.receive(bytes)),
    onOpen: proxy,
    maxConnections: 32,
  });
  t.after(() => {
    life.abort();
    host.close(new Error('the test is over'));
  });
  return {
    connections,
    open: () => inside.open(),
    /** Sends bytes and returns all that comes back until the other side ends or what is waited for is there. */
    say: async (bytes: string, until?: RegExp): Promise<string> => {
      const connection = inside.open();
      connection.write(bytes);
      return heard(connection, until);
    },
  };
}

function heard(connection: Duplex, until: RegExp | undefined): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const done = () => {
      connection.destroy();
      resolve(text);
    };
    connection.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (until?.test(text)) done();
    });
    connection.once('end', done);
    connection.once('close', done);
  });
}

/** What was reported, without times. */
function reported(connections: readonly EgressConnection[]): readonly string[] {
  return connections.map(({ host, port, allowed }) => `${host}:${port} ${allowed ? 'allowed' : 'refused'}`);
}

async function settled(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !condition(); i += 1) await new Promise((resolve) => setTimeout(resolve, 2));
  assert.ok(condition(), 'it never came to that');
}

test('a tunnel to an allowed host carries bytes both ways, and they are counted', async (t) => {
  const { port, seen } = await site(t);
  const proxy = openProxy(t, [`127.0.0.1:${port}`]);
  const connection = proxy.open();
  connection.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  const [established] = (await once(connection, 'data')) as [Buffer];
  assert.equal(established.toString(), 'HTTP/1.1 200 Connection established\r\n\r\n');
  const request = 'GET /large HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n';
  connection.write(request);
  const answer = await heard(connection, undefined);
  assert.match(answer.slice(0, 100), /^HTTP\/1\.1 200 OK\r\n/);
  assert.ok(answer.length > 3_000_000 && answer.endsWith('l\r\n0\r\n\r\n'), 'all of it came');
  assert.deepEqual(
    seen.map(({ line }) => line),
    ['GET /large'],
  );
  await settled(() => proxy.connections.length === 1);
  const [{ sentBytes, receivedBytes, ...one } = assert.fail()] = proxy.connections;
  assert.deepEqual([one.host, one.port, one.allowed, sentBytes], ['127.0.0.1', port, true, request.length]);
  assert.ok(receivedBytes > 3_000_000);
});

test('a request with a whole address is written anew: its host is that of the address', async (t) => {
  const { port, seen } = await site(t);
  const proxy = openProxy(t, [`localhost:${port}`], {
    resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
  });
  const at = `http://localhost:${port}`;
  const answer = await proxy.say(
    `POST ${at}/a?b=c HTTP/1.1\r\nHost: metadata.internal\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nProxy-Authorization: x\r\n` +
      `Upgrade: h2c\r\nTransfer-Encoding: chunked\r\nX-Mine: kept\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    /answer to/,
  );
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\nx-site: yes/);
  assert.deepEqual(seen, [
    {
      line: 'POST /a?b=c',
      headers: [
        'Host',
        `localhost:${port}`,
        'Transfer-Encoding',
        'chunked',
        'X-Mine',
        'kept',
        'Connection',
        'close',
      ],
      body: 'abc',
    },
  ]);
  await proxy.say(`DELETE ${at}/d HTTP/1.1\r\nHost: x\r\n\r\n`, /answer to/);
  assert.deepEqual(seen[1]?.headers, [
    'Host',
    `localhost:${port}`,
    'Content-Length',
    '0',
    'Connection',
    'close',
  ]);
});

test('what is not on the list is refused, with the words to add', async (t) => {
  const { port, seen } = await site(t);
  const proxy = openProxy(t, ['api.weather.example', '*.maps.example']);
  const cases: Readonly<Record<string, RegExp>> = {
    'CONNECT evil.example:443 HTTP/1.1':
      /^HTTP\/1\.1 403 The server weather may not reach evil\.example:443\. To allow it, add "evil\.example" to servers\.weather\.network in \.strata\/tools\.jsonc\.\r\n/,
    'CONNECT api.weather.example:22 HTTP/1.1': /403 .*add "api\.weather\.example:22"/,
    'CONNECT api.weather.example.evil.example:443 HTTP/1.1': /403 /,
    [`CONNECT 127.0.0.1:${port} HTTP/1.1`]: /403 /,
    'CONNECT 169.254.169.254:80 HTTP/1.1': /403 /,
    'CONNECT [::ffff:169.254.169.254]:80 HTTP/1.1': /403 /,
    'CONNECT [fd00:ec2::254]:80 HTTP/1.1': /403 /,
    'CONNECT 0x7f000001:80 HTTP/1.1': /403 .*127\.0\.0\.1/,
    [`GET http://127.0.0.1:${port}/x HTTP/1.1`]: /^HTTP\/1\.1 403 Forbidden[^]*may not reach 127\.0\.0\.1/,
    'GET http://metadata.google.internal/ HTTP/1.1': /403 /,
  };
  for (const [line, expected] of Object.entries(cases))
    assert.match(await proxy.say(`${line}\r\nHost: api.weather.example\r\n\r\n`), expected, line);
  assert.equal(proxy.connections.length, Object.keys(cases).length);
  assert.ok(proxy.connections.every(({ allowed }) => !allowed));
  assert.deepEqual(seen, []);
});

test('an allowed name that leads to a private address is refused, whatever it leads to the next time', async (t) => {
  const { port, seen } = await site(t);
  const addresses = [
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '::1',
    '::ffff:10.0.0.1',
    'fe80::1',
    '64:ff9b::a9fe:a9fe',
  ];
  let asked = 0;
  const proxy = openProxy(t, [`*:${port}`], {
    resolve: () => Promise.resolve([{ address: addresses[asked++ % addresses.length] ?? '', family: 4 }]),
  });
  for (const address of addresses) {
    const answer = await proxy.say(`CONNECT rebind.example:${port} HTTP/1.1\r\n\r\n`);
    assert.ok(
      answer.includes(`rebind.example leads to ${address}, which is not an address of the public internet`),
      answer,
    );
  }
  assert.equal(asked, addresses.length, 'each connection asks once');
  assert.deepEqual(seen, []);
});

test('a name may lead to a private address that the list names too, as inside of a company', async (t) => {
  const { port } = await site(t);
  const resolve = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
  const named = openProxy(t, [`intranet.example:${port}`, `127.0.0.1:${port}`], { resolve });
  const request = `GET http://intranet.example:${port}/page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
  assert.match(await named.say(request), /answer to \/page/);
  const otherPort = openProxy(t, [`intranet.example:${port}`, '127.0.0.1:1'], { resolve });
  assert.match(await otherPort.say(request), /intranet\.example leads to 127\.0\.0\.1/);
});

test('of a name with a public and a private address only the public one is connected to, without asking again', async (t) => {
  const { port, seen } = await site(t);
  let asked = 0;
  const proxy = openProxy(t, [`*:${port}`], {
    resolve: () => {
      asked += 1;
      // 192.88.99.0/24 and the like are special; this one is public, and nothing of it answers at this port.
      return Promise.resolve(
        asked === 1
          ? [
              { address: '127.0.0.1', family: 4 },
              { address: '1.1.1.1', family: 4 },
            ]
          : [{ address: '127.0.0.1', family: 4 }],
      );
    },
  });
  const connection = proxy.open();
  connection.write(`CONNECT two-faced.example:${port} HTTP/1.1\r\n\r\n`);
  await settled(() => asked === 1);
  await Promise.race([heard(connection, /\r\n\r\n/), new Promise((resolve) => setTimeout(resolve, 500))]);
  connection.destroy();
  await settled(() => proxy.connections.length === 1);
  assert.deepEqual([asked, seen.length, proxy.connections[0]?.receivedBytes], [1, 0, 0]);
});

test('requests that hide another, and things that are no request, are thrown out', async (t) => {
  const { port, seen } = await site(t);
  const proxy = openProxy(t, [`127.0.0.1:${port}`]);
  const at = `http://127.0.0.1:${port}`;
  const hidden = `GET ${at}/hidden HTTP/1.1\r\nHost: x\r\n\r\n`;
  const bad: Readonly<Record<string, string>> = {
    'two lengths': `POST ${at}/a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
    'a length and pieces': `POST ${at}/a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    'pieces by another name': `POST ${at}/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n${hidden}`,
    'a header in two lines': `GET ${at}/a HTTP/1.1\r\nHost: x\r\nX-A: b\r\n GET: /hidden\r\n\r\n`,
    'a space before the colon': `GET ${at}/a HTTP/1.1\r\nHost : x\r\n\r\n`,
    'a bare line feed': `GET ${at}/a HTTP/1.1\nHost: x\nX: y\rGET ${at}/hidden HTTP/1.1\n\n`,
    'a null byte': `GET ${at}/a\0 HTTP/1.1\r\nHost: x\r\n\r\n`,
    'a path alone': 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n',
    'https as a plain request': `GET https://127.0.0.1:${port}/ HTTP/1.1\r\nHost: x\r\n\r\n`,
    'a user in the address': `CONNECT x@127.0.0.1:${port} HTTP/1.1\r\n\r\n`,
    TLS: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    SOCKS: '\x05\x01\x00',
    'headers without end': `GET ${at}/a HTTP/1.1\r\n${'X-Y: z\r\n'.repeat(5000)}\r\n`,
  };
  for (const [name, bytes] of Object.entries(bad)) {
    const answer = await proxy.say(bytes, /\r\n\r\n/);
    assert.match(answer, /^HTTP\/1\.1 4\d\d |^$/, name);
  }
  assert.deepEqual(
    seen.filter(({ line }) => line.includes('hidden')),
    [],
  );
  // The second request of a connection is asked for like the first.
  const second = await proxy.say(
    `GET ${at}/one HTTP/1.1\r\nHost: x\r\n\r\nGET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n`,
    /evil/,
  );
  assert.match(second, /answer to \/one[^]*403 Forbidden[^]*may not reach evil\.example:80/);
});

test('a host that does not answer, or does not exist, is not a refusal', async (t) => {
  const proxy = openProxy(t, ['127.0.0.1:1', 'nowhere.example'], {
    resolve: () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })),
  });
  assert.match(
    await proxy.say('CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n'),
    /^HTTP\/1\.1 502 127\.0\.0\.1 cannot be reached: .*ECONNREFUSED/,
  );
  assert.match(
    await proxy.say('CONNECT nowhere.example:443 HTTP/1.1\r\n\r\n'),
    /502 .*the name nowhere\.example has no address/,
  );
  assert.deepEqual(reported(proxy.connections), ['127.0.0.1:1 allowed', 'nowhere.example:443 allowed']);
});

test('the machine’s own proxy is used, with its password, and told of nothing that is not allowed', async (t) => {
  const asked: string[] = [];
  const upstream = createTcp((socket: Socket) => {
    socket.once('data', (head) => {
      asked.push(head.toString());
      socket.end(
        head.toString().startsWith('CONNECT')
          ? 'HTTP/1.1 200 Fine\r\n\r\nfrom beyond'
          : 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain',
      );
    });
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  t.after(() => upstream.close());
  const url = `http://me:secret@127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const proxy = openProxy(t, ['only.corp', 'private.corp'], {
    env: { HTTPS_PROXY: url, HTTP_PROXY: url },
    resolve: (host) =>
      host === 'private.corp'
        ? Promise.resolve([{ address: '10.0.0.1', family: 4 }])
        : Promise.reject(new Error('no name server knows it')),
  });
  assert.match(
    await proxy.say('CONNECT only.corp:443 HTTP/1.1\r\n\r\n', /beyond/),
    /200 Connection established\r\n\r\nfrom beyond/,
  );
  assert.match(await proxy.say('GET http://only.corp/x HTTP/1.1\r\nHost: y\r\n\r\n', /plain/), /200 OK/);
  assert.match(await proxy.say('CONNECT evil.corp:443 HTTP/1.1\r\n\r\n'), /403/);
  assert.match(await proxy.say('CONNECT private.corp:443 HTTP/1.1\r\n\r\n'), /403 .*leads to 10\.0\.0\.1/);
  const credentials = `Proxy-Authorization: Basic ${btoa('me:secret')}`;
  assert.equal(asked.length, 2);
  assert.equal(asked[0], `CONNECT only.corp:443 HTTP/1.1\r\nHost: only.corp:443\r\n${credentials}\r\n\r\n`);
  assert.ok(
    asked[1]?.startsWith('GET http://only.corp/x HTTP/1.1\r\nHost: only.corp\r\n') &&
      asked[1].includes(credentials),
  );
});

test('a client that reads nothing holds up nobody else', async (t) => {
  const { port } = await site(t);
  const proxy = openProxy(t, [`127.0.0.1:${port}`]);
  const stalled = proxy.open();
  stalled.write(`GET http://127.0.0.1:${port}/large HTTP/1.1\r\nHost: x\r\n\r\n`);
  const others = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      proxy.say(`GET http://127.0.0.1:${port}/${i} HTTP/1.1\r\nHost: x\r\n\r\n`, /answer to/),
    ),
  );
  assert.ok(others.every((answer) => answer.startsWith('HTTP/1.1 200')));
  stalled.destroy();
  // And the site is still there for others than the proxy.
  const direct = connectTcp(port, '127.0.0.1');
  await once(direct, 'connect');
  direct.destroy();
});
