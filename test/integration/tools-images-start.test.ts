import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import * as z from 'zod';
import type { Engine, PreparedImage } from '../../extension/src/node/docker/index.ts';
import { openMcpServer } from '../../extension/src/node/mcp/index.ts';
import { engineForTests, type EngineForTests } from '../support/docker.ts';
import { folderWith } from '../support/docker-world.ts';
import { dockerOf } from '../support/dockerode.ts';
import { baseForTests, imageWorld } from '../support/images.ts';
import { BUNDLES, launcherOn } from '../support/tool-world.ts';

let found: EngineForTests;
let base: Awaited<ReturnType<typeof baseForTests>> | undefined;
before(async () => {
  found = await engineForTests();
  if (found.kind === 'ready') base = await baseForTests(found.engine);
});
after(async () => {
  await base?.remove();
  if (found.kind === 'ready') await found.stop();
});

const builtIn = { kind: 'built-in' } as const;
const serversDir = join(BUNDLES, 'mcp-servers');

function world(t: TestContext) {
  if (found.kind === 'ready' && base)
    return { ...imageWorld(t, found.engine, { base: base.base }), engine: found.engine };
  t.skip(found.kind === 'ready' ? 'has no base image' : found.reason);
  return undefined;
}

const messages = [
  {
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
  },
  { method: 'notifications/initialized' },
  { id: 2, method: 'tools/list' },
].map((message) => `'${JSON.stringify({ jsonrpc: '2.0', ...message })}'`);

/** An image whose container asks its own server for the tools, and then says how the server was started and from what files. */
const asking = (image: PreparedImage): PreparedImage => ({
  ...image,
  entrypoint: [
    '/opt/strata/sh',
    '-c',
    // The server ends with its input, and answers what came before that.
    `{ printf '%s\\n' ${messages.join(' ')}; sleep 2; } | . /opt/strata/start; cat /opt/strata/start; echo Files: /opt/strata/*; ` +
      'for file in /opt/strata/*; do test -w $file && echo $file is writable; done',
  ],
});

test('every server’s image starts it from a snapshot', async (t) => {
  const images = world(t);
  if (!images) return;
  for (const [name, tool] of [
    ['files', 'read'],
    ['shell', 'run'],
    ['code', 'python'],
    ['git', 'status'],
    ['web', 'fetch'],
  ] as const) {
    const image = await images.prepare(builtIn, { name, serversDir });
    const output = await images.output(asking(image));
    assert.match(output, new RegExp(`^[^]*"name":"${tool}"`), name);
    assert.match(output, /^node --snapshot-blob \/opt\/strata\/server\.blob .*"\$@"$/m, name);
    assert.match(output, /^Files: \S+server\.blob \S+server\.mjs \S+sh \S+start \S+start\.cjs$/m, name);
    assert.doesNotMatch(output, /^The start-up snapshot does not fit|[Ww]arning|is writable/m, name);
  }
  assert.doesNotMatch(images.progress.join('\n'), /without a snapshot/);
});

test('a container’s server is the one from the snapshot', async (t) => {
  const images = world(t);
  if (!images) return;
  const folder = folderWith({ 'a.txt': 'a\n' });
  t.after(() => folder.remove());
  const run = `snapshot-${process.pid}`;
  const server = openMcpServer({
    name: 'files',
    launch: launcherOn(images.engine, { folder: folder.path, run }),
    effectOf: () => 'read',
    callLimitMs: 60_000,
  });
  t.after(() => server.dispose());
  await server.list(AbortSignal.timeout(250_000));
  const commands = await commandsOf(images.engine, run);
  assert.equal(
    commands.filter((command) => command.startsWith('node --snapshot-blob')).length,
    1,
    commands.join('\n'),
  );
});

test('a base image whose node makes no snapshot starts the server from its file, and the build says so', async (t) => {
  const images = world(t);
  if (!images || !base) return;
  const wrapper = [
    '#!/bin/sh',
    'case "$*" in *--build-snapshot*) echo No snapshots here. >&2; exit 9;; esac',
    'exec /usr/local/bin/node-itself "$@"',
  ];
  const refusing = await images.prepare(
    derived(images.folder, [
      `const fs = require('fs');`,
      `fs.renameSync(process.execPath, '/usr/local/bin/node-itself');`,
      `fs.writeFileSync('/usr/local/bin/node', ${JSON.stringify(wrapper.join('\n'))}, { mode: 0o755 });`,
    ]),
  );
  const image = await images.prepare(builtIn, { name: 'files', serversDir, base: refusing.reference });
  assert.ok(
    images.progress.includes(
      `${image.reference}: The server starts without a snapshot: node ended with 9. No snapshots here.`,
    ),
    images.progress.join('\n'),
  );
  const output = await images.output(asking(image));
  assert.match(output, /^[^]*"name":"read"/);
  assert.match(output, /^NODE_COMPILE_CACHE=\/opt\/strata\/cache node .*server\.mjs "\$@"$/m);
  assert.match(output, /^Files: \S+cache \S+server\.mjs \S+sh \S+start$/m);
});

test('a snapshot that is none for the node that starts is done without', async (t) => {
  const images = world(t);
  if (!images) return;
  const image = await images.prepare(builtIn, { name: 'files', serversDir });
  const without = await images.prepare(
    derived(images.folder, [`require('fs').rmSync('/opt/strata/server.blob');`], 1000),
    { base: image.reference },
  );
  const output = await images.output(asking(without));
  assert.match(
    output,
    /^(Cannot open .*)?The start-up snapshot does not fit this machine; the server starts from its file\.$/m,
  );
  assert.match(output, /"name":"read"/);
});

/** An image on the base image, in which root has run a script of Node. */
function derived(folder: string, script: readonly string[], user = 0) {
  const step = JSON.stringify(['node', '-e', script.join(' ')]);
  writeFileSync(
    join(folder, 'Dockerfile'),
    `ARG BASE\nFROM \${BASE}\nUSER 0\nRUN ${step}\nUSER ${user}\nCMD ["node"]\n`,
  );
  return { kind: 'dockerfile', path: 'Dockerfile', arguments: [] } as const;
}

/** The command lines in the containers of a run. */
async function commandsOf(engine: Engine, run: string): Promise<readonly string[]> {
  const docker = dockerOf(engine);
  const containers = await docker.listContainers({ filters: { label: [`strata.run=${run}`] } });
  const listed: unknown[] = await Promise.all(
    containers.map(({ Id }) => docker.getContainer(Id).top({ ps_args: '-eo pid,args' })),
  );
  return listed
    .flatMap((one) => z.object({ Processes: z.array(z.array(z.string())) }).parse(one).Processes)
    .map((process) => process.at(-1) ?? '');
}
