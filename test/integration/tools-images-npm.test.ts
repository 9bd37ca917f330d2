import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import * as z from 'zod';
import { isAbort } from '../../extension/src/base/errors.ts';
import type { Engine } from '../../extension/src/node/docker/index.ts';
import { engineForTests, type EngineForTests } from '../support/docker.ts';
import { baseForTests, imageWorld } from '../support/images.ts';
import { npmRegistry, type NpmRegistry } from '../support/npm-registry.ts';
import { dockerOf } from '../support/dockerode.ts';

/** Says with what it was started, as whom, and whether it can read the process above it. */
const probe = `#!/usr/bin/env node
const { readFileSync } = require('node:fs');
const tells = () => { try { return readFileSync('/proc/1/environ') && 'readable'; } catch (error) { return error.code; } };
console.log('probe', JSON.stringify([require('./lib.js'), process.getuid(), process.cwd(), tells(), ...process.argv.slice(2)]));
`;

const own = `@strata-test-${process.pid}`;
const earlier = { ...process.env };
let found: EngineForTests;
let registry: NpmRegistry;
let cache: string;
let base: Awaited<ReturnType<typeof baseForTests>> | undefined;

before(async () => {
  [found, registry] = await Promise.all([engineForTests(), npmRegistry()]);
  if (found.kind === 'ready') base = await baseForTests(found.engine);
  cache = mkdtempSync(join(tmpdir(), 'strata-npm-cache-'));
  process.env['npm_config_registry'] = `http://127.0.0.1:${registry.port}/`;
  process.env['npm_config_cache'] = cache;
});
after(async () => {
  process.env = earlier;
  await registry.close();
  rmSync(cache, { recursive: true, force: true });
  await base?.remove();
  if (found.kind === 'ready') await found.stop();
});

function world(t: TestContext): (ReturnType<typeof imageWorld> & { readonly engine: Engine }) | undefined {
  if (found.kind === 'ready' && base)
    return { ...imageWorld(t, found.engine, { base: base.base }), engine: found.engine };
  t.skip(found.kind === 'ready' ? 'has no base image' : found.reason);
  return undefined;
}

const npm = (name: string, more: { readonly binary?: string; readonly arguments?: readonly string[] } = {}) =>
  ({ kind: 'npm', package: name, arguments: [], ...more }) as const;

/** Where containers on the default network find this machine; an engine does not say it before the first of them. */
async function bridgeAddress(engine: Engine): Promise<string | undefined> {
  try {
    const inspected = z.object({ IPAM: z.object({ Config: z.array(bridgeSchema) }) });
    const [config] = inspected.parse(await dockerOf(engine).getNetwork('bridge').inspect()).IPAM.Config;
    return config?.Gateway ?? config?.Subnet.replace(/\.\d+\/\d+$/, '.1');
  } catch {
    return undefined; // It has none.
  }
}

const bridgeSchema = z.object({ Subnet: z.string(), Gateway: z.string().optional() });

function stagingFolders(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`strata-npm-${process.pid}-`));
}

