import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { buildServers } from '../support/build-servers.ts';
import { folderOf, missing, openServer } from '../support/server-child.ts';

let servers: Awaited<ReturnType<typeof buildServers>>;
before(async () => {
  servers = await buildServers(['web']);
});
after(() => servers.remove());

async function listen(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined); // The other side has gone.
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

type Pages = Readonly<Record<string, RequestListener>>;

/** A site of some pages, and the server that fetches from it. */
async function open(t: TestContext, pages: Pages, environment: Readonly<Record<string, string>> = {}) {
  const port = await listen(
    t,
    createServer((asked, answer) => {
      const page = pages[asked.url?.split('?')[0] ?? ''];
      if (page) page(asked, answer);
      else answer.writeHead(404, { 'content-type': 'text/plain' }).end('No such page here.');
    }),
  );
  const server = await openServer(t, 'web', {
    folder: servers.folder,
    root: folderOf(t, {}),
    environment: { STRATA_ROOT: '/nowhere', ...environment },
  });
  const site = `http://127.0.0.1:${port}`;
  const check = async (path: string, expected: string | RegExp, more: Record<string, unknown> = {}) => {
    const got = (await server.say('fetch', { url: path.includes(':') ? path : site + path, ...more }))
      .replaceAll(site, 'site:')
      .replaceAll(`127.0.0.1:${port}`, 'host');
    if (typeof expected === 'string') assert.equal(got, expected);
    else assert.match(got, expected);
  };
  return { server, site, port, check };
}

const send =
  (type: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): RequestListener =>
  (_asked, answer) =>
    answer.writeHead(200, { 'content-type': type, ...headers }).end(body);
const html = (body: string) => send('text/html; charset=utf-8', body);
const redirect =
  (location: string): RequestListener =>
  (_asked, answer) =>
    answer.writeHead(302, { location }).end();

test('a page becomes Markdown', async (t) => {
  const { check } = await open(t, {
    '/': html(`<!doctype html><html><head><title> A &amp;
      page </title><style>p { color: red }</style><script>alert("x")</script></head><body>
      <nav><ul><li><a href="/menu">Menu</a></ul></nav>
      <h1>Head<b>ing</b></h1>
      <p>Some <em>text</em> with a <a href="../x?a=(1)#y">link to
         there</a>, a<b> bold </b>word, <code>co\`de</code> &lt;tag&gt;<br>and a new line.
      <p>Not closed <img src="i.png" alt="An [image]"><img src="data:image/png;base64,xx" alt="inline">
      <a href="#here">here</a> <a href="javascript:alert(1)">run</a>
      <ul><li>one<li><p>two</p><ol start="3"><li>deep<li>er</ol></li></ul>
      <blockquote><p>Quoted</p><p>twice</p></blockquote>
      <pre><code class="language-js">let x = 1;
  if (x &lt; 2) {}
</code></pre>
      <table><thead><tr><th>Name<th>Va|ue</tr></thead><tr><td>a<td><p>1</p><p>2</p><tr><td colspan=2>b</table>
      <hr><p hidden>hidden</p><div style="display:none">hidden</div><footer>Footer</footer></body></html>`),
  });
  const page = `A & page
site:/
# Head**ing**

Some _text_ with a [link to there](site:/x?a=%281%29#y), a **bold** word, \`\` co\`de \`\` <tag>
and a new line.

Not closed ![An [image\\]](site:/i.png)inline here run

- one
- two
  3. deep
  4. er

> Quoted
>
> twice

\`\`\`
let x = 1;
  if (x < 2) {}
\`\`\`

| Name | Va\\|ue |
| --- | --- |
| a | 1 2 |
| b |  |

---`;
  await check('/', page);
  await check('/', /^A & page\nsite:\/\n- \[Menu\]\(site:\/menu\)\n\n# Head[^]*---\n\nFooter$/, {
    wholePage: true,
  });
  await check('/', /^site:\/\n<!doctype html><html><head><title> A &amp;\n/, { raw: true });
});

test('the main content is told from what is around it', async (t) => {
  const long = 'This is what the page is about. '.repeat(20);
  const { check } = await open(t, {
    '/main': html(`<div><p>Around</p></div><main><nav>Inner menu</nav><p>${long}</p></main><div>Below</div>`),
    '/article': html(
      `<p>Around</p><article>Teaser</article><article><header>By me</header>${long}</article>`,
    ),
    '/empty-main': html(`<main></main><p>${long}</p>`),
  });
  await check('/main', `site:/main\nInner menu\n\n${long.trim()}`);
  await check('/article', `site:/article\nBy me\n\n${long.trim()}`);
  await check('/empty-main', `site:/empty-main\n${long.trim()}`);
  await check('/main', /Around[^]*Below$/, { wholePage: true });
});

