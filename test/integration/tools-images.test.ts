import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isAbort } from '../../extension/src/base/errors.ts';
import { findEngine, here, type Engine } from '../../extension/src/node/docker/index.ts';
import { engineForTests, type EngineForTests } from '../support/docker.ts';
import { proxyEngine } from '../support/docker-proxy.ts';
import { baseForTests, imageWorld, removeImage } from '../support/images.ts';
import { dockerOf } from '../support/dockerode.ts';

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

let worlds = 0;
function world(t: TestContext) {
  if (found.kind === 'ready' && base) {
    const images = imageWorld(t, found.engine, {
      name: `images-${process.pid}-${(worlds += 1)}`,
      base: base.base,
    });
    return {
      ...images,
      base: base.base,
      engine: found.engine,
      write: (files: Files) => write(images.folder, files),
    };
  }
  t.skip(found.kind === 'ready' ? 'has no base image' : found.reason);
  return undefined;
}

type Files = Readonly<Record<string, string>>;
function write(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

const dockerfile = (path: string, args: readonly string[] = []) =>
  ({ kind: 'dockerfile', path, arguments: args }) as const;
const command = (program: string, ...args: readonly string[]) =>
  ({ kind: 'command', command: program, arguments: args }) as const;

/** Images of a build carry this from their first step on, so that what is left of one can be found. */
async function imagesWith(engine: Engine, label: string): Promise<readonly string[]> {
  const listed = await dockerOf(engine).listImages({
    all: true,
    filters: JSON.stringify({ label: [label] }),
  });
  return listed.map(({ Id }) => Id);
}

test('a Dockerfile of the workspace is built from its own folder and nothing else', async (t) => {
  const images = world(t);
  if (!images) return;
  images.write({
    'secret.txt': 'not for images',
    'server/Dockerfile':
      'ARG BASE=scratch\nFROM ${BASE}\nCOPY . /app\nENTRYPOINT ["node", "/app/list.js"]\nCMD ["default"]\n',
    'server/.dockerignore': '# all but\n*.log\nlocal/*\n!local/kept.txt\n',
    'server/list.js':
      'const fs = require("fs"); console.log(fs.readdirSync("/app", { recursive: true }).sort().join(" "), process.argv.slice(2).join(" "));',
    'server/run.log': '',
    'server/local/left.txt': '',
    'server/local/kept.txt': '',
    'server/ä/größe.txt': '',
  });
  symlinkSync('../secret.txt', join(images.folder, 'server/link'));
  chmodSync(join(images.folder, 'server/list.js'), 0o600);

  const source = dockerfile('server');
  assert.equal(await images.find(source), undefined);
  const image = await images.prepare(source);
  assert.equal(image.what, 'Dockerfile server/Dockerfile');
  assert.deepEqual(image.arguments, ['default']);
  const content = '.dockerignore Dockerfile link list.js local local/kept.txt ä ä/größe.txt';
  assert.equal(await images.output(image), `${content} default`);
  assert.deepEqual(await images.find(source), image);
  assert.equal((await images.find(dockerfile('server/Dockerfile', ['x'])))?.id, image.id);
  assert.deepEqual((await images.find(dockerfile('./server/', ['x'])))?.arguments, ['x']);
  const labels = (await dockerOf(images.engine).getImage(image.id).inspect()).Config.Labels;
  assert.equal(labels['strata.source'], 'Dockerfile server/Dockerfile');

  // Another content is another image, and what is left out changes nothing.
  images.write({ 'server/run.log': 'more' });
  assert.equal((await images.find(source))?.id, image.id);
  images.write({ 'server/list.js': 'console.log("changed")' });
  assert.equal(await images.find(source), undefined);
});

test('what is wrong with a Dockerfile is said', async (t) => {
  const images = world(t);
  if (!images) return;
  const label = `strata-test=${images.folder}`;
  const from = `ARG BASE\nFROM \${BASE}\nLABEL ${label}\n`;
  images.write({
    'failing/Dockerfile': `${from}RUN ["sh", "-c", "echo the reason; exit 3"]\n`,
    'wrong/Dockerfile': `${from}NONSENSE\n`,
    'far/Dockerfile': 'FROM 127.0.0.1:9/x/y\nCMD ["x"]\n',
    'large/Dockerfile': from,
    'large/data': '',
    'empty/readme.md': '',
  });
  truncateSync(join(images.folder, 'large/data'), 101 * 1024 * 1024);
  mkdirSync(join(images.folder, 'linked'));
  symlinkSync('/etc/hostname', join(images.folder, 'linked/Dockerfile'));
  const cases: readonly (readonly [string, RegExp])[] = [
    ['failing', /^dockerfile-failed: The build of failing\/Dockerfile failed: the reason\n.*code: 3/],
    ['wrong', /^dockerfile-failed: .*NONSENSE/i],
    ['far', /^image-registry-unreachable: The image 127\.0\.0\.1:9\/x\/y .*connection refused/],
    ['large', /^image-context-too-large: .*more than 100 MiB/],
    ['empty', /^dockerfile-missing: There is no Dockerfile at empty\./],
    ['nowhere', /^dockerfile-missing: /],
    ['../elsewhere', /^dockerfile-missing: /],
    ['/etc/hostname', /^dockerfile-outside: /],
    ['linked', /^dockerfile-outside: /],
  ];
  for (const [path, expected] of cases) assert.match(await images.fails(dockerfile(path)), expected, path);
  assert.deepEqual(await imagesWith(images.engine, label), []);
});

test('a build can be cancelled, and leaves neither container nor image', async (t) => {
  const images = world(t);
  if (!images) return;
  const label = `strata-test=${images.folder}`;
  const sleep = `RUN ["sh", "-c", "echo ${images.folder}; sleep 300"]`;
  images.write({ Dockerfile: `ARG BASE\nFROM \${BASE}\nLABEL ${label}\n${sleep}\n` });
  const stop = new AbortController();
  const onProgress = (line: string) => {
    if (line.endsWith('(RUN)')) setTimeout(() => stop.abort(), 300);
  };
  await assert.rejects(images.prepare(dockerfile('.'), { signal: stop.signal, onProgress }), isAbort);
  for (let tries = 0; tries < 100 && (await imagesWith(images.engine, label)).length > 0; tries += 1)
    await delay(100);
  assert.deepEqual(await imagesWith(images.engine, label), []);
  const containers = await dockerOf(images.engine).listContainers({ all: true });
  assert.deepEqual(
    containers.filter(({ Command }) => Command.includes(images.folder)),
    [],
  );
});

test('an engine that goes away in the middle of a build is named as the reason', async (t) => {
  const images = world(t);
  if (!images) return;
  const { connection } = images.engine;
  if (connection.kind !== 'socket') {
    t.skip('needs an engine behind a socket');
    return;
  }
  const label = `strata-test=${images.folder}`;
  images.write({ Dockerfile: `ARG BASE\nFROM \${BASE}\nLABEL ${label}\nRUN ["sleep", "2"]\n` });
  const proxy = await proxyEngine(connection.socketPath);
  const state = await findEngine({
    signal: AbortSignal.timeout(30_000),
    surroundings: { ...here(), env: { DOCKER_HOST: proxy.address } },
  });
  assert.ok(state.kind === 'ready');
  t.after(async () => {
    await state.engine.dispose();
    await proxy.remove();
    for (const id of await imagesWith(images.engine, label)) await removeImage(images.engine, id);
  });
  const behind = imageWorld(t, state.engine, { base: images.base });
  write(behind.folder, { Dockerfile: `ARG BASE\nFROM \${BASE}\nLABEL ${label}\nRUN ["sleep", "2"]\n` });
  const onProgress = (line: string) => {
    if (line.endsWith('(RUN)')) void proxy.cut();
  };
  await assert.rejects(behind.prepare(dockerfile('.'), { onProgress }), { code: 'docker-unreachable' });
});

test('a command runs in the base image, on the workspace', async (t) => {
  const images = world(t);
  if (!images) return;
  images.write({
    'tools/server.js':
      'console.log("args", process.argv.slice(1).join(" "), process.cwd(), require("fs").readFileSync("/workspace/data.txt", "utf8"))',
    'tools/run.sh': '#!/bin/sh\necho "script $*"\n',
    'data.txt': 'data',
  });
  chmodSync(join(images.folder, 'tools/run.sh'), 0o755);
  chmodSync(images.folder, 0o755);
  const image = await images.prepare(
    command(
      'node',
      'tools/server.js',
      join(images.folder, 'data.txt'),
      `--root=${images.folder}`,
      '${workspaceFolder}/x',
    ),
  );
  assert.equal(
    await images.output(image, { mount: true }),
    'args /workspace/tools/server.js /workspace/data.txt --root=/workspace /workspace/x /workspace data',
  );
  // The same program is the same image, whatever it is given.
  const other = command('/opt/homebrew/bin/node', '-e', 'console.log(1)');
  assert.equal((await images.find(other))?.id, image.id);
  for (const script of ['./tools/run.sh', join(images.folder, 'tools/run.sh')]) {
    const scripted = await images.prepare(command(script, 'a'));
    assert.deepEqual(scripted.arguments, ['/workspace/tools/run.sh', 'a']);
    assert.equal(await images.output(scripted, { mount: true }), 'script a');
  }
  assert.match(
    await images.fails(command('no-such-program')),
    /^command-missing: There is no program no-such-program in the base image strata-test-base/,
  );
  assert.match(await images.fails(command('./tools/none.sh')), /^command-missing: /);
  assert.match(await images.fails(command('/home/somebody/server')), /^command-outside: /);
  assert.match(await images.fails(command('../server.sh')), /^command-outside: /);
});

test('a built-in server is built from its bundle', async (t) => {
  const images = world(t);
  if (!images) return;
  const name = `built-${process.pid}`;
  const bundle = (text: string) => ({
    [`${name}/Dockerfile`]:
      'ARG BASE\nFROM ${BASE}\nCOPY server.mjs /server.mjs\nCMD ["node", "/server.mjs"]\n',
    [`${name}/server.mjs`]: `console.log('${text}')`,
  });
  images.write(bundle('one'));
  const source = { kind: 'built-in' } as const;
  const first = await images.prepare(source, { name });
  assert.equal(await images.output(first), 'one');
  assert.equal(first.what, `built-in ${name}`);
  images.write(bundle('two'));
  const second = await images.prepare(source, { name });
  assert.equal(await images.output(second), 'two');
  assert.notEqual(second.id, first.id);
  assert.match(await images.fails(source), /^tool-server-files: A file of the tool servers cannot be read/);
});

test('an image that the engine has is taken as it is', async (t) => {
  const images = world(t);
  if (!images) return;
  const made = await images.prepare(command('node'));
  const source = {
    kind: 'image',
    image: made.reference,
    arguments: ['node', '-e', 'console.log("here")'],
  } as const;
  const present = await images.find(source);
  assert.equal(present?.id, made.id);
  assert.equal(present.digest, undefined);
  assert.equal(await images.output(present), 'here');
  const byId = { ...source, image: made.id };
  assert.equal((await images.prepare(byId)).id, made.id);
});
