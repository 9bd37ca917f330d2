import assert from 'node:assert/strict';
import { request } from 'node:http';
import path from 'node:path';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { PassThrough } from 'node:stream';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { ClientCapabilities } from '@modelcontextprotocol/client';
import { createResultCache, DEFAULT_SANDBOX } from '../../extension/src/core/tools/index.ts';
import type { KeptResult, ServerDefinition, Tool, ToolServer } from '../../extension/src/core/tools/index.ts';
import { serveStdioGateway } from '../../extension/src/node/gateway/index.ts';
import { everythingServer } from '../support/everything.ts';
import { gatewayWorld } from '../support/gateway-world.ts';
import type { GatewayWorld, GatewayWorldOptions } from '../support/gateway-world.ts';

const ERAS = ['2025-11-25', '2026-07-28'] as const;
type Era = (typeof ERAS)[number];

describe('the gateway over HTTP', () => {
  for (const era of ERAS) {
    it(`offers one server under its own names (${era})`, async () => {
      await inWorld({ servers: everything }, async (world) => {
        await withClient(world, { era, server: 'everything' }, async (client) => {
          assert.equal(client.getNegotiatedProtocolVersion(), era);
          const { tools } = await client.listTools();
          assert.ok(tools.some(({ name }) => name === 'test_simple_text'));
          const audio = await client.callTool({ name: 'test_audio_content', arguments: {} });
          assert.deepEqual(typesOf(audio.content), ['audio']);
          const { contents } = await client.readResource({ uri: 'test://static-text' });
          assert.equal(contents[0]?.uri, 'test://static-text');
          const prompt = await client.getPrompt({
            name: 'test_prompt_with_arguments',
            arguments: { arg1: 'a', arg2: 'b' },
          });
          assert.match(JSON.stringify(prompt.messages), /arg1='a'/);
        });
      });
    });

    it(`offers all servers under the registry's names (${era})`, async () => {
      await inWorld({ servers: everything }, async (world) => {
        await withClient(world, { era }, async (client) => {
          const { tools } = await client.listTools();
          assert.ok(tools.some(({ name }) => name === 'everything_test_simple_text'));
          const result = await client.callTool({ name: 'everything_test_simple_text', arguments: {} });
          assert.deepEqual(typesOf(result.content), ['text']);
          const { prompts } = await client.listPrompts();
          assert.ok(prompts.some(({ name }) => name === 'everything_test_simple_prompt'));
          const { messages } = await client.getPrompt({ name: 'everything_test_simple_prompt' });
          assert.equal(messages.length, 1);
        });
      });
    });

    it(`lets the client answer what a server asks, and tells it of progress (${era})`, async () => {
      await inWorld({ servers: everything }, async (world) => {
        const capabilities = { elicitation: {} };
        await withClient(world, { era, server: 'everything', capabilities }, async (client) => {
          client.setRequestHandler('elicitation/create', () => ({
            action: 'accept',
            content: { response: 'forty-two' },
          }));
          const args = { message: 'How many?' };
          const answer = await client.callTool({ name: 'test_elicitation', arguments: args });
          assert.match(JSON.stringify(answer.content), /forty-two/);
          const seen: number[] = [];
          await client.callTool(
            { name: 'test_tool_with_progress', arguments: {} },
            { onprogress: ({ progress }) => seen.push(progress) },
          );
          assert.deepEqual(seen, [0, 50, 100]);
        });
      });
    });
  }

  it('records a client as one run, whatever it connects to, which replays equal', async () => {
    await inWorld({ servers: everything }, async (world) => {
      for (const era of ERAS)
        await withClient(world, { era, server: 'everything' }, (client) =>
          client.callTool({ name: 'test_simple_text', arguments: {} }),
        );
      await world.gateway.dispose();
      const runs = world.runs();
      assert.deepEqual(
        runs.map(({ agent, task, status }) => ({ agent, task, status })),
        [{ agent: 'gateway', task: 'Tool calls of tester 9', status: 'succeeded' }],
      );
      const [run] = runs;
      assert.deepEqual(
        run?.steps.map(({ kind, name }) => `${kind} ${name}`),
        [
          'snapshot workspace',
          'catalogue tools',
          'tool everything_test_simple_text',
          'tool everything_test_simple_text',
        ],
      );
      assert.ok(run);
      assert.equal(await world.replay(run.id), 'equal');
    });
  });

  it('leaves no run of a client that calls nothing', async () => {
    await inWorld({ servers: everything }, async (world) => {
      await withClient(world, { era: '2025-11-25', server: 'everything' }, (client) => client.listTools());
      await world.gateway.dispose();
      assert.deepEqual(world.runs(), []);
    });
  });

  it('asks, refuses and limits as for an agent', async () => {
    const asked: string[] = [];
    const options: GatewayWorldOptions = {
      servers: () => [slowServer().server],
      about: [{ name: 'slow', onlyTools: true, files: false }],
      approval: { slow_write: 'ask', slow_forbidden: 'deny' },
      approve: ({ tool }) => {
        asked.push(tool);
        return Promise.resolve({ allowed: false, reason: 'not today' });
      },
      registry: {
        limits: {
          admit: (tool) =>
            Promise.resolve(
              tool === 'slow_read'
                ? { kind: 'refused', text: 'Too many calls of slow_read: wait 10 s.' }
                : { kind: 'admitted', waitedMs: 0 },
            ),
        },
      },
    };
    await inWorld(options, async (world) => {
      await withClient(world, { era: '2026-07-28', server: 'slow' }, async (client) => {
        const call = async (name: string): Promise<string> =>
          JSON.stringify(await client.callTool({ name, arguments: {} }));
        assert.match(await call('write'), /not today/);
        assert.match(await call('forbidden'), /rules do not allow slow_forbidden/);
        assert.match(await call('read'), /Too many calls of slow_read/);
      });
      await world.gateway.dispose();
      assert.deepEqual(asked, ['slow_write']);
      const [run] = world.runs();
      assert.equal(await world.replay(run?.id ?? ''), 'equal');
    });
  });

  it('answers from the cache as the server would have, and says so in the trace', async () => {
    const kept = new Map<string, KeptResult>();
    const store = {
      get: (key: string) => kept.get(key),
      set: (key: string, result: KeptResult) => void kept.set(key, result),
    };
    const definition: ServerDefinition = {
      name: 'everything',
      origin: 'user',
      source: { kind: 'command', command: 'everything', arguments: [] },
      sandbox: DEFAULT_SANDBOX,
      enabled: true,
      trusted: true,
    };
    const cache = createResultCache({ rules: { 'everything_*': true }, store, now: Date.now });
    const registry = { cache, about: () => ({ definition }) };
    await inWorld({ servers: everything, registry }, async (world) => {
      await withClient(world, { era: '2026-07-28', server: 'everything' }, async (client) => {
        for (const _ of ['live', 'kept']) {
          const { content } = await client.callTool({ name: 'test_audio_content', arguments: {} });
          assert.deepEqual(typesOf(content), ['audio']);
        }
      });
      await world.gateway.dispose();
      const [run] = world.runs();
      assert.deepEqual(
        run?.steps.flatMap(({ kind, tool }) => (kind === 'tool' ? [tool?.cached ?? false] : [])),
        [false, true],
      );
    });
  });

  it('brings the user’s edits into the copy before a call', async () => {
    const files = { 'a.txt': 'one' };
    const { server, folders } = readingServer();
    const options: GatewayWorldOptions = {
      servers: (folder) => [server(folder)],
      about: [{ name: 'reader', onlyTools: true, files: true }],
      files,
    };
    await inWorld(options, async (world) => {
      await withClient(world, { era: '2026-07-28', server: 'reader' }, async (client) => {
        const read = async (): Promise<string> =>
          JSON.stringify((await client.callTool({ name: 'read', arguments: {} })).content);
        assert.match(await read(), /one/);
        await writeFile(path.join(world.folder, 'a.txt'), 'two');
        assert.match(await read(), /two/);
      });
      await world.gateway.dispose();
      const [run] = world.runs();
      assert.ok(run?.steps.some(({ kind }) => kind === 'merge'));
      assert.ok(folders.some((folder) => folder !== world.folder));
      assert.equal(await world.replay(run?.id ?? ''), 'equal');
    });
  });

  for (const era of ERAS) {
    it(`calls off what a client that vanishes was waiting for (${era})`, async () => {
      const slow = slowServer();
      const options = {
        servers: () => [slow.server],
        about: [{ name: 'slow', onlyTools: true, files: false }],
        limits: { lostMs: 50 },
      };
      await inWorld(options, async (world) => {
        const vanishing = new AbortController();
        const transport = transportTo(world, 'slow', (url, init) =>
          fetch(url, { ...init, signal: anyOf(vanishing.signal, init?.signal) }),
        );
        const client = clientOf(era);
        await client.connect(transport);
        const call = client.callTool({ name: 'wait', arguments: {} }).catch(() => 'gone');
        await slow.started;
        vanishing.abort();
        await slow.aborted;
        await client.close();
        assert.equal(await call, 'gone');
        await world.gateway.dispose();
        const [run] = world.runs();
        assert.equal(run?.status, 'succeeded');
        assert.match(JSON.stringify(run.steps.at(-1)?.output), /did not wait for this call/);
        assert.equal(await world.replay(run.id), 'equal');
      });
    });
  }
});

