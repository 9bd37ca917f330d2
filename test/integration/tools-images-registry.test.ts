import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { isAbort } from '../../extension/src/base/errors.ts';
import type { Engine } from '../../extension/src/node/docker/index.ts';
import { engineForTests, type EngineForTests } from '../support/docker.ts';
import { imageRegistry, type ImageRegistry } from '../support/image-registry.ts';
import { imageWorld } from '../support/images.ts';
import { dockerOf } from '../support/dockerode.ts';

let found: EngineForTests;
let registry: ImageRegistry;
before(async () => {
  [found, registry] = await Promise.all([engineForTests(), imageRegistry()]);
});
after(async () => {
  await registry.close();
  if (found.kind === 'ready') await found.stop();
});

function world(t: TestContext): (ReturnType<typeof imageWorld> & { readonly engine: Engine }) | undefined {
  if (found.kind !== 'ready') t.skip(found.reason);
  else if (found.engine.remote) t.skip('needs an engine on this machine, for a registry on 127.0.0.1');
  else return { ...imageWorld(t, found.engine), engine: found.engine };
  return undefined;
}

const image = (
  name: string,
  more: { readonly entrypoint?: readonly string[]; readonly arguments?: readonly string[] } = {},
) => ({ kind: 'image', image: name, arguments: [], ...more }) as const;

test('an image is pulled with progress, pinned, and found again', async (t) => {
  const images = world(t);
  if (!images) return;
  const name = `${registry.host}/team/server:latest`;
  const digest = await registry.publish(
    'team/server',
    { Entrypoint: ['/serve'], Cmd: ['--stdio'] },
    { megabytes: 12 },
  );
  assert.equal(await images.find(image(name)), undefined);
  const [pulled, same] = await Promise.all([images.prepare(image(name)), images.prepare(image(name))]);
  assert.deepEqual(same, pulled);
  assert.equal(pulled.digest, `${registry.host}/team/server@${digest}`);
  assert.equal(pulled.exact, pulled.digest);
  assert.equal(pulled.what, `image ${name} (${digest.slice(0, 19)})`);
  assert.deepEqual([pulled.entrypoint, pulled.arguments], [undefined, ['--stdio']]);
  assert.deepEqual(pulled.notes, []);
  assert.equal(images.progress[0], `Pulling ${name}`);
  assert.ok(
    images.progress.some((line) => /: 12 of 12 MB \(100 %\)$/.test(line)),
    images.progress.join('\n'),
  );
  assert.deepEqual(await images.find(image(name)), pulled);
  // By its digest it is the same image.
  assert.equal((await images.find(image(pulled.digest ?? '')))?.id, pulled.id);

  // The tag is moved: nothing changes until somebody asks.
  const moved = await registry.publish('team/server', { Entrypoint: ['/serve'] });
  assert.equal((await images.prepare(image(name))).id, pulled.id);
  const newer = await images.prepare(image(name), { again: true });
  assert.equal(newer.digest, `${registry.host}/team/server@${moved}`);
  assert.notEqual(newer.id, pulled.id);
  await dockerOf(images.engine).getImage(pulled.id).remove({ force: true });
});

test('what an image runs is kept unless something else is given', async (t) => {
  const images = world(t);
  if (!images) return;
  const name = `${registry.host}/own`;
  await registry.publish('own', { Entrypoint: ['/serve'], Cmd: ['a'], Env: ['HOME=/data'] });
  const check = async (given: Parameters<typeof image>[1], expected: object) => {
    const { entrypoint, arguments: args, environment } = await images.prepare(image(name, given));
    assert.deepEqual({ entrypoint, args, environment }, { ...expected, environment: { HOME: '/data' } });
  };
  await check({}, { entrypoint: undefined, args: ['a'] });
  await check({ arguments: ['b'] }, { entrypoint: undefined, args: ['b'] });
  await check({ entrypoint: ['/other'] }, { entrypoint: ['/other'], args: [] });
  await check(
    { entrypoint: ['/other'], arguments: [images.folder] },
    { entrypoint: ['/other'], args: ['/workspace'] },
  );

  const nothing = `${registry.host}/nothing`;
  await registry.publish('nothing', {});
  assert.equal(
    await images.fails(image(nothing)),
    `image-no-command: The image ${nothing} says nothing about what to run.`,
  );
  assert.deepEqual((await images.prepare(image(nothing, { arguments: ['/run'] }))).arguments, ['/run']);
});

test('what cannot be pulled is told apart', async (t) => {
  const images = world(t);
  if (!images) return;
  const { host } = registry;
  registry.publishForWindows('windows');
  registry.lock('locked');
  const cases: readonly (readonly [string, RegExp])[] = [
    [`${host}/unknown`, /^image-not-found: There is no image .*\/unknown in its registry/],
    [`${host}/unknown@sha256:${'0'.repeat(64)}`, /^image-not-found: /],
    [`${host}/locked`, /^image-needs-login: .*(?:unauthorized|no basic auth)/],
    [`${host}/windows`, /^image-platform: .*no matching manifest for linux/],
    ['127.0.0.1:9/far', /^image-registry-unreachable: .*connection refused/],
    [`sha256:${'0'.repeat(64)}`, /^image-not-found: /],
    ['Upper/Case', /^image-name: "Upper\/Case" is no name of an image/],
    ['../../containers/x', /^image-name: /],
    ['a?b=c', /^image-name: /],
    ['', /^image-name: /],
  ];
  for (const [name, expected] of cases) assert.match(await images.fails(image(name)), expected, name);
});

test('a pull that stands still can be cancelled', async (t) => {
  const images = world(t);
  if (!images) return;
  await registry.publish('slow', { Cmd: ['/serve'] }, { megabytes: 2 });
  const stalled = registry.stall('slow');
  const stop = new AbortController();
  const pulling = images.prepare(image(`${registry.host}/slow`), { signal: stop.signal });
  await stalled;
  stop.abort();
  await assert.rejects(pulling, isAbort);
  assert.equal(await images.find(image(`${registry.host}/slow`)), undefined);
});
