import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, test, type TestContext } from 'node:test';
import type { JsonObject } from '../../extension/src/base/json.ts';
import { isStrataError } from '../../extension/src/base/errors.ts';
import { DEFAULT_SANDBOX, type Sandbox } from '../../extension/src/core/tools/index.ts';
import { startContainer } from '../../extension/src/node/docker/container.ts';
import { shareFolder } from '../../extension/src/node/docker/folder.ts';
import { prepareImage } from '../../extension/src/node/docker/images.ts';
import type { PreparedImage } from '../../extension/src/node/docker/images/prepared-image.ts';
import { openMcpServer } from '../../extension/src/node/mcp/index.ts';
import { engineForTests, type EngineForTests } from '../support/docker.ts';
import { folderWith, said } from '../support/docker-world.ts';
import { dockerOf } from '../support/dockerode.ts';

/** Versions whose tools are known, so that a test fails for a reason of ours alone. */
const servers = {
  everything: '2026.8.31',
  filesystem: '2026.8.31',
  memory: '2026.8.31',
  'sequential-thinking': '2026.8.31',
};

let found: EngineForTests;
before(async () => (found = await engineForTests()));
after(async () => {
  if (found.kind === 'ready') await found.stop();
});

interface OpenOptions {
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly sandbox?: Partial<Sandbox>;
}

/** One of the servers in a container with the strictest sandbox, and calls that read as one line. */
async function open(t: TestContext, name: keyof typeof servers, options: OpenOptions = {}) {
  if (found.kind !== 'ready') {
    t.skip(found.reason);
    return undefined;
  }
  const { engine } = found;
  const image = await imageOf(t, name, options.arguments ?? []);
  if (!image) return undefined;
  const folder =
    options.folder === undefined ? undefined : await shareFolder(engine, options.folder, { ownCopy: true });
  const label = `strata-test=${name}-${process.pid}`;
  const server = openMcpServer({
    name,
    effectOf: () => 'change',
    callLimitMs: 60_000,
    launch: (_, signal) =>
      startContainer(
        engine,
        {
          server: name,
          image: image.id,
          arguments: image.arguments,
          environment: options.environment ?? {},
          folder,
          readOnly: false,
          ownInit: true,
          takesPipes: true,
          sandbox: { ...DEFAULT_SANDBOX, ...options.sandbox },
          labels: { 'strata-test': `${name}-${process.pid}` },
        },
        signal,
      ),
  });
  const containers = async () =>
    (await dockerOf(engine).listContainers({ all: true, filters: { label: [label] } })).length;
  t.after(() => server.dispose());
  const output: string[] = [];
  const call = (tool: string, args: JsonObject = {}) =>
    server.call(`${name}_${tool}`, {
      arguments: args,
      signal: AbortSignal.timeout(120_000),
      onOutput: (text) => void output.push(text),
    });
  return {
    server,
    output,
    call,
    say: async (tool: string, args?: JsonObject) => said(await call(tool, args)),
    tools: async () =>
      (await server.list(AbortSignal.timeout(120_000))).map((tool) => tool.name.slice(name.length + 1)),
    /** Ends it, and says when nothing of it is left. */
    close: async () => {
      assert.equal(await containers(), 1);
      await server.dispose();
      for (let tries = 0; tries < 100 && (await containers()) > 0; tries += 1) await delay(100);
      assert.equal(await containers(), 0);
    },
  };
}

async function imageOf(
  t: TestContext,
  name: keyof typeof servers,
  args: readonly string[],
): Promise<PreparedImage | undefined> {
  assert.ok(found.kind === 'ready');
  const source = {
    kind: 'npm',
    package: `@modelcontextprotocol/server-${name}@${servers[name]}`,
    arguments: args,
  } as const;
  const request = { name, serversDir: '', folder: '/nowhere', base: 'node:22-slim' };
  try {
    return await prepareImage(found.engine, source, {
      ...request,
      signal: AbortSignal.timeout(240_000),
      onProgress: () => undefined,
    });
  } catch (error) {
    if (!isStrataError(error) || error.code !== 'npm-unreachable') throw error;
    t.skip(`needs the npm registry: ${error.message}`);
    return undefined;
  }
}

test('server-everything: texts, images, structured results, progress, errors, cancelling', async (t) => {
  const everything = await open(t, 'everything');
  if (!everything) return;
  const { call, say } = everything;
  const tools = await everything.tools();
  for (const name of ['echo', 'get-sum', 'get-structured-content', 'trigger-long-running-operation'])
    assert.ok(tools.includes(name), tools.join(' '));
  assert.equal(await say('echo', { message: 'grüße 日本' }), 'Echo: grüße 日本');
  assert.equal(await say('get-sum', { a: 2, b: 40 }), 'The sum of 2 and 40 is 42.');
  assert.match(await say('get-tiny-image'), /<image\/png>/);
  const weather = await call('get-structured-content', { location: 'Chicago' });
  assert.deepEqual(Object.keys(weather.structured ?? {}).sort(), ['conditions', 'humidity', 'temperature']);
  assert.match(
    await say('trigger-long-running-operation', { duration: 0.5, steps: 4 }),
    /completed.*Steps: 4/,
  );
  assert.ok(everything.output.length > 0, 'no progress was heard of');
  assert.match(await say('get-sum', { a: 'two', b: 1 }), /^! .*(?:a|number)/);
  assert.match(await say('no-such-tool'), /^! .*no-such-tool/);

  // Of the sandbox it sees what it was given and nothing of this machine; the network is closed.
  const environment = await say('get-env');
  assert.match(environment, /"HOME": "\/tmp"/);
  assert.ok(!environment.includes(process.env['HOME'] ?? 'none'));
  assert.match(await say('gzip-file-as-resource', { name: 'a.gz', data: 'https://example.com/' }), /^! /);

  const stop = new AbortController();
  const cut = everything.server.call('everything_trigger-long-running-operation', {
    arguments: { duration: 60, steps: 60 },
    signal: stop.signal,
    onOutput: () => undefined,
  });
  await delay(200);
  stop.abort();
  await assert.rejects(cut);
  assert.equal(await say('echo', { message: 'still there' }), 'Echo: still there');
  await everything.close();
});

