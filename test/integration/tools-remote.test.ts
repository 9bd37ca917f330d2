import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { DEFAULT_SANDBOX } from '../../extension/src/core/tools/index.ts';
import { startContainer } from '../../extension/src/node/docker/container.ts';
import { prepareImage } from '../../extension/src/node/docker/images.ts';
import { findEngine, here, type Engine } from '../../extension/src/node/docker/index.ts';
import { ownOwner } from '../../extension/src/node/docker/owner.ts';
import { withCopiedFiles } from '../../extension/src/node/docker/remote/copied-files.ts';
import { remoteFolder, type CopyLimits } from '../../extension/src/node/docker/remote/remote-folder.ts';
import { openMcpServer } from '../../extension/src/node/mcp/index.ts';
import { sandboxImage } from '../support/build-sandbox.ts';
import { buildServers, engineForTests, type EngineForTests } from '../support/docker.ts';
import { folderWith, toolsOver } from '../support/docker-world.ts';
import { noSshServer, startSshServer } from '../support/ssh-server.ts';
import { dockerOf } from '../support/dockerode.ts';

const soon = () => AbortSignal.timeout(180_000);
const user = '1000:1000';
let found: EngineForTests;
let servers: Awaited<ReturnType<typeof buildServers>>;
before(async () => {
  [found, servers] = await Promise.all([engineForTests(), buildServers(['shell'])]);
});
after(async () => {
  servers.remove();
  if (found.kind === 'ready') await found.stop();
});

/** The engine of this machine, taken for one of another; undefined after the test was skipped for want of one. */
function engineFor(t: TestContext): Engine | undefined {
  if (found.kind === 'ready') return { ...found.engine, remote: true };
  t.skip(found.reason);
  return undefined;
}

let runs = 0;
/** A folder here, its copy there, and a shell that works on the copy. */
async function open(
  t: TestContext,
  engine: Engine,
  files: Readonly<Record<string, string>>,
  more: {
    readonly limits?: CopyLimits;
    readonly guarded?: readonly string[];
    /** After everything else has ended. */
    readonly last?: () => Promise<void>;
  } = {},
) {
  const folder = folderWith(files);
  const ends: (() => Promise<void>)[] = [async () => folder.remove()];
  t.after(async () => {
    try {
      for (const end of ends.reverse()) await end();
    } finally {
      await more.last?.();
    }
  });
  const labels = { 'strata.run': `remote-${process.pid}-${(runs += 1)}`, 'strata.owner': ownOwner() };
  const base = { name: 'shell', serversDir: servers.folder, folder: folder.path, base: 'node:22-slim' };
  const request = { ...base, signal: soon(), onProgress: () => undefined };
  const shell = await prepareImage(engine, { kind: 'built-in' }, request);
  const image = await sandboxImage(engine, 'files');
  const copy = await remoteFolder(engine, { folder: folder.path, user, labels, image, ...more }, soon());
  const server = openMcpServer({
    name: 'shell',
    effectOf: () => 'contained',
    callLimitMs: 60_000,
    launch: async (_, signal) =>
      startContainer(
        engine,
        {
          server: 'shell',
          image: shell.id,
          arguments: [],
          folder: { path: folder.path, user, volume: copy.volume },
          readOnly: false,
          ownInit: true,
          sandbox: { ...DEFAULT_SANDBOX, files: 'write' },
          labels,
        },
        signal,
      ),
  });
  const tools = toolsOver([withCopiedFiles(server, copy, () => true)]);
  const left = async () => {
    const filters = { label: [`strata.run=${labels['strata.run']}`] };
    const [containers, volumes] = await Promise.all([
      dockerOf(engine).listContainers({ all: true, filters }),
      dockerOf(engine).listVolumes({ filters }),
    ]);
    return [containers.length, volumes.Volumes.length];
  };
  ends.push(async () => {
    await tools.dispose();
    await copy.dispose();
    assert.deepEqual(await left(), [0, 0]);
  });
  const run = (command: string) => tools.say('shell_run', { command });
  return { folder: folder.path, copy, run, at: (path: string) => join(folder.path, path) };
}

test('a folder is at the tools, and what they do to it is here', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const { run, at } = await open(t, engine, {
    'src/größe 日本.txt': 'eins\n',
    'gone.txt': '',
    'tree/deep/a': 'a',
  });
  assert.match(await run('cat src/*; ls; id -u; stat -c %u .'), /eins\ngone\.txt\nsrc\ntree\n1000\n1000\n/);
  await run(
    'for f in src/*; do echo zwei >> "$f"; done; rm -r gone.txt tree; mkdir -p new/er; printf "#!/bin/sh\n" > new/er/tool; chmod 755 new/er/tool',
  );
  assert.equal(readFileSync(at('src/größe 日本.txt'), 'utf8'), 'eins\nzwei\n');
  assert.deepEqual([existsSync(at('gone.txt')), existsSync(at('tree'))], [false, false]);
  assert.equal(statSync(at('new/er/tool')).mode & 0o777, 0o755);
});

