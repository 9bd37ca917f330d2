import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isStrataError } from '../../extension/src/base/errors.ts';
import { prepareImage } from '../../extension/src/node/docker/images.ts';
import { findEngine, here, sweepContainers, type Engine } from '../../extension/src/node/docker/index.ts';
import { openMcpServer } from '../../extension/src/node/mcp/index.ts';
import { ownOwner } from '../../extension/src/node/docker/owner.ts';
import { engineForTests, type EngineForTests } from '../support/docker.ts';
import { proxyEngine } from '../support/docker-proxy.ts';
import { folderWith, toolsOver } from '../support/docker-world.ts';
import { launcherOn, openTools } from '../support/tool-world.ts';
import { dockerOf } from '../support/dockerode.ts';

const quiet = (): void => undefined;
const soon = () => AbortSignal.timeout(120_000);
let found: EngineForTests;
before(async () => {
  found = await engineForTests();
});
after(async () => {
  if (found.kind === 'ready') await found.stop();
});

/** The engine, or undefined after the test was skipped for want of one. */
function engineFor(t: TestContext): Engine | undefined {
  if (found.kind === 'ready') return found.engine;
  t.skip(found.reason);
  return undefined;
}

let runs = 0;
async function open(t: TestContext, files: Readonly<Record<string, string>>) {
  const folder = folderWith(files);
  const run = `test-${process.pid}-${(runs += 1)}`;
  const tools = await openTools({ folder: folder.path, run });
  t.after(async () => {
    await tools.dispose();
    folder.remove();
  });
  return {
    folder: folder.path,
    run,
    tools,
    shell: (command: string, more = {}) => tools.say('shell_run', { command, ...more }),
  };
}

async function containersOf(engine: Engine, label: string): Promise<readonly string[]> {
  return (await dockerOf(engine).listContainers({ all: true, filters: { label: [label] } })).map(
    ({ Id }) => Id,
  );
}

async function noneLeft(engine: Engine, label: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await containersOf(engine, label)).length === 0) return;
    await delay(100);
  }
  assert.fail(`Containers were left over: ${String(await containersOf(engine, label))}`);
}

test('files and shell work on the same files, and what they write belongs to the folder', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const { tools, folder, shell, run } = await open(t, { 'src/größe.txt': 'eins\n' });
  const { tools: listed, notes } = await tools.catalogue(soon(), quiet);
  assert.deepEqual(notes, []);
  assert.equal(
    listed.map(({ name, effect }) => `${name} ${effect}`).join('\n'),
    [
      'files_read read',
      'files_list read',
      'files_glob read',
      'files_search read',
      'files_edit contained',
      'files_patch contained',
      'files_create contained',
      'files_write contained',
      'files_delete contained',
      'files_move contained',
      'shell_run contained',
    ].join('\n'),
  );
  assert.equal(
    await tools.say('files_edit', { path: 'src/größe.txt', oldText: 'eins', newText: 'zwei' }),
    'Replaced the text at line 1 of src/größe.txt.',
  );
  assert.equal(
    await shell('cat src/größe.txt; echo out; echo err >&2; exit 3'),
    'exit code 3\n--- stdout ---\nzwei\nout\n\n--- stderr ---\nerr\n',
  );
  assert.equal(await shell('echo new > made.txt', { directory: 'src' }), 'exit code 0\n(no output)');
  assert.equal(await tools.say('files_read', { path: 'src/made.txt' }), 'new\n');
  assert.equal(statSync(join(folder, 'src/made.txt')).uid, statSync(folder).uid);
  assert.match(await shell('node -e "console.log(process.version)"'), /exit code 0\n--- stdout ---\nv\d+/);
  await tools.dispose();
  await noneLeft(engine, `strata.run=${run}`);
});