test('a package is fetched once, with what it needs, and runs under an init that nobody can read', async (t) => {
  const images = world(t);
  if (!images) return;
  const name = `${own}/server`;
  await registry.publish(`${own}/dependency`, '2.0.1', {
    'index.js': 'module.exports = "from the dependency";',
  });
  const manifest = { bin: 'bin/start.js', dependencies: { [`${own}/dependency`]: '^2.0.0' } };
  const files = { 'bin/start.js': probe, 'bin/lib.js': `module.exports = require('${own}/dependency');` };
  await registry.publish(name, '1.0.0', files, manifest);
  await registry.publish(name, '1.1.0', files, manifest);
  await registry.publish(name, '2.0.0', {}, {});

  const source = npm(`${name}@^1.0.0`, { arguments: ['--root', images.folder, 'a b'] });
  assert.equal(await images.find(source), undefined);
  const [image, again] = await Promise.all([images.prepare(source), images.prepare(source)]);
  assert.deepEqual(again, image);
  assert.equal(registry.fetched.get(name), 1);
  assert.deepEqual(await images.find(source), image);
  assert.equal(image.what, `npm ${name} 1.1.0`);
  assert.equal(image.exact, `${name}@1.1.0`);
  assert.match(image.digest ?? '', /^sha512-/);
  assert.match(image.id, /^sha256:[0-9a-f]{64}$/);
  assert.deepEqual(image.notes, []);
  assert.deepEqual(images.progress.slice(0, 1), [`Fetching ${name}@^1.0.0 with npm`]);
  assert.equal(
    await images.output(image),
    'probe ["from the dependency",1000,"/workspace","EACCES","--root","/workspace","a b"]',
  );

  // A newer version comes when it is asked for, and not by itself.
  await registry.publish(name, '1.2.0', files, manifest);
  assert.equal((await images.prepare(source)).id, image.id);
  const newer = await images.prepare(source, { again: true });
  assert.equal(newer.exact, `${name}@1.2.0`);
  assert.equal((await images.find(source))?.id, newer.id);
  await dockerOf(images.engine).getImage(image.id).remove({ force: true });
  assert.deepEqual(stagingFolders(), []);
});

test('the program of a package is found as npx finds it, or it is said which there are', async (t) => {
  const images = world(t);
  if (!images) return;
  const publish = (name: string, manifest: object, files: Record<string, string> = {}) =>
    registry.publish(`${own}/${name}`, '1.0.0', files, manifest);
  await publish(
    'many',
    { bin: { one: 'one.js', two: 'two.js' } },
    { 'one.js': '', 'two.js': 'console.log("two")' },
  );
  await publish('none', {});
  await publish('native', { bin: 'server' }, { server: '\x7fELF\x02\x01' });
  await publish('script', { bin: 'server.sh' }, { 'server.sh': '#!/bin/sh\necho' });
  await publish('outside', { bin: '../../../package.json' });
  await publish('gone', { bin: 'dist/server.js' });
  const noProgram = (name: string) =>
    `npm-no-binary: The npm package ${own}/${name} has no program to run ("bin" of its package.json).`;
  const noScript = (name: string, script: string) =>
    `npm-binary-kind: The program ${script} of the npm package ${own}/${name} is not JavaScript, so node cannot run it.`;
  const cases: readonly (readonly [string, string])[] = [
    ['many', `npm-binary: The npm package ${own}/many has several programs: one, two.`],
    ['none', noProgram('none')],
    ['gone', noProgram('gone')],
    ['outside', noProgram('outside')],
    ['native', noScript('native', 'server')],
    ['script', noScript('script', 'server.sh')],
  ];
  for (const [name, expected] of cases) assert.equal(await images.fails(npm(`${own}/${name}`)), expected);
  assert.equal(
    await images.fails(npm(`${own}/many`, { binary: 'three' })),
    `npm-binary: The npm package ${own}/many has no program three. It has one, two.`,
  );
  assert.equal(await images.output(await images.prepare(npm(`${own}/many`, { binary: 'two' }))), 'two');
  assert.deepEqual(stagingFolders(), []);
});

test('install scripts are not run, and the person who sets the server up is told', async (t) => {
  const images = world(t);
  if (!images) return;
  const trap = join(images.folder, 'trap');
  const scripts = { postinstall: `node -e "require('fs').writeFileSync('${trap}', '')"` };
  const manifest = { bin: 'a.js', scripts, hasInstallScript: true };
  await registry.publish(`${own}/scripted`, '1.0.0', { 'a.js': 'console.log("ran")' }, manifest);
  const image = await images.prepare(npm(`${own}/scripted`));
  assert.deepEqual(image.notes, [
    `Install scripts are not run, and these packages have some: ${own}/scripted. If the server needs what they do, build it with a Dockerfile.`,
  ]);
  assert.deepEqual(await images.find(npm(`${own}/scripted`)), image);
  assert.equal(await images.output(image), 'ran');
  assert.deepEqual(readdirSync(images.folder), []);
});

