import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { processExists } from '../../extension/src/node/process-table.ts';
import { cliWorld } from '../support/cli.ts';
import type { CliWorld } from '../support/cli.ts';

const CLI = path.join(import.meta.dirname, '..', '..', 'dist', 'cli.cjs');
const LIMIT_MS = 60_000;

describe('strata mcp', () => {
  it('says nothing but the protocol, and ends with its input and all that it started', async (t) => {
    const served = serve(t, ['mcp']);
    const { tools } = await served.ask('tools/list', {}, z.object({ tools: z.array(named) }));
    assert.ok(tools.some(({ name }) => name === 'files_read'));
    const read = { name: 'files_read', arguments: { path: 'a.txt' } };
    assert.match(JSON.stringify(await served.ask('tools/call', read, z.unknown())), /hello/);
    const started = childrenOf(served.pid);
    if (process.platform === 'linux') assert.ok(started.length > 0, 'the files server runs in a process');
    assert.equal(await served.end(), 0);
    for (const pid of started) assert.ok(!processExists(pid), `process ${pid} is still there`);
    for (const line of served.lines()) assert.equal(jsonRpc.parse(JSON.parse(line)).jsonrpc, '2.0');
    const { out } = await served.world.strata('runs');
    assert.match(out, /succeeded\s+gateway .*Tool calls of tester 9/);
  });

  it('offers one server under its own names', async (t) => {
    const served = serve(t, ['mcp', '--server', 'files']);
    const { tools } = await served.ask('tools/list', {}, z.object({ tools: z.array(named) }));
    assert.ok(tools.some(({ name }) => name === 'read'));
    assert.equal(await served.end(), 0);
  });

  it('lets another agent search the memory, recall, and leave a fact for a person to confirm', async (t) => {
    const served = serve(t, ['mcp']);
    const { world } = served;
    world.write('prices.ts', 'export function roundPrices(cents) {\n  return Math.round(cents);\n}\n');
    assert.equal((await world.strata('index')).code, 0);
    const call = async (name: string, args: object): Promise<string> => {
      const { content } = await served.ask('tools/call', { name, arguments: args }, textResult);
      return content.map(({ text }) => text).join('\n');
    };
    assert.match(
      await call('memory_search', { query: 'round prices' }),
      /^prices\.ts:1-3 roundPrices\n.*shares round, prices/,
    );
    assert.match(await call('memory_recall', { query: 'round prices' }), /^No note and no earlier run/);
    assert.match(await call('memory_remember', { fact: 'Prices are whole cents.' }), /unconfirmed/);
    assert.equal(await served.end(), 0);
    const { out } = await world.strata('memory', 'list');
    assert.match(out, /^n-\w+ +Prices are whole cents\. +by an agent, unconfirmed$/m);
  });

  it('ends while a call is still open', async (t) => {
    const served = serve(t, ['mcp']);
    await served.ask('tools/list', {}, z.unknown());
    served.send('tools/call', { name: 'files_search', arguments: { pattern: 'x' } }, 99);
    assert.equal(await served.end(), 0);
  });
});

const named = z.object({ name: z.string() });
const textResult = z.object({ content: z.array(z.object({ text: z.string() })) });
const jsonRpc = z.object({ jsonrpc: z.string() });

interface Served {
  readonly world: CliWorld;
  readonly pid: number;
  send(method: string, params: object, id?: number): void;
  ask<T>(method: string, params: object, schema: z.ZodType<T>): Promise<T>;
  lines(): readonly string[];
  /** Closes the input and waits for the exit code. */
  end(): Promise<unknown>;
}

/** Without an engine, so that the reading tools run in a child process on every machine. */
function serve(t: TestContext, args: readonly string[]): Served {
  const world = cliWorld(t);
  world.write('a.txt', 'hello');
  const env = { ...world.env, DOCKER_HOST: 'unix:///nowhere/docker.sock' };
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', CLI, ...args, '-w', world.workspace],
    { env, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  world.ending.push(() => child.kill('SIGKILL'));
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  const lines = (): readonly string[] => out.split('\n').slice(0, -1);
  const send: Served['send'] = (method, params, id) => {
    const message = { jsonrpc: '2.0', method, params, ...(id === undefined ? {} : { id }) };
    child.stdin.write(`${JSON.stringify(message)}\n`);
  };
  let last = 0;
  const ask: Served['ask'] = async (method, params, schema) => {
    last += 1;
    const id = last;
    send(method, params, id);
    const answer = z.object({ id: z.literal(id), result: z.unknown() });
    const limit = AbortSignal.timeout(LIMIT_MS);
    for (;;) {
      const found = lines().map((line) => answer.safeParse(JSON.parse(line)));
      const own = found.find(({ success }) => success);
      if (own?.data) return schema.parse(own.data.result);
      await delay(20, undefined, { signal: limit });
    }
  };
  const clientInfo = { name: 'tester', version: '9' };
  const ready = ask(
    'initialize',
    { protocolVersion: '2025-11-25', capabilities: {}, clientInfo },
    z.unknown(),
  ).then(() => send('notifications/initialized', {}));
  return {
    world,
    pid: child.pid ?? 0,
    send,
    ask: async (method, params, schema) => {
      await ready;
      return ask(method, params, schema);
    },
    lines,
    end: async () => {
      await ready;
      child.stdin.end();
      const [code] = (await exited) as unknown[];
      return code;
    },
  };
}

/** As far as the system tells. */
function childrenOf(pid: number): readonly number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}
