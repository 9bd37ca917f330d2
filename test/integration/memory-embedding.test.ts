import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { EmbedderState, Memory } from '../../extension/src/core/memory/index.ts';
import { embeddingServer } from '../support/embedding-server/index.ts';
import { place } from './memory-fixture.ts';

/** A machine that is busy with other things may take a minute to start the process and its threads. */
const limit = (): AbortSignal => AbortSignal.timeout(120_000);
const KEY = 'sk-test-0123456789abcdef';

async function embedded(memory: Memory, wanted: (state: EmbedderState) => boolean): Promise<EmbedderState> {
  const signal = limit();
  for (;;) {
    const { embedder } = await memory.state();
    if (embedder !== undefined && wanted(embedder)) return embedder;
    const changed = new Promise<void>((resolve) => {
      const watching = memory.onDidChange(() => {
        watching.dispose();
        resolve();
      });
    });
    const over = new Promise<void>((_, reject) =>
      signal.addEventListener('abort', () => reject(new Error(`it stayed at ${JSON.stringify(embedder)}`))),
    );
    await Promise.race([changed, over]);
  }
}

const complete = ({ embedded: done, total }: EmbedderState): boolean => total > 0 && done === total;

test('with an embedder, what is said in other words is found; without one, or with a broken one, words find on', async (t) => {
  const p = place(t);
  const server = await embeddingServer(t);
  server.dimension = 256;
  p.write({
    'src/price.ts': 'export function applyDiscount(customer, total) {\n  return total * 0.9;\n}\n',
    'src/auth.ts': 'export function login(name, password) {\n  return openSession(name, password);\n}\n',
    'docs/notes.md': '# Calendar\n\nWhich day of the month it is.\n',
  });
  const memory = p.open();
  const ask = async (query: string): Promise<string[]> =>
    (await memory.search(query, { limit: 1, signal: limit() })).map(
      ({ path: file, symbol, why }) =>
        `${file} ${symbol ?? '·'}${why?.similarity === undefined ? '' : ', by meaning'}`,
    );
  const config = { provider: 'openai', model: 'm', baseUrl: `${server.origin}/v1`, key: KEY } as const;
  await memory.useEmbedder(config);
  assert.deepEqual(server.asked, []);
  await memory.index({ signal: limit() });
  const state = await embedded(memory, complete);
  assert.deepEqual({ id: state.id, dimension: state.dimension }, { id: 'openai/m', dimension: 256 });
  assert.deepEqual(await ask('rebate for a shopper'), ['src/price.ts applyDiscount, by meaning']);
  assert.deepEqual(await ask('authenticate by credential'), ['src/auth.ts login, by meaning']);

  const texts = server.texts().filter((text) => text.includes('applyDiscount'));
  p.write({
    'src/copy/price.ts': 'export function applyDiscount(customer, total) {\n  return total * 0.9;\n}\n',
  });
  p.write({ 'src/wait.ts': 'export function retry(task) {\n  return task();\n}\n' });
  await memory.update(['src/copy/price.ts', 'src/wait.ts'], { signal: limit() });
  await embedded(memory, ({ total, embedded: done }) => total === state.total + 1 && done === total);
  assert.deepEqual(
    server.texts().filter((text) => text.includes('applyDiscount')),
    texts,
  );
  assert.deepEqual(await ask('attempt it again'), ['src/wait.ts retry, by meaning']);

  server.fault = () => ({ status: 401, body: { error: { message: `wrong key ${KEY}` } } });
  assert.deepEqual(await ask('discount of 5 percent'), ['src/price.ts applyDiscount']);
  const broken = await embedded(memory, ({ problem }) => problem !== undefined);
  assert.equal(
    broken.problem?.message,
    'The embedder’s server refused the key or the account (401): wrong key [key]',
  );

  await memory.useEmbedder(undefined);
  assert.equal((await memory.state()).embedder, undefined);
  assert.deepEqual(await ask('login'), ['src/auth.ts login']);
  await memory.dispose();
  const files = readdirSync(p.storageDir, { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  );
  const withKey = files.filter((one) => readFileSync(path.join(one.parentPath, one.name)).includes(KEY));
  assert.deepEqual(withKey, []);
});

test('an embedder is tried before it is chosen', async (t) => {
  const p = place(t);
  const server = await embeddingServer(t);
  const memory = p.open();
  const config = { provider: 'ollama', model: 'm', baseUrl: server.origin } as const;
  assert.equal((await memory.tryEmbedder(config, { signal: limit() })).dimension, 64);
  server.fault = () => ({ status: 404, body: { error: 'model "m" not found, try pulling it first' } });
  await assert.rejects(memory.tryEmbedder(config, { signal: limit() }), { code: 'embedder-refused' });
});

test('a memory process that was killed is told its embedder again', async (t) => {
  const p = place(t);
  const server = await embeddingServer(t);
  p.write({ 'a.ts': 'export function purge(rows) {\n  rows.clear();\n}\n' });
  const memory = p.open();
  await memory.useEmbedder({ provider: 'ollama', model: 'm', baseUrl: server.origin });
  await memory.index({ signal: limit() });
  await embedded(memory, complete);
  await memory.dispose();
  const next = p.open();
  await next.useEmbedder({ provider: 'ollama', model: 'm', baseUrl: server.origin });
  const before = server.texts().length;
  const hits = await next.search('erase them', { limit: 1, signal: limit() });
  assert.deepEqual(
    hits.map(({ symbol }) => symbol),
    ['purge'],
  );
  await embedded(next, complete);
  assert.deepEqual(server.texts().slice(before), ['erase them']);
});