test('what changes here is there at the next call, and nothing else is carried', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const { run, at, copy } = await open(t, engine, { a: '1', b: '1', 'c/d': '1' });
  await run('cat a');
  writeFileSync(at('a'), '2');
  rmSync(at('c'), { recursive: true });
  mkdirSync(at('e'));
  writeFileSync(at('e/f'), '3');
  assert.match(await run('cat a e/f; ls'), /23a\nb\ne\n/);
  assert.equal(await copy.pull(soon()), 0);
  await run('echo x > b');
  assert.equal(readFileSync(at('b'), 'utf8'), 'x\n');
  // The same size and the same time: only the change time tells, and no program can set that.
  await run('cp -p b keep; printf "y\n" > b; touch -r keep b');
  assert.equal(readFileSync(at('b'), 'utf8'), 'y\n');
});

test('links are carried as links and never followed, in neither direction', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const { run, at, folder } = await open(t, engine, { 'a/x': '1', '../outside.txt': 'mine' });
  symlinkSync('../outside.txt', at('link'));
  assert.match(await run('readlink link; cat link'), /\.\.\/outside\.txt[^]*No such file/);
  await run('ln -s /etc/passwd stolen; rm -r a; ln -s .. a; mkdir z; ln -s ../.. z/up');
  assert.equal(readlinkSync(at('stolen')), '/etc/passwd');
  assert.equal(lstatSync(at('a')).isSymbolicLink(), true);
  // What was a link becomes a folder with something in it: it lands in the folder, not where the link led.
  await run('rm a; mkdir a; echo planted > a/outside.txt');
  assert.equal(readFileSync(at('a/outside.txt'), 'utf8'), 'planted\n');
  assert.equal(readFileSync(join(folder, '../outside.txt'), 'utf8'), 'mine');
  assert.match(await run('rm -r z a; mkfifo pipe; echo end'), /end/);
  assert.equal(existsSync(at('pipe')), false);
});

test('guarded names are not taken back, and too much is not either', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const limits = { fileBytes: 1_000_000, bytes: 1_500_000, entries: 100 };
  const { run, at } = await open(t, engine, { '.git/hooks/x': 'mine' }, { guarded: ['.git'], limits });
  await run('echo planted > .git/hooks/x; echo planted > .git/hooks/y');
  assert.equal(readFileSync(at('.git/hooks/x'), 'utf8'), 'mine');
  assert.equal(existsSync(at('.git/hooks/y')), false);
  await assert.rejects(run('head -c 1100000 /dev/zero > big'), { code: 'docker-copy-size' });
  assert.match(await run('rm big; echo fits > small'), /exit code 0/);
  assert.equal(readFileSync(at('small'), 'utf8'), 'fits\n');
  await assert.rejects(run('for i in $(seq 101); do echo > f$i; done'), { code: 'docker-copy-size' });
});

test('it goes on after the copying program was killed, and a folder is refused without a copy', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const { run, at, folder, copy } = await open(t, engine, { a: '1' });
  await run('echo 2 > a');
  const filters = { label: [`strata.run=remote-${process.pid}-${runs}`, 'strata.server=copy'] };
  for (const { Id } of await dockerOf(engine).listContainers({ filters }))
    await dockerOf(engine).getContainer(Id).kill();
  await assert.rejects(copy.pull(soon()), { code: 'docker-copy' });
  assert.match(await run('echo 3 >> a'), /exit code 0/);
  assert.equal(readFileSync(at('a'), 'utf8'), '2\n3\n');
  const spec = { server: 'x', image: 'x', arguments: [], readOnly: false, ownInit: true, labels: {} };
  const mounted = {
    ...spec,
    folder: { path: folder, user },
    sandbox: { ...DEFAULT_SANDBOX, files: 'write' as const },
  };
  await assert.rejects(startContainer(engine, mounted, soon()), { code: 'docker-remote' });
});

test('all of it works through ssh', async (t) => {
  const near = engineFor(t);
  if (near?.connection.kind !== 'socket') return;
  const missing = noSshServer();
  if (missing !== undefined) {
    t.skip(missing);
    return;
  }
  const ssh = await startSshServer();
  ssh.use('good');
  const env = { DOCKER_HOST: ssh.address(near.connection.socketPath) };
  const state = await findEngine({ signal: soon(), surroundings: { ...here(), env } });
  const last = async () => {
    if (state.kind === 'ready') await state.engine.dispose();
    await ssh.remove();
  };
  if (state.kind !== 'ready' || !state.engine.remote) {
    await last();
    assert.fail(JSON.stringify(state));
  }
  const { run, at } = await open(t, state.engine, { a: '1' }, { last });
  await run('head -c 3000000 /dev/urandom > big; cat a a > b');
  assert.equal(statSync(at('big')).size, 3_000_000);
  assert.equal(readFileSync(at('b'), 'utf8'), '11');
});
