import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  isEmbedderError,
  type EmbedderConfig,
  type Loading,
} from '../../extension/src/core/memory/embedding/index.ts';
import { openEmbedder } from '../../extension/src/node/embedders/index.ts';
import { RUNTIME_PACKAGES } from '../../extension/src/node/embedders/transformers/runtime-packages.ts';
import { modelHost, type ModelHost } from '../support/embedding-server/model-host.ts';
import { onnxModel } from '../support/embedding-server/onnx-model.ts';
import { npmPack } from '../support/npm-package.ts';

const WORDS = 'discount rebate cheaper customer login password session retry backoff order total'.split(' ');
const MODEL = 'owner/tiny-model';

interface World {
  readonly host: ModelHost;
  readonly folder: string;
  config(model?: string): EmbedderConfig;
}

/** A host with the model, and with the archives of the runtime as npm has them. */
async function world(t: TestContext, withRuntime: boolean): Promise<World | undefined> {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-local-model-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const host = await modelHost(t);
  for (const { name, version } of withRuntime ? RUNTIME_PACKAGES : []) {
    const archive = npmPack(t, `${name}@${version}`, folder);
    if (archive === undefined) return undefined;
    host.files.set(`/${name}/-/${name.split('/').at(-1) ?? ''}-${version}.tgz`, archive);
  }
  for (const [name, content] of onnxModel(WORDS, 48)) {
    const revision = name === 'config.json' ? 'main' : 'c'.repeat(40);
    host.files.set(`/${MODEL}/resolve/${revision}/${name}`, content);
  }
  return {
    host,
    folder: path.join(folder, 'downloads'),
    config: (model = MODEL) => ({
      provider: 'transformers',
      model,
      baseUrl: host.origin,
      downloads: { folder: path.join(folder, 'downloads'), registry: host.origin },
    }),
  };
}

const limit = (): AbortSignal => AbortSignal.timeout(100_000);

async function failure(config: EmbedderConfig, signal = limit()): Promise<string> {
  const embedder = await openEmbedder(config);
  try {
    await embedder.embed(['one'], { role: 'document', signal });
    return 'it worked';
  } catch (error) {
    return isEmbedderError(error) ? `${error.kind}: ${error.message}` : String(error);
  } finally {
    await embedder.dispose();
  }
}

test('a local model is downloaded once, checked, and makes vectors without a network', async (t) => {
  const w = await world(t, true);
  if (w === undefined) return;
  const loaded: Loading[] = [];
  const first = await openEmbedder(w.config());
  t.after(() => first.dispose());
  const embed = async (texts: readonly string[]): Promise<readonly Float32Array[]> =>
    first.embed(texts, { role: 'document', signal: limit(), onLoading: (loading) => loaded.push(loading) });
  const [price = [], buyer = [], access = []] = await embed([
    'discount order total',
    'a rebate makes it cheaper',
    'login password session',
  ]);
  const similarity = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
    Array.from(a).reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
  assert.equal(price.length, 48);
  assert.ok(similarity(price, buyer) > similarity(price, access) + 0.2);
  assert.ok(loaded.length > 10 && loaded.every(({ done, total }) => done <= total));
  assert.deepEqual((await embed(Array.from({ length: 20 }, () => 'retry'))).length, 20);
  assert.deepEqual(
    readdirSync(w.folder)
      .sort()
      .map((name) => name.replace(/[\d.]+\+[\d.]+/, 'VERSIONS')),
    ['models', 'runtime-VERSIONS'],
  );
  await first.dispose();

  const before = w.host.asked.length;
  const second = await openEmbedder(w.config());
  t.after(() => second.dispose());
  const [again = []] = await second.embed(['discount order total'], { role: 'document', signal: limit() });
  assert.ok(similarity(again, price) > 0.999);
  assert.equal(w.host.asked.length, before);
  await second.dispose();

  // A file that was damaged on the disk is downloaded again.
  const [model = ''] = readdirSync(path.join(w.folder, 'models'));
  writeFileSync(path.join(w.folder, 'models', model, 'onnx/model_quantized.onnx'), 'damaged');
  assert.equal(await failure(w.config()), 'it worked');
  assert.ok(w.host.asked.length > before);
});

test('what a registry serves in place of the runtime is not run', async (t) => {
  const w = await world(t, false);
  if (w === undefined) return;
  const [first] = RUNTIME_PACKAGES;
  const archive = `/@huggingface/transformers/-/transformers-${first?.version ?? ''}.tgz`;
  const told = async (): Promise<string> => (await failure(w.config())).replaceAll(w.host.origin, 'HOST');
  assert.equal(await told(), `download: HOST${archive} does not exist.`);
  w.host.files.set(archive, Buffer.from('something else'));
  assert.equal(
    await told(),
    `download: HOST${archive} could not be downloaded: it is not the file that this version of Strata was made for.`,
  );
  w.host.fault = () => ({ status: 403 });
  assert.equal(
    await told(),
    `download: HOST${archive} could not be downloaded: the server answered with status 403.`,
  );
  w.host.fault = (_, time) => (time < 3 ? 'cut' : undefined);
  assert.match(await told(), /it is not the file that this version of Strata was made for\.$/);
  assert.deepEqual(readdirSync(w.folder), []);
});

test('a download that is given up leaves nothing behind', async (t) => {
  const w = await world(t, false);
  if (w === undefined) return;
  w.host.fault = () => ({ status: 503 });
  const told = await failure(w.config(), AbortSignal.timeout(300));
  assert.match(told, /TimeoutError/);
  assert.deepEqual(readdirSync(w.folder), []);
});
