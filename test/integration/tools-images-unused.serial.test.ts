import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Engine } from '../../extension/src/node/docker/index.ts';
import { removeUnusedImages } from '../../extension/src/node/docker/images.ts';
import type { PreparedImage } from '../../extension/src/node/docker/images/prepared-image.ts';
import { engineForTests, type EngineForTests } from '../support/docker.ts';
import { baseForTests, imageWorld } from '../support/images.ts';
import { dockerOf } from '../support/dockerode.ts';

const day = 24 * 60 * 60_000;

let found: EngineForTests;
before(async () => (found = await engineForTests()));
after(async () => {
  if (found.kind === 'ready') await found.stop();
});

async function all(engine: Engine): Promise<ReadonlySet<string>> {
  return new Set((await dockerOf(engine).listImages({ all: true })).map(({ Id }) => Id));
}

test('images of ours are removed when they were replaced, or unused for a month, and nothing else is', async (t) => {
  if (found.kind !== 'ready') {
    t.skip(found.reason);
    return;
  }
  const { engine } = found;
  const signal = AbortSignal.timeout(200_000);
  const { base, remove } = await baseForTests(engine);
  t.after(remove);
  const others = await all(engine);

  const images = imageWorld(t, engine, { base });
  const bundle = (name: string, text: string) => {
    mkdirSync(join(images.folder, name), { recursive: true });
    const steps = 'ARG BASE\nFROM ${BASE}\nCOPY server.mjs /server.mjs\nCMD ["node", "/server.mjs"]\n';
    writeFileSync(join(images.folder, name, 'Dockerfile'), steps);
    writeFileSync(join(images.folder, name, 'server.mjs'), text);
  };
  const names = ['kept', 'unused', 'running'].map((name) => `${name}-${process.pid}`);
  const made: PreparedImage[] = [];
  for (const name of names) {
    bundle(name, `// ${name}`);
    made.push(await images.prepare({ kind: 'built-in' }, { name }));
  }
  const [keptImage, unusedImage, runningImage] = made;
  assert.ok(keptImage && unusedImage && runningImage);
  const container = await dockerOf(engine).createContainer({ Image: runningImage.id });
  const left = async () => {
    const ids = await all(engine);
    return made.map(({ id }) => ids.has(id));
  };
  const keep = new Set([...others, keptImage.id]);
  try {
    const soon = { keep, now: Date.now() + 29 * day, signal };
    assert.equal(await removeUnusedImages(engine, soon), 0);
    assert.deepEqual(await left(), [true, true, true]);
    const late = { keep, now: Date.now() + 31 * day, signal };
    assert.equal(await removeUnusedImages(engine, late), 1);
    assert.deepEqual(await left(), [true, false, true]);
  } finally {
    await container.remove({ force: true });
  }
});