test('a command cannot get out of its container', async (t) => {
  if (!engineFor(t)) return;
  const { folder, shell } = await open(t, { 'a.txt': 'a' });
  writeFileSync(join(folder, '../secret.txt'), 'secret');
  symlinkSync('../secret.txt', join(folder, 'link'));
  const refused: readonly (readonly [string, RegExp])[] = [
    ['id -u', /^exit code 0\n--- stdout ---\n[1-9]/],
    ['echo x > /etc/x', /Read-only file system|Permission denied/],
    ['echo x > /usr/local/bin/x', /Read-only file system|Permission denied/],
    ['cat link', /No such file/],
    ['cat /workspace/../secret.txt', /No such file/],
    ['ls /var/run/docker.sock', /No such file/],
    ['cp /bin/ls /tmp/ls; /tmp/ls', /Permission denied/],
    ['grep -c : /proc/net/dev', /--- stdout ---\n1\n/], // The loopback alone.
    [`node -e "fetch('http://192.0.2.1').catch((e) => console.log(e.cause.code))"`, /ENETUNREACH/],
    ['grep -E "CapEff|NoNewPrivs" /proc/self/status', /CapEff:\s0000000000000000\nNoNewPrivs:\s1/],
    // Neither the server's answers nor its questions, by way of any process that holds its streams.
    ['for p in /proc/[0-9]*; do [ "$p" = /proc/$$ ] || echo forged > $p/fd/1; done 2>&1; echo end', /end\n$/],
    ['cat /proc/1/environ /proc/1/fd/0', /Permission denied[^]*Permission denied/],
  ];
  for (const [command, expected] of refused) assert.match(await shell(command), expected, command);
  assert.doesNotMatch(
    await shell('for p in /proc/[0-9]*; do [ "$p" = /proc/$$ ] || ls $p/fd/; done 2>/dev/null'),
    /1/,
  );
  assert.equal(readFileSync(join(folder, '../secret.txt'), 'utf8'), 'secret');
  assert.match(await shell('echo still here'), /still here/);
});

test('bombs hit their own walls, and each end has its own name', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const { shell } = await open(t, {});
  const hog = `node -e "const all = []; for (;;) all.push(Buffer.alloc(5e7, 1))"`;
  assert.match(
    await shell(hog),
    /^(exit code 137|killed by SIGKILL)[^]*\[A process was killed because it ran out of memory\.\]$/,
  );
  assert.equal(
    await shell('sleep 60', { timeoutSeconds: 1 }),
    '! timed out after 1 s and was killed\n(no output)',
  );
  assert.match(await shell('kill -9 $$'), /^killed by SIGKILL\n\(no output\)$/);
  assert.match(
    await shell('f() { f | f & }; f; sleep 1; echo end', { timeoutSeconds: 20 }),
    /fork|end|timed out/i,
  );
  assert.match(
    await shell('kill -9 $PPID; sleep 5'),
    /^! shell_run got no answer: the server was killed.*Its server starts anew with the next call\.$/,
  );
  assert.match(await shell('echo again'), /again/);
  assert.match(await shell('yes | head -c 3000000'), /\[… \d+ bytes left out …\]/);
  assert.match(await shell('sleep 300 & setsid sleep 301 & echo left'), /left/);
});

test('a call that takes too long or is cancelled leaves the tools usable', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const folder = folderWith({});
  const server = openMcpServer({
    name: 'shell',
    launch: launcherOn(engine, { folder: folder.path, run: 'x' }),
    effectOf: () => 'contained',
    callLimitMs: 1500,
  });
  const tools = toolsOver([server]);
  t.after(async () => {
    await tools.dispose();
    folder.remove();
  });
  assert.match(await tools.say('shell_run', { command: 'sleep 60' }), /^! shell_run timed out after 1\.5 s/);
  const stop = new AbortController();
  const call = tools.call('shell_run', {
    arguments: { command: 'echo begun; sleep 60' },
    signal: stop.signal,
    onOutput: () => stop.abort(),
  });
  await assert.rejects(call, { name: 'AbortError' });
  assert.match(
    await tools.say('shell_run', { command: 'ps ax | grep -c "[s]leep 60"' }),
    /--- stdout ---\n0\n/,
  );
});

test('kill -9 of the client leaves no container, in the middle of a busy call', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const folder = folderWith({});
  t.after(() => folder.remove());
  const run = `killed-${process.pid}`;
  const script = join(import.meta.dirname, '../support/docker-client-process.ts');
  // Killed, it cannot remove what it makes there.
  const itsOwn = folderWith({});
  t.after(() => itsOwn.remove());
  const client = spawn(process.execPath, [script, folder.path, run], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: itsOwn.path },
  });
  for await (const line of createInterface({ input: client.stdout })) if (line.includes('begun')) break;
  assert.equal((await containersOf(engine, `strata.run=${run}`)).length, 2);
  client.kill('SIGKILL');
  await noneLeft(engine, `strata.run=${run}`);
});

test('a server whose network goes away is stopped with the reason, and the next call has both again', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const folder = folderWith({});
  const run = `network-${process.pid}`;
  const tools = await openTools({ folder: folder.path, run, network: ['example.com'] });
  t.after(async () => {
    await tools.dispose();
    folder.remove();
  });
  const proxied = () => tools.say('shell_run', { command: 'echo $https_proxy' });
  assert.match(await proxied(), /http:\/\/127\.0\.0\.1:3128/);
  const containers = await dockerOf(engine).listContainers({ filters: { label: [`strata.run=${run}`] } });
  // The server has the network of the other one.
  const forwarder = containers.find(({ HostConfig }) => !HostConfig.NetworkMode.startsWith('container:'));
  assert.ok(forwarder);
  const busy = tools.say('shell_run', { command: 'sleep 60' });
  await delay(500);
  await dockerOf(engine).getContainer(forwarder.Id).kill();
  assert.match(await busy, /the server was stopped because its network had gone/);
  assert.match(await proxied(), /http:\/\/127\.0\.0\.1:3128/);
});

