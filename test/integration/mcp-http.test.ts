import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import { isStrataError } from '../../extension/src/base/errors.ts';
import { openHttpServer, openMcpServer, type McpServerFace } from '../../extension/src/node/mcp/index.ts';

interface Rpc {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly protocolVersion?: string };
}
type Handle = (request: IncomingMessage, response: ServerResponse, message: Rpc) => void;

async function serve(t: TestContext, handle: Handle): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => handle(request, response, body === '' ? {} : (JSON.parse(body) as Rpc)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}`;
}

/** What a plain server of the older revision answers. */
function answer({ id, method, params }: Rpc): object | undefined {
  const result = {
    initialize: {
      protocolVersion: params?.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: 'x', version: '1' },
    },
    'tools/list': { tools: [{ name: 'do', inputSchema: { type: 'object' } }] },
    'tools/call': { content: [{ type: 'text', text: 'done' }] },
  }[method ?? ''];
  if (id === undefined) return undefined;
  return result
    ? { jsonrpc: '2.0', id, result }
    : { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } };
}

function reply(response: ServerResponse, message: object | undefined): void {
  response.writeHead(message ? 200 : 202, { 'content-type': 'application/json' });
  response.end(message ? JSON.stringify(message) : '');
}

function open(
  t: TestContext,
  url: string,
  more: { readonly headers?: Record<string, string> } = {},
): McpServerFace {
  const { headers } = more;
  const server = openHttpServer({
    name: 'far',
    url,
    effectOf: () => 'change',
    callLimitMs: 20_000,
    surroundings: { openAddress: () => Promise.resolve(false) },
    ...(headers ? { headers: () => Promise.resolve(headers) } : {}),
  });
  t.after(() => server.dispose());
  return server;
}

async function say(server: McpServerFace): Promise<string> {
  try {
    const { content } = await server.call('far_do', {
      arguments: {},
      signal: AbortSignal.timeout(60_000),
      onOutput: () => undefined,
    });
    return content.map((part) => (part.type === 'text' ? part.text : part.type)).join('\n');
  } catch (error) {
    assert.ok(isStrataError(error), String(error));
    return `${error.code}: ${error.message}`;
  }
}

test('an older server over HTTP is spoken to, with its headers and its session', async (t) => {
  let seen: string | undefined;
  const url = await serve(t, (request, response, message) => {
    if (request.method !== 'POST') {
      response.writeHead(405).end();
      return;
    }
    if (message.method === 'tools/call')
      seen = [request.headers['x-team'], request.headers['mcp-session-id']].join(' ');
    if (message.method === 'initialize') response.setHeader('mcp-session-id', 's1');
    reply(response, answer(message));
  });
  assert.equal(await say(open(t, `${url}/mcp`, { headers: { 'X-Team': 'blue' } })), 'done');
  assert.equal(seen, 'blue s1');
});

test('a session that the server has forgotten is begun anew, and the call is made again', async (t) => {
  let sessions = 0;
  let forget = true;
  const url = await serve(t, (request, response, message) => {
    if (request.method !== 'POST') {
      response.writeHead(405).end();
      return;
    }
    if (message.method === 'initialize') response.setHeader('mcp-session-id', `s${++sessions}`);
    if (message.method === 'tools/call' && forget) {
      forget = false;
      response.writeHead(404).end();
      return;
    }
    reply(response, answer(message));
  });
  assert.equal(await say(open(t, url)), 'done');
  assert.equal(sessions, 2);
});

test('the transport before Streamable HTTP is spoken where there is no other', async (t) => {
  let events: ServerResponse | undefined;
  const url = await serve(t, (request, response, message) => {
    if (request.method === 'GET') {
      events = response;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: endpoint\ndata: /messages\n\n');
    } else if (request.url === '/messages') {
      response.writeHead(202).end();
      const said = answer(message);
      if (said) events?.write(`event: message\ndata: ${JSON.stringify(said)}\n\n`);
    } else response.writeHead(405).end();
  });
  assert.equal(await say(open(t, `${url}/sse`)), 'done');
});

test('only encrypted addresses are asked, and those of this machine', () => {
  const refuse = (url: string) => {
    const options = { name: 'far', effectOf: () => 'read' as const, callLimitMs: 1000, http: { url } };
    assert.throws(() => openMcpServer(options), { code: 'tool-server-address' });
  };
  refuse('http://example.com/mcp');
  refuse('ftp://example.com');
  refuse('https://user:secret@example.com');
  refuse('nowhere');
});

test('a redirect to another origin is refused, and says where it leads', async (t) => {
  const url = await serve(t, (_, response) =>
    response.writeHead(307, { location: 'https://example.com/mcp' }).end(),
  );
  assert.match(await say(open(t, url)), /^tool-server-unreachable: .*redirects to https:\/\/example\.com/);
});

test('an answer that is too long is not read to its end', async (t) => {
  const url = await serve(t, (request, response, message) => {
    if (request.method !== 'POST') {
      response.writeHead(405).end();
      return;
    }
    if (message.method !== 'tools/call') {
      reply(response, answer(message));
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(1024 * 1024)));
    };
    response.on('drain', more);
    more();
  });
  assert.match(await say(open(t, url)), /more than 10 MiB/);
});

test('an answer of an HTTP server that is an error is told to the model', async (t) => {
  const url = await serve(t, (request, response, message) => {
    if (request.method !== 'POST') {
      response.writeHead(405).end();
      return;
    }
    if (message.method === 'tools/call') {
      response.writeHead(500).end('out of order');
      return;
    }
    reply(response, answer(message));
  });
  assert.match(await say(open(t, url)), /far_do got no answer: .*out of order/);
});

test('a server that wants a sign-in where no browser can be opened says so', async (t) => {
  const url = await serve(t, (request, response) => {
    if (request.url === '/register') {
      response.writeHead(201, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ client_id: 'c', redirect_uris: ['http://127.0.0.1/callback'] }));
      return;
    }
    response.writeHead(request.method === 'POST' ? 401 : 404).end();
  });
  assert.match(await say(open(t, url)), /^tool-server-sign-in: .*no browser can be opened here/);
});

test('a key that was given is refused by the server, and nobody is asked to sign in', async (t) => {
  const url = await serve(t, (_, response) => response.writeHead(401).end('bad key'));
  const server = open(t, url, { headers: { Authorization: 'Bearer wrong' } });
  assert.match(await say(server), /^tool-server-unreachable: /);
});

test('an address where nothing listens is out of reach, and the run can wait for it', async (t) => {
  assert.match(
    await say(open(t, 'http://127.0.0.1:9/mcp')),
    /^tool-server-unreachable: .*(ECONNREFUSED|bad port)/,
  );
});