describe('who the gateway answers', () => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
  const cases = [
    ['no token', {}, body, 401],
    ['another token', { authorization: 'Bearer x' }, body, 401],
    ['a token that begins well', { authorization: 'half' }, body, 401],
    ['another host', { host: 'evil.example:80' }, body, 403],
    ['the same host, another port', { host: '127.0.0.1:1' }, body, 403],
    ['a page', { origin: 'https://evil.example' }, body, 403],
    ['a page without an origin', { origin: 'null' }, body, 403],
    ['garbage', {}, '{"jsonrpc', 400],
    ['no object', {}, '17', 400],
    ['text', { 'content-type': 'text/plain' }, body, 415],
    ['too much, and says so', {}, 'x'.repeat(9 * 1024 * 1024), 413],
    ['a session that is none', { 'mcp-session-id': 'x' }, body, 404],
    ['no session', {}, body, 400],
  ] as const;

  it('refuses', async () => {
    await inWorld({ servers: everything }, async ({ gateway }) => {
      for (const [name, headers, sent, status] of cases) {
        const token =
          name === 'no token' ? {} : name.includes('token') ? headers : { ...gateway.headers, ...headers };
        const authorization = name === 'a token that begins well' ? halfOf(gateway) : {};
        const given = await post(gateway.url('everything'), { ...token, ...authorization }, sent);
        assert.equal(given.status, status, name);
        assert.equal(given.headers['access-control-allow-origin'], undefined);
      }
    });
  });

  it('knows no server by guessing, and nothing beside its addresses', async () => {
    await inWorld({ servers: everything }, async ({ gateway }) => {
      const { headers } = gateway;
      assert.equal((await post(`${gateway.url()}/nobody`, headers, body)).status, 404);
      assert.equal((await post(gateway.url().replace('/mcp', '/'), headers, body)).status, 404);
      assert.equal((await post(gateway.url('everything'), headers, body, 'OPTIONS')).status, 405);
    });
  });

  it('has a token of 256 bits, another one each time', async () => {
    const tokens = await Promise.all(
      [1, 2].map(async () => {
        const world = await gatewayWorld({ servers: () => [] });
        const { token } = world.gateway;
        await world.dispose();
        return token;
      }),
    );
    assert.equal(new Set(tokens).size, 2);
    for (const token of tokens) assert.equal(Buffer.from(token, 'base64url').length, 32);
  });
});