test('an engine that goes away in the middle of a call is an error to be resumed from, and later it works again', async (t) => {
  const engine = engineFor(t);
  if (!engine || engine.connection.kind !== 'socket') return;
  const proxy = await proxyEngine(engine.connection.socketPath);
  const folder = folderWith({});
  const run = `cut-${process.pid}`;
  const state = await findEngine({
    signal: soon(),
    surroundings: { ...here(), env: { DOCKER_HOST: proxy.address } },
  });
  assert.ok(state.kind === 'ready');
  const tools = toolsOver([
    openMcpServer({
      name: 'shell',
      launch: launcherOn(state.engine, { folder: folder.path, run }),
      effectOf: () => 'contained',
      callLimitMs: 60_000,
    }),
  ]);
  t.after(async () => {
    await tools.dispose();
    await proxy.remove();
    folder.remove();
  });
  await tools.catalogue(soon(), quiet);
  const call = tools.call('shell_run', {
    arguments: { command: 'echo begun; sleep 30' },
    signal: soon(),
    onOutput: () => void proxy.cut(),
  });
  const unreachable = (error: unknown) =>
    isStrataError(error) &&
    error.code === 'docker-unreachable' &&
    error.action === 'Start Docker, then resume the run.';
  await assert.rejects(call, unreachable);
  await assert.rejects(tools.say('shell_run', { command: 'true' }), unreachable);
  await noneLeft(engine, `strata.run=${run}`);
  await proxy.restore();
  assert.match(await tools.say('shell_run', { command: 'echo back' }), /back/);
});

test('the sweep removes what a dead owner left, and nothing of the living', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const { tools, run } = await open(t, {});
  await tools.catalogue(soon(), quiet);
  const image = (await dockerOf(engine).listContainers({ filters: { label: [`strata.run=${run}`] } }))[0]
    ?.Image;
  const orphan = (owner: string) =>
    dockerOf(engine).createContainer({
      ...(image ? { Image: image } : {}),
      Labels: { 'strata.run': `${run}-left`, 'strata.owner': owner },
    });
  const living = await orphan(ownOwner());
  await orphan(ownOwner().replace(/\.\d+\./, '.4194999.'));
  t.after(() => living.remove({ force: true }));
  assert.ok((await sweepContainers(engine, soon())) >= 1);
  assert.deepEqual(await containersOf(engine, `strata.run=${run}-left`), [living.id]);
  assert.equal((await containersOf(engine, `strata.run=${run}`)).length, 2);
});

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    if (!isStrataError(error)) throw error;
    return error.code;
  }
}

test('what cannot be built or mounted is said with a code of its own', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const broken = folderWith({ 'files/Dockerfile': 'FROM scratch\nCOPY nope /\n', 'files/server.mjs': '' });
  t.after(() => broken.remove());
  const build = (name: string) =>
    prepareImage(
      engine,
      { kind: 'built-in' },
      {
        name,
        serversDir: broken.path,
        folder: broken.path,
        base: 'scratch',
        signal: soon(),
        onProgress: quiet,
      },
    );
  assert.equal(await codeOf(build('files')), 'docker-image-build');
  assert.equal(await codeOf(build('nowhere')), 'tool-server-files');
  const launch = (folder: string, ownCopy = true) =>
    launcherOn(engine, { folder, ownCopy, run: 'x' })('files', soon());
  assert.equal(await codeOf(launch('/')), 'tools-folder-refused');
  assert.equal(await codeOf(launch(here().home)), 'tools-folder-refused');
  if (process.getuid?.() === 0) assert.equal(await codeOf(launch(broken.path, false)), 'tools-folder-owner');
});

test('read-only means read-only, for the mount too', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const folder = folderWith({ 'a.txt': 'a' });
  mkdirSync(join(folder.path, 'open'));
  chmodSync(join(folder.path, 'open'), 0o777);
  const tools = await openTools({ folder: folder.path, run: 'x', readOnly: true });
  t.after(async () => {
    await tools.dispose();
    folder.remove();
  });
  const { tools: listed } = await tools.catalogue(soon(), quiet);
  assert.equal(listed.map(({ name }) => name).join(), 'files_read,files_list,files_glob,files_search');
  assert.equal(await tools.say('files_read', { path: 'a.txt' }), 'a');
  assert.match(await tools.say('files_write', { path: 'open/b.txt', text: '' }), /^! /);
  assert.equal(existsSync(join(folder.path, 'open/b.txt')), false);
});