test('other text comes as it is, images as images, and the rest is named', async (t) => {
  const png = Buffer.from('iVBORw0KGgo=', 'base64');
  const { check } = await open(t, {
    '/a.json': send('application/json', '{"a": 1}'),
    '/a.txt': send('text/plain; charset=iso-8859-1', Buffer.from('gr\xfcn', 'latin1')),
    '/meta': send('text/html', Buffer.from('<meta charset="windows-1252"><p>\x80 1', 'latin1')),
    '/odd': send('text/plain; charset=nonsense', 'fine'),
    '/none': (_asked, answer) => answer.writeHead(200).end('no type'),
    '/i.png': send('image/png', png),
    '/a.pdf': send('application/pdf', '%PDF-1.7'),
    '/empty': html(''),
  });
  await check('/a.json', 'site:/a.json\n{"a": 1}');
  await check('/a.txt', 'site:/a.txt\ngrün');
  await check('/meta', 'site:/meta\n€ 1');
  await check('/odd', 'site:/odd\nfine');
  await check('/none', 'site:/none\nno type');
  await check('/i.png', '<image/png>');
  await check('/a.pdf', '! site:/a.pdf is no text: application/pdf, 8 bytes.');
  await check('/empty', 'site:/empty\n(no text)');
});

test('long texts come in parts that belong together', async (t) => {
  let asked = 0;
  const { check } = await open(t, {
    '/long': (request, answer) => {
      asked += 1;
      send('text/plain', `${asked} ${'0123456789'.repeat(10)}`)(request, answer);
    },
  });
  await check('/long', 'site:/long\n1 01234567\n[Characters 0 to 10 of 102. Read on with start 10.]', {
    length: 10,
  });
  await check('/long', 'site:/long\n89\n[Characters 10 to 12 of 102. Read on with start 12.]', {
    start: 10,
    length: 2,
  });
  await check('/long', 'site:/long\n89', { start: 100 });
  await check('/long', '! The text has 102 characters; there is none at 102.', { start: 102 });
  assert.equal(asked, 1);
  await check('/long', /^site:\/long\n2 /, { length: 10 });
});

test('compressed bodies are unpacked, and limited by what comes out', async (t) => {
  const { check } = await open(t, {
    '/gzip': send('text/plain', gzipSync('zipped'), { 'content-encoding': 'gzip' }),
    '/br': send('text/plain', brotliCompressSync('brotli'), { 'content-encoding': 'br' }),
    '/bomb': send('text/plain', gzipSync(Buffer.alloc(50_000_000)), { 'content-encoding': 'gzip' }),
    '/big': send('text/plain', Buffer.alloc(6_000_000, 'x')),
    '/broken': send('text/plain', 'not zipped', { 'content-encoding': 'gzip' }),
    '/short': (_asked, answer) => {
      answer.writeHead(200, { 'content-length': '100' });
      answer.write('half');
      setTimeout(() => answer.destroy(), 50);
    },
  });
  await check('/gzip', 'site:/gzip\nzipped');
  await check('/br', 'site:/br\nbrotli');
  await check('/bomb', '! site:/bomb is larger than 5 MB, the limit.');
  await check('/big', '! site:/big is larger than 5 MB, the limit.');
  await check('/broken', /^! site:\/broken could not be fetched: incorrect header check/);
  await check('/short', /^! site:\/short could not be fetched: aborted/);
});

test('redirects are followed, up to a limit and to the web only', async (t) => {
  const { check } = await open(t, {
    '/a': redirect('/b'),
    '/b': redirect('./c#part'),
    '/c': send('text/plain', 'there'),
    '/loop': redirect('/loop'),
    '/file': redirect('file:///etc/passwd'),
    '/error': (_asked, answer) => answer.writeHead(500).end('oh'),
  });
  await check('/a', 'site:/c\nthere');
  await check('/loop', '! site:/loop is redirected more than 5 times.');
  await check('/file', '! site:/file is redirected to "file:///etc/passwd", which cannot be fetched.');
  await check('/gone', '! site:/gone answered 404 Not Found: No such page here.');
  await check('/error', '! site:/error answered 500 Internal Server Error.');
  await check('file:///etc/passwd', '! Only http and https can be fetched, not "file:".');
  await check('http://u:p@127.0.0.1/', '! An address with a user name or a password is not fetched.');
  await check(
    'http://127.0.0.1:1/',
    '! http://127.0.0.1:1/ could not be fetched: nobody answers at that port.',
  );
  await check('no:', /^! Only http and https/);
  await check('::', '! "::" is no address. Write it in full: https://example.com/page.');
});