describe('the gateway over standard streams', () => {
  it('serves one client, and ends with its input', async () => {
    await inWorld({ servers: everything }, async (world) => {
      const [input, output] = [new PassThrough(), new PassThrough()];
      const ended = serveStdioGateway({
        openSession: world.openSession,
        server: undefined,
        version: '1',
        input,
        output,
        signal: new AbortController().signal,
      });
      const said: string[] = [];
      output.on('data', (chunk: Buffer) => said.push(chunk.toString()));
      const clientInfo = { name: 'piped', version: '3' };
      const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
      send(input, 'initialize', initialize, 1);
      await until(() => said.join('').includes('"protocolVersion"'));
      send(input, 'notifications/initialized', {});
      send(input, 'tools/call', { name: 'everything_test_simple_text', arguments: {} }, 2);
      await until(() => said.join('').includes('simple text response'));
      input.end();
      await ended;
      for (const line of said.join('').trim().split('\n'))
        assert.equal((JSON.parse(line) as { jsonrpc: string }).jsonrpc, '2.0');
      const [run] = world.runs();
      assert.equal(run?.task, 'Tool calls of piped 3');
      assert.equal(run.status, 'succeeded');
    });
  });
});

function everything(): readonly ToolServer[] {
  return [everythingServer()];
}

