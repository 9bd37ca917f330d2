import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { isStrataError } from '../../extension/src/base/errors.ts';
import type { Engine } from '../../extension/src/node/docker/engine.ts';
import { shareFolder } from '../../extension/src/node/docker/folder.ts';
import { guardedNames } from '../../extension/src/node/docker/guarded.ts';
import { attackedPlace, imageFor, shellOf, startServer, type Shell } from '../support/attacked-server.ts';
import { engineForTests, type EngineForTests } from '../support/docker.ts';

// The other side of the escape suite: what a sandbox must not stand in the way of, what it does without, and which folders
// are given to none.

let found: EngineForTests;
let image = '';
const soon = () => AbortSignal.timeout(180_000);

before(async () => {
  found = await engineForTests();
  if (found.kind === 'ready') image = await imageFor(found.engine, 'shell', soon());
});
after(async () => {
  if (found.kind === 'ready') await found.stop();
});

function engineFor(t: TestContext): Engine | undefined {
  if (found.kind === 'ready') return found.engine;
  t.skip(found.reason);
  return undefined;
}

async function shellOn(
  t: TestContext,
  engine: Engine,
  files: Readonly<Record<string, string>>,
  more: Partial<Parameters<typeof startServer>[2]> = {},
): Promise<Shell> {
  const place = await attackedPlace();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(place.folder, name)), { recursive: true });
    writeFileSync(join(place.folder, name), content);
  }
  const container = await startServer(engine, image, { folder: place.folder, ...more }, soon());
  t.after(async () => {
    await container.stop();
    place.remove();
  });
  return shellOf(container, soon());
}

test('what people work with runs: tests with a server on the loopback, npm, git, Python', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const shell = await shellOn(t, engine, {
    'package.json': '{ "scripts": { "test": "node --test" } }',
    'a.test.js': `
      const { test } = require('node:test');
      const { execFileSync, fork } = require('node:child_process');
      const { createServer } = require('node:http');
      const { Worker } = require('node:worker_threads');
      const { networkInterfaces } = require('node:os');
      test('a server', async () => {
        const server = createServer((_, answer) => answer.end('served')).listen(0, 'localhost');
        await new Promise((resolve) => server.once('listening', resolve));
        const answer = await fetch('http://localhost:' + server.address().port);
        require('node:assert').equal(await answer.text(), 'served');
        server.close();
      });
      test('a thread, a process, and one with a channel', async () => {
        await new Promise((resolve) => new Worker('', { eval: true }).once('exit', resolve));
        execFileSync(process.execPath, ['-e', '0']);
        const child = fork(__dirname + '/child.js');
        await new Promise((resolve) => child.once('message', resolve));
        require('node:assert').ok(networkInterfaces().lo);
      });`,
    'child.js': 'process.send("here"); process.disconnect();',
    'b.py': `
import http.server, os, subprocess, tempfile, threading, urllib.request
server = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
urllib.request.urlopen('http://127.0.0.1:%d/b.py' % server.server_port).read()
print(subprocess.run(['echo', 'a child'], capture_output=True, text=True).stdout.strip())
with tempfile.TemporaryFile() as file: file.write(b'x')
if os.fork() == 0: os._exit(0)
os.wait()`,
  });
  const tested = await shell.run('npm test 2>&1');
  assert.match(tested, /pass 2\s[^]*fail 0/, tested);
  assert.match(
    await shell.run(
      'git init -q . 2>&1 && git add . && git -c user.name=a -c user.email=a@b commit -qm one && git log --oneline',
    ),
    /^[0-9a-f]{7,} one$/m,
  );
  assert.match(
    await shell.run('command -v python3 >/dev/null || { echo a child; exit; }; python3 b.py'),
    /^a child$/m,
  );
});

test('without a folder there is none, and a home that can be written', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const container = await startServer(engine, image, { environment: { GREETING: 'grüß = "dich"' } }, soon());
  t.after(() => container.stop());
  const shell = await shellOf(container, soon());
  assert.deepEqual(container.notes, [], 'this engine keeps all of the sandbox up');
  assert.equal(await shell.run('echo "$HOME $GREETING"; echo x > ~/x && cat ~/x'), '/tmp grüß = "dich"\nx');
  assert.equal(await shell.run('id -u'), engine.rootless ? '0' : '1000');
  assert.match(
    await shell.run('ls -A /workspace; echo y > /workspace/y'),
    /^exit code 2\n.*Read-only file system$/,
  );
});

test('where the user inside is root, as on a rootless engine, the server is closed to its commands all the same', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const container = await startServer({ ...engine, rootless: true }, image, {}, soon());
  t.after(() => container.stop());
  const shell = await shellOf(container, soon());
  assert.equal(await shell.run('id -u; grep -c "CapEff:.0000000000000000" /proc/self/status'), '0\n1');
  for (const file of ['1/environ', '1/mem', '$PPID/environ', '$PPID/mem', '$PPID/maps'])
    assert.match(await shell.run(`head -c 1 /proc/${file}`), /Permission denied/, file);
  for (const command of ['echo x > /proc/1/fd/1', 'echo x > /proc/$PPID/fd/1', 'chmod 755 /opt/strata/sh'])
    assert.match(await shell.run(command), /Permission denied|Read-only file system/, command);
  assert.equal(await shell.run('echo answers'), 'answers');
});

test('a folder that is to be read only is, whoever says so', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  for (const more of [{ readOnly: true }, { sandbox: { files: 'read' as const } }]) {
    const shell = await shellOn(t, engine, { 'a.txt': 'a' }, more);
    assert.match(await shell.run('cat a.txt; echo x > a.txt'), /a\n?[^]*Read-only file system/);
  }
});

