import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { buildServers, makeSnapshots, serverArguments } from '../support/build-servers.ts';
import { folderOf, gone, openServer } from '../support/server-child.ts';

let servers: Awaited<ReturnType<typeof buildServers>>;
let traps: string;
before(async () => {
  servers = await buildServers();
  makeSnapshots(servers.folder);
  // What makes a server stick: a loop in its main thread, begun by a signal.
  traps = mkdtempSync(join(tmpdir(), 'strata-trap-'));
  writeFileSync(join(traps, 'stuck.cjs'), "process.on('SIGUSR2', () => { for (;;); });\n");
});
after(() => {
  servers.remove();
  rmSync(traps, { recursive: true, force: true });
});

const request = (id: number, method: string, params: object = {}) =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
const hello =
  request(1, 'initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  }) + `${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`;

const ways = ['file', 'snapshot'] as const;
type Way = (typeof ways)[number];

/** A server whose protocol is spoken by hand, so that nothing else reads or ends it. */
function start(t: TestContext, name: string, way: Way = 'file') {
  const child = spawn(
    process.execPath,
    ['--require', join(traps, 'stuck.cjs'), ...serverArguments(servers.folder, name, way)],
    {
      env: { PATH: process.env['PATH'] ?? '', STRATA_ROOT: folderOf(t, { 'a.txt': 'a\n' }) },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  const answered = async (id: number) => {
    while (!said.includes(`"id":${id}`)) {
      if (child.exitCode !== null) throw new Error(`${name} ended: ${said}`);
      await delay(20);
    }
  };
  return { child, answered, said: () => said };
}

async function eachServer(check: (name: string) => Promise<void>): Promise<void> {
  await Promise.all(readdirSync(servers.folder).map(check));
}

async function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.signalCode ?? child.exitCode;
}

const threadsOf = (pid: number) => readdirSync(`/proc/${pid}/task`).length;

/** Waits until the worker has taken over the reading. */
async function settled(child: ChildProcess, before: number): Promise<void> {
  for (let tries = 0; tries < 200 && threadsOf(child.pid ?? 0) <= before; tries += 1) await delay(50);
  await delay(500);
}

for (const way of ways)
  test(`every server ends with its input, before and after the reading was handed over, from its ${way}`, async (t) => {
    await eachServer(async (name) => {
      const early = start(t, name, way);
      early.child.stdin.write(hello + request(2, 'tools/list'));
      await early.answered(2);
      early.child.stdin.end();
      assert.equal(await exitOf(early.child), 0, name);

      const late = start(t, name, way);
      late.child.stdin.write(hello);
      await late.answered(1);
      await delay(1500);
      late.child.stdin.write(request(2, 'tools/list'));
      await late.answered(2);
      late.child.stdin.end();
      assert.equal(await exitOf(late.child), 0, name);
    });
  });

for (const way of ways)
  test(`every server that is stuck in a loop is ended by its own watchdog, from its ${way}`, async (t) => {
    if (process.platform !== 'linux') {
      t.skip('needs Linux: /proc tells of threads');
      return;
    }
    await eachServer(async (name) => {
      const { child, answered } = start(t, name, way);
      child.stdin.write(hello);
      await answered(1);
      await settled(child, threadsOf(child.pid ?? 0));
      child.kill('SIGUSR2');
      await delay(300);
      child.stdin.end();
      assert.equal(await exitOf(child), 'SIGKILL', name);
    });
  });

test('a stuck server takes along what it has started', async (t) => {
  if (process.platform !== 'linux') {
    t.skip('needs Linux: /proc tells of children');
    return;
  }
  const { child, answered, said } = start(t, 'shell');
  child.stdin.write(hello);
  await answered(1);
  await settled(child, threadsOf(child.pid ?? 0));
  const params = {
    name: 'run',
    arguments: { command: 'echo pid $$ >&2; exec sleep 100' },
    _meta: { progressToken: 1 },
  };
  child.stdin.write(request(2, 'tools/call', params));
  while (!/pid \d+/.test(said())) await delay(20);
  const sleeper = Number(/pid (\d+)/.exec(said())?.[1]);
  child.kill('SIGUSR2');
  await delay(300);
  child.stdin.end();
  assert.equal(await exitOf(child), 'SIGKILL');
  await gone(sleeper);
});

test('messages keep their order and their bytes while the reading is handed over', async (t) => {
  const { child, answered, said } = start(t, 'files');
  child.stdin.write(hello);
  await answered(1);
  // A piece now and a piece then, cut anywhere, also in the middle of a character.
  const all = Buffer.from(
    Array.from({ length: 200 }, (_, i) =>
      request(i + 2, 'tools/call', { name: 'read', arguments: { path: `größe ${i}` } }),
    ).join(''),
  );
  for (let at = 0; at < all.length; at += 97) {
    child.stdin.write(all.subarray(at, at + 97));
    if (at % 5 === 0) await delay(10);
  }
  await answered(201);
  const ids = [...said().matchAll(/\\"größe (\d+)\\" does not exist/g)].map(([, id]) => Number(id));
  assert.deepEqual(
    ids.toSorted((a, b) => a - b),
    Array.from({ length: 200 }, (_, i) => i),
  );
  child.stdin.end();
  assert.equal(await exitOf(child), 0);
});

for (const way of ways)
  test(`a signal ends a server, and it writes nothing but the protocol, from its ${way}`, async (t) => {
    await eachServer(async (name) => {
      const { child, answered, said } = start(t, name, way);
      child.stdin.write(`no JSON\n${hello}`);
      await answered(1);
      child.kill('SIGTERM');
      assert.equal(await exitOf(child), 0, name);
      for (const line of said().trim().split('\n')) assert.ok(JSON.parse(line));
    });
  });

test('tools are listed in a fixed order with honest annotations, and unknown ones are refused', async (t) => {
  const listed: string[] = [];
  for (const name of readdirSync(servers.folder).toSorted()) {
    const server = await openServer(t, name, { folder: servers.folder, root: folderOf(t, {}) });
    for (const tool of (await server.client.listTools()).tools)
      listed.push(`${name}.${tool.name}${tool.annotations?.readOnlyHint === true ? ' reads' : ''}`);
    assert.match(await server.say('nothing'), /^! There is no tool "nothing"\. There are: /);
    await server.end();
  }
  assert.deepEqual(listed, [
    'code.python',
    'code.javascript',
    'code.reset',
    ...['read', 'list', 'glob', 'search'].map((tool) => `files.${tool} reads`),
    ...['edit', 'patch', 'create', 'write', 'delete', 'move'].map((tool) => `files.${tool}`),
    ...['status', 'diff', 'log', 'show', 'blame'].map((tool) => `git.${tool} reads`),
    'git.commit',
    'shell.run',
    'web.fetch reads',
  ]);
});