test('pages that are made to be hard to convert do no harm', async (t) => {
  const { check } = await open(t, {
    '/deep': html(`${'<div><b>'.repeat(50_000)}deep`),
    '/rather-deep': html(`${'<div><b>'.repeat(5000)}deep`),
    '/tables': html('<table><tr><td>'.repeat(20_000)),
    '/lists': html('<ul><li>x'.repeat(20_000)),
    '/garbage': html('<>&"\'/a =b!-<<<p <!--'.repeat(50_000)),
    '/wide': html(`<p>${'word '.repeat(500_000)}`),
  });
  await check('/deep', 'site:/deep\n(no text)');
  await check('/rather-deep', 'site:/rather-deep\n**deep**');
  for (const path of ['/tables', '/lists', '/garbage', '/wide'])
    await check(path, /^(site:|! The page (took too long|could not))/, { length: 100 });
});

/** A proxy that lets through to one host, as the sandbox's does. */
async function proxy(t: TestContext, allowed: string, words: string) {
  const seen: string[] = [];
  const server = createServer((asked, answer) => {
    seen.push(`GET ${asked.url}`);
    const url = new URL(asked.url ?? '');
    if (url.host !== allowed)
      return answer.writeHead(403, { 'content-type': 'text/plain' }).end(`${words}\n`);
    return answer.writeHead(200, { 'content-type': 'text/plain' }).end('through the proxy');
  });
  server.on('connect', (asked, client: Socket) => {
    seen.push(`CONNECT ${asked.url}`);
    client.on('error', () => undefined); // It has gone.
    if (asked.url !== allowed) return client.end(`HTTP/1.1 403 ${words}\r\nContent-Length: 0\r\n\r\n`);
    const [, port] = allowed.split(':');
    const upstream = connect(Number(port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    return undefined;
  });
  return { address: `http://127.0.0.1:${await listen(t, server)}`, seen };
}

test('through a proxy only the allowed hosts are reached, and a refusal says what to do', async (t) => {
  const ours = 'To allow it, add "b.test" to servers.web.network in .strata/tools.jsonc.';
  const plain = await proxy(t, 'a.test', ours);
  const { check } = await open(t, {}, { HTTP_PROXY: plain.address, HTTPS_PROXY: plain.address });
  await check('http://a.test/x?y', 'http://a.test/x?y\nthrough the proxy');
  await check('http://b.test/', `! http://b.test/ answered 403 Forbidden: ${ours}`);
  await check('https://b.test/', `! The host b.test is not allowed. ${ours}`);
  assert.deepEqual(plain.seen, ['GET http://a.test/x?y', 'GET http://b.test/', 'CONNECT b.test:443']);
  const other = await proxy(t, 'a.test', 'Forbidden');
  const world = await open(
    t,
    {},
    { https_proxy: other.address.replace('http://', ''), NO_PROXY: '127.0.0.1' },
  );
  await world.check(
    'https://b.test:8443/',
    '! The host b.test:8443 is not allowed. The user can allow it in .strata/tools.jsonc, by adding "b.test" to servers.web.network.',
  );
  await world.check('/gone', /answered 404/);
});

test('https goes through the proxy as a tunnel, and certificates are checked', async (t) => {
  if (missing(t, 'openssl')) return;
  const folder = mkdtempSync(join(tmpdir(), 'strata-tls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'].concat([
      '-addext',
      'subjectAltName=DNS:localhost',
      '-keyout',
      key,
      '-out',
      cert,
    ]),
    { stdio: 'ignore' },
  );
  const port = await listen(
    t,
    createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_asked, answer) =>
      answer.writeHead(200, { 'content-type': 'text/plain' }).end('private'),
    ),
  );
  const { address } = await proxy(t, `localhost:${port}`, 'Forbidden');
  const url = `https://localhost:${port}/`;
  const trusting = await open(t, {}, { HTTPS_PROXY: address, NODE_EXTRA_CA_CERTS: cert });
  await trusting.check(url, `${url}\nprivate`);
  const strict = await open(t, {}, { HTTPS_PROXY: address });
  await strict.check(url, /could not be fetched: self-signed certificate/);
});

test('a slow page is left when its caller cancels', async (t) => {
  const cancel = new AbortController();
  let closed = (): void => undefined;
  const left = new Promise<void>((resolve) => (closed = resolve));
  const { server, site } = await open(t, {
    '/slow': (asked) => {
      asked.socket.once('close', closed);
      cancel.abort();
    },
  });
  await assert.rejects(server.call('fetch', { url: `${site}/slow` }, { signal: cancel.signal }));
  await left;
});