test('what npm cannot fetch is told apart', async (t) => {
  const images = world(t);
  if (!images) return;
  await registry.publish(`${own}/known`, '1.0.0', {}, { bin: 'a.js' });
  const git = { bin: 'a.js', dependencies: { other: 'git+https://git.invalid/other.git' } };
  await registry.publish(`${own}/git`, '1.0.0', { 'a.js': '' }, git);
  await registry.publish(`${own}/windows`, '1.0.0', { 'a.js': '' }, { bin: 'a.js', os: ['win32'] });
  registry.answer(`${own}/private`, 401);
  const cases: readonly (readonly [string, RegExp])[] = [
    [`${own}/unknown`, /^npm-package-not-found: The npm registry has no package .*\/unknown@latest/],
    [`${own}/known@7`, /^npm-version-not-found: There is no such version .*\/known@7: No matching version/],
    [`${own}/private`, /^npm-needs-login: /],
    [`${own}/git`, /^npm-git-dependency: /],
    [`${own}/windows`, /^npm-platform: .*\/windows/],
    ['file:../x', /^npm-package-name: /],
    ['github:a/b', /^npm-package-name: /],
    ['x@npm:y', /^npm-package-name: /],
    ['../x', /^npm-package-name: /],
    ['x; rm -rf', /^npm-package-name: /],
  ];
  for (const [name, expected] of cases) assert.match(await images.fails(npm(name)), expected, name);

  process.env['npm_config_registry'] = 'http://127.0.0.1:9/';
  try {
    assert.match(await images.fails(npm(`${own}/far`)), /^npm-unreachable: .*ECONNREFUSED/);
  } finally {
    process.env['npm_config_registry'] = `http://127.0.0.1:${registry.port}/`;
  }
  assert.deepEqual(stagingFolders(), []);
});

test('cancelling ends npm and leaves nothing; another caller goes on', async (t) => {
  const images = world(t);
  if (!images) return;
  const name = `${own}/silent`;
  registry.answer(name, 'silence');
  const asked = registry.asked(name);
  const stop = new AbortController();
  const patient = new AbortController();
  const first = images.prepare(npm(name), { signal: stop.signal });
  const second = images.prepare(npm(name), { signal: patient.signal });
  const { left } = await asked;
  let gone = false;
  void left.then(() => (gone = true));
  stop.abort();
  await assert.rejects(first, isAbort);
  assert.equal(gone, false);
  assert.equal(stagingFolders().length, 1);
  patient.abort();
  await assert.rejects(second, isAbort);
  await left;
  assert.deepEqual(stagingFolders(), []);
});

test('without npm on this machine the package is installed in a container', async (t) => {
  const images = world(t);
  if (!images) return;
  const gateway = images.engine.remote ? undefined : await bridgeAddress(images.engine);
  if (gateway === undefined) {
    t.skip('needs an engine whose containers reach this machine by the bridge network');
    return;
  }
  const name = `${own}/contained`;
  await registry.publish(name, '1.0.0', { 'a.js': 'console.log("from a container")' }, { bin: 'a.js' });
  const path = process.env['PATH'];
  process.env['PATH'] = images.folder;
  process.env['npm_config_registry'] = `http://${gateway}:${registry.port}/`;
  try {
    const image = await images.prepare(npm(name));
    assert.ok(images.progress.some((line) => line.includes('in a container')));
    assert.equal(image.exact, `${name}@1.0.0`);
    assert.match(image.digest ?? '', /^sha512-/);
    assert.equal(await images.output(image), 'from a container');
    assert.match(await images.fails(npm(`${own}/unknown`)), /^npm-package-not-found: /);
  } finally {
    process.env['PATH'] = path;
    process.env['npm_config_registry'] = `http://127.0.0.1:${registry.port}/`;
  }
  const label = 'strata.server=images-test';
  assert.deepEqual(
    await dockerOf(images.engine).listContainers({ all: true, filters: { label: [label] } }),
    [],
  );
});