test('an image without an init process of ours gets the engine’s, which reaps', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  if (!engine.features.init) {
    t.skip('needs an engine with an init process');
    return;
  }
  const script =
    'for i in 1 2 3; do (sleep 0.01 &) ; done; sleep 0.3; grep -l "^State:.Z" /proc/[0-9]*/status | wc -l; cat /proc/1/comm; read line';
  const container = await startServer(
    engine,
    image,
    { entrypoint: ['/bin/sh', '-c'], arguments: [script], ownInit: false },
    soon(),
  );
  t.after(() => container.stop());
  let text = '';
  container.output.on('data', (chunk: Buffer) => (text += chunk.toString()));
  container.input.write('\n');
  assert.deepEqual(await container.ended, { kind: 'exited', code: 0 });
  assert.match(text, /^0\n(docker-init|tini|catatonit)\n$/);
});

test('an engine that does not keep a part of the sandbox up is said to', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const weak = {
    ...engine,
    features: { ...engine.features, seccomp: false, swapLimit: false, processLimit: false },
  };
  const container = await startServer(weak, image, {}, soon());
  t.after(() => container.stop());
  assert.deepEqual(
    container.notes.map((note) => note.replace(/:.*/, '')),
    [
      'The container engine does not limit swap space',
      'The container engine does not limit the number of processes',
      'The container engine does not filter system calls',
    ],
  );
});

test('a server that fills the disk of its folder is stopped, with the reason, and does not start on a full one', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  if (process.getuid?.() !== 0 || process.platform !== 'linux') {
    t.skip('needs root, for a small disk of its own');
    return;
  }
  const disk = mkdtempSync(join(tmpdir(), 'strata-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk]);
  t.after(() => {
    execFileSync('umount', ['--lazy', disk]);
    rmSync(disk, { recursive: true, force: true });
  });
  const folder = join(disk, 'project');
  mkdirSync(folder);
  const container = await startServer(engine, image, { folder }, soon());
  t.after(() => container.stop());
  const shell = await shellOf(container, soon());
  await assert.rejects(shell.run('head -c 66000000 /dev/zero > big; sleep 60'));
  assert.deepEqual(await container.ended, { kind: 'broke-limit', reason: 'the disk of its folder ran full' });
  await assert.rejects(startServer(engine, image, { folder }, soon()), {
    code: 'tools-folder-disk',
    passing: true,
  });
  const reading = await startServer(engine, image, { folder, readOnly: true }, soon());
  await reading.stop();
});

test('folders that are given to no tool', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const above = realpathSync(mkdtempSync(join(tmpdir(), 'strata-refused-')));
  const home = process.env['STRATA_HOME'];
  t.after(() => {
    if (home === undefined) delete process.env['STRATA_HOME'];
    else process.env['STRATA_HOME'] = home;
    rmSync(above, { recursive: true, force: true });
  });
  process.env['STRATA_HOME'] = join(above, 'strata');
  for (const name of ['strata/folders/x/copies/r-1', 'project', 'file'])
    mkdirSync(join(above, name), { recursive: true });
  writeFileSync(join(above, 'a-file'), '');
  symlinkSync('/', join(above, 'root'));
  const whyNot = async (folder: string, ownCopy: boolean, on: Engine = engine): Promise<string> => {
    try {
      await shareFolder(on, folder, { ownCopy });
      return 'shared';
    } catch (error) {
      return isStrataError(error) ? error.message : String(error);
    }
  };
  const at = (name: string) => join(above, name);
  assert.match(await whyNot('/', true), /the whole file system/);
  assert.match(await whyNot(at('root'), true), /the whole file system/);
  assert.match(await whyNot(homedir(), true), /the home folder|Strata’s own/);
  assert.match(await whyNot(dirname(homedir()), true), /the home folder|the whole file system/);
  assert.match(await whyNot('/var/run', true), /socket of the Docker engine|home folder/);
  assert.match(await whyNot(at('a-file'), true), /not a folder/);
  assert.match(await whyNot(above, true), /Strata’s own files/);
  assert.match(await whyNot(at('strata/folders'), true), /one of Strata’s own folders/);
  assert.match(await whyNot(at('strata/folders/x/copies'), true), /one of Strata’s own folders/);
  assert.match(await whyNot(at('strata/folders/x/copies/r-1'), false), /one of Strata’s own folders/);
  assert.equal(await whyNot(at('strata/folders/x/copies/r-1'), true), 'shared');
  assert.equal(await whyNot(at('project'), true), 'shared');
});

test('what is guarded is what there is, and a link cannot be', async (t) => {
  const { folder, remove } = await attackedPlace();
  t.after(remove);
  mkdirSync(join(folder, '.git/hooks'), { recursive: true });
  mkdirSync(join(folder, 'sub/.git'), { recursive: true });
  writeFileSync(join(folder, '.mcp.json'), '{}');
  writeFileSync(
    join(folder, '.gitmodules'),
    '[submodule "s"]\n\tpath = sub\n[submodule "t"]\n\tpath = ../..\n[submodule "u"]\n\tpath = gone\n',
  );
  assert.deepEqual(await guardedNames(folder), ['.git', '.mcp.json', 'sub/.git']);
  symlinkSync('.git', join(folder, '.vscode'));
  await assert.rejects(guardedNames(folder), { code: 'tools-folder-refused' });
});