function toolOf(server: string, name: string, effect: Tool['effect']): Tool {
  return {
    name: `${server}_${name}`,
    server,
    description: name,
    inputSchema: { type: 'object' },
    effect,
  };
}

/** A server in process, one of whose tools waits until it is called off. */
function slowServer() {
  const started = Promise.withResolvers<undefined>();
  const aborted = Promise.withResolvers<undefined>();
  const server: ToolServer = {
    name: 'slow',
    list: () =>
      Promise.resolve([
        toolOf('slow', 'wait', 'read'),
        toolOf('slow', 'read', 'read'),
        toolOf('slow', 'write', 'change'),
        toolOf('slow', 'forbidden', 'read'),
      ]),
    call: async (_tool, { signal }) => {
      started.resolve(undefined);
      await delay(60_000, undefined, { signal }).finally(() => aborted.resolve(undefined));
      return { content: [], isError: false };
    },
    dispose: () => Promise.resolve(),
  };
  return { server, started: started.promise, aborted: aborted.promise };
}

function readingServer() {
  const folders: string[] = [];
  const server = (folder: string): ToolServer => {
    folders.push(folder);
    return {
      name: 'reader',
      list: () => Promise.resolve([toolOf('reader', 'read', 'read')]),
      call: async () => {
        const { readFile } = await import('node:fs/promises');
        const text = await readFile(path.join(folder, 'a.txt'), 'utf8');
        return { content: [{ type: 'text', text }], isError: false };
      },
      dispose: () => Promise.resolve(),
    };
  };
  return { server, folders };
}

async function inWorld(
  options: GatewayWorldOptions,
  check: (world: GatewayWorld) => Promise<void>,
): Promise<void> {
  const world = await gatewayWorld(options);
  try {
    await check(world);
  } finally {
    await world.dispose();
  }
}

interface ClientOptions {
  readonly era: Era;
  readonly server?: string;
  readonly capabilities?: ClientCapabilities;
}

async function withClient(
  world: GatewayWorld,
  { era, server, capabilities = {} }: ClientOptions,
  work: (client: Client) => Promise<unknown>,
): Promise<void> {
  const client = clientOf(era, capabilities);
  await client.connect(transportTo(world, server));
  try {
    await work(client);
  } finally {
    await client.close();
  }
}

function clientOf(era: Era, capabilities: ClientCapabilities = {}): Client {
  return new Client(
    { name: 'tester', version: '9' },
    { capabilities, ...(era === '2026-07-28' ? { versionNegotiation: { mode: 'auto' } } : {}) },
  );
}

function transportTo(
  { gateway }: GatewayWorld,
  server: string | undefined,
  through: (url: string | URL, init?: RequestInit) => Promise<Response> = fetch,
): StreamableHTTPClientTransport {
  return new StreamableHTTPClientTransport(new URL(gateway.url(server)), {
    requestInit: { headers: gateway.headers },
    fetch: through,
  });
}

function anyOf(signal: AbortSignal, other: AbortSignal | null | undefined): AbortSignal {
  return other ? AbortSignal.any([signal, other]) : signal;
}

function halfOf({ token }: GatewayWorld['gateway']): { readonly authorization: string } {
  return { authorization: `Bearer ${token.slice(0, 20)}` };
}

interface Given {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
}

function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  method = 'POST',
): Promise<Given> {
  const accept = 'application/json, text/event-stream';
  return new Promise((resolve, reject) => {
    const sending = request(url, {
      method,
      headers: { 'content-type': 'application/json', accept, ...lowered(headers) },
    });
    sending.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode, headers: response.headers });
    });
    // What is refused early may end the connection while the rest is still being sent.
    sending.on('error', reject);
    sending.end(method === 'POST' ? body : undefined);
  });
}

function lowered(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function send(input: PassThrough, method: string, params: object, id?: number): void {
  input.write(`${JSON.stringify({ jsonrpc: '2.0', method, params, ...(id === undefined ? {} : { id }) })}\n`);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(10);
}

function typesOf(content: unknown): readonly string[] {
  assert.ok(Array.isArray(content));
  return content.map((part: { readonly type: string }) => part.type);
}