test('server-filesystem works on the folder that it is given, and on nothing else', async (t) => {
  const folder = folderWith({ 'src/größe.txt': 'eins\nzwei\n', 'readme.md': '# Read me' });
  t.after(() => folder.remove());
  const files = await open(t, 'filesystem', {
    arguments: ['/workspace'],
    folder: folder.path,
    sandbox: { files: 'write' },
  });
  if (!files) return;
  const { call, say } = files;
  assert.match(await say('list_allowed_directories'), /\/workspace$/);
  assert.match(await say('list_directory', { path: '/workspace' }), /\[FILE\] readme\.md\n\[DIR\] src/);
  const read = await call('read_text_file', { path: '/workspace/src/größe.txt' });
  assert.equal(said(read), 'eins\nzwei\n');
  assert.deepEqual(read.structured, { content: 'eins\nzwei\n' });
  const edits = [{ oldText: 'zwei', newText: 'drei' }];
  assert.match(await say('edit_file', { path: '/workspace/src/größe.txt', edits }), /-zwei\n\+drei/);
  assert.match(await say('write_file', { path: '/workspace/new.txt', content: 'new' }), /Successfully wrote/);
  assert.equal(readFileSync(join(folder.path, 'src/größe.txt'), 'utf8'), 'eins\ndrei\n');
  assert.equal(readFileSync(join(folder.path, 'new.txt'), 'utf8'), 'new');
  assert.match(await say('read_text_file', { path: '/etc/passwd' }), /^! Access denied/);
  assert.match(await say('read_text_file', { path: '/workspace/none.txt' }), /^! .*ENOENT/);
  await files.close();
});

test('server-filesystem can write nowhere when the files are for reading', async (t) => {
  const folder = folderWith({ 'a.txt': 'a' });
  t.after(() => folder.remove());
  const files = await open(t, 'filesystem', {
    arguments: ['/workspace'],
    folder: folder.path,
    sandbox: { files: 'read' },
  });
  if (!files) return;
  assert.equal(await files.say('read_text_file', { path: '/workspace/a.txt' }), 'a');
  assert.match(await files.say('write_file', { path: '/workspace/a.txt', content: 'b' }), /^! .*EROFS/);
  assert.equal(readFileSync(join(folder.path, 'a.txt'), 'utf8'), 'a');
  await files.close();
});

test('server-memory keeps its graph between calls', async (t) => {
  const memory = await open(t, 'memory', { environment: { MEMORY_FILE_PATH: '/tmp/memory.jsonl' } });
  if (!memory) return;
  const { call, say } = memory;
  const entities = [
    { name: 'Ada', entityType: 'person', observations: ['writes programs'] },
    { name: 'Engine', entityType: 'machine', observations: [] },
  ];
  assert.ok(!(await call('create_entities', { entities })).isError);
  const relations = [{ from: 'Ada', to: 'Engine', relationType: 'programs' }];
  assert.ok(!(await call('create_relations', { relations })).isError);
  const graph = await call('read_graph');
  assert.deepEqual(graph.structured, { entities, relations });
  assert.match(await say('search_nodes', { query: 'machine' }), /"name": "Engine"/);
  const observations = [{ entityName: 'Nobody', contents: ['x'] }];
  assert.match(await say('add_observations', { observations }), /^! .*Nobody not found/);
  await memory.close();
});

test('server-sequential-thinking counts thoughts', async (t) => {
  const thinking = await open(t, 'sequential-thinking');
  if (!thinking) return;
  assert.deepEqual(await thinking.tools(), ['sequentialthinking']);
  const think = (thoughtNumber: number, more: JsonObject = {}) =>
    thinking.call('sequentialthinking', {
      thought: `thought ${thoughtNumber}`,
      thoughtNumber,
      totalThoughts: 2,
      nextThoughtNeeded: true,
      ...more,
    });
  assert.equal((await think(1)).structured?.['thoughtHistoryLength'], 1);
  const last = await think(2, { nextThoughtNeeded: false });
  assert.equal(last.structured?.['thoughtHistoryLength'], 2);
  assert.equal(last.structured['nextThoughtNeeded'], false);
  assert.match(said(await thinking.call('sequentialthinking', { thought: 'x' })), /^! /);
  await thinking.close();
});
