import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as lancedb from '@lancedb/lancedb';
import type { Episode, Memory, SharedPlace } from '../../extension/src/core/memory/index.ts';
import { embeddingServer } from '../support/embedding-server/index.ts';
import { s3Server, type S3Server } from '../support/s3-server/index.ts';
import { found, limit, memoryProcesses, place, type Place } from './memory-fixture.ts';

const CART = 'export function totalOf(cart: Cart): number {\n  return sumOf(cart.lines);\n}\n';
const TAX = 'export function taxOf(price: number): number {\n  return price * 0.19;\n}\n';

function bucket(s3: S3Server, more: Readonly<Record<string, string>> = {}): SharedPlace {
  const account = { aws_access_key_id: s3.accessKey, aws_secret_access_key: 'not looked at' };
  const server = { endpoint: s3.endpoint, region: 'us-east-1', allow_http: 'true' };
  return { uri: 's3://team/strata/shop-1', prefix: '', storageOptions: { ...account, ...server, ...more } };
}

interface Machine extends Place {
  readonly memory: Memory;
}

function machine(t: TestContext, at: SharedPlace): Machine {
  const own = place(t);
  return { ...own, memory: own.open({ shared: () => Promise.resolve(at) }) };
}

async function rowsIn(at: SharedPlace, table: string, filter?: string): Promise<number> {
  const connection = await lancedb.connect(at.uri, { storageOptions: { ...at.storageOptions } });
  try {
    return await (await connection.openTable(table)).countRows(filter);
  } finally {
    connection.close();
  }
}

function episode(run: string, task: string, more: Partial<Episode> = {}): Episode {
  const at = Date.now();
  return {
    run,
    at,
    agent: 'coder',
    task,
    outcome: 'succeeded',
    answer: '',
    files: [],
    failures: [],
    seenAt: at,
    ...more,
  };
}

async function recalled(memory: Memory, query: string): Promise<string[]> {
  const all = await memory.recall(query, { limit: 5, signal: limit() });
  return all.map((one) => (one.kind === 'note' ? one.id : one.run));
}

function holding(s3: S3Server, text: string): string[] {
  return [...s3.objects].filter(([, { body }]) => body.includes(text)).map(([key]) => key);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'nothing went wrong',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );
}

test('what one machine has indexed, another one with the same files finds and does not add again', async (t) => {
  const s3 = await s3Server(t);
  const at = bucket(s3);
  const [one, two] = [machine(t, at), machine(t, at)];
  one.write({ 'src/cart.ts': CART, 'src/tax.ts': TAX });
  two.write({ 'src/cart.ts': CART, 'src/tax.ts': TAX });
  assert.equal((await one.memory.index({ signal: limit() })).chunks, 2);
  assert.equal(await rowsIn(at, 'chunks-2'), 2);
  assert.equal((await two.memory.index({ signal: limit() })).chunks, 2);
  assert.equal(await rowsIn(at, 'chunks-2'), 2);
  assert.deepEqual(await found(two.memory, 'tax of a price'), ['src/tax.ts:1-3 taxOf']);
  assert.deepEqual(await found(one.memory, 'tax of a price'), ['src/tax.ts:1-3 taxOf']);
});

test('each machine sees its own branch only, and clearing one leaves the rows of the other', async (t) => {
  const s3 = await s3Server(t);
  const at = bucket(s3);
  const [one, two] = [machine(t, at), machine(t, at)];
  one.write({ 'src/cart.ts': CART });
  two.write({ 'src/cart.ts': `// by weight\n\n${CART}`, 'src/tax.ts': TAX });
  await one.memory.index({ signal: limit() });
  await two.memory.index({ signal: limit() });
  assert.deepEqual(await found(one.memory, 'tax of a price'), []);
  assert.deepEqual(await found(one.memory, 'total of a cart'), ['src/cart.ts:1-3 totalOf']);
  assert.deepEqual(await found(two.memory, 'tax of a price'), ['src/tax.ts:1-3 taxOf']);
  two.remove('src/tax.ts');
  await two.memory.update(['src/tax.ts'], { signal: limit() });
  assert.deepEqual(await found(two.memory, 'tax of a price'), []);
  await two.memory.clear();
  assert.deepEqual(await found(two.memory, 'total of a cart'), []);
  assert.deepEqual(await found(one.memory, 'total of a cart'), ['src/cart.ts:1-3 totalOf']);
});

test('two that index the same at once show nothing twice', async (t) => {
  const s3 = await s3Server(t);
  const at = bucket(s3);
  const machines = [machine(t, at), machine(t, at)];
  const files = Object.fromEntries(
    Array.from({ length: 20 }, (_, n) => [
      `src/tax${String(n)}.ts`,
      TAX.replace('taxOf', `tax${String(n)}Of`),
    ]),
  );
  for (const { write } of machines) write({ ...files, 'src/cart.ts': CART });
  await Promise.all(machines.map(({ memory }) => memory.index({ signal: limit() })));
  assert.equal(await rowsIn(at, 'chunks-2', "path = 'src/cart.ts'").then((rows) => rows >= 1), true);
  for (const { memory } of machines) {
    assert.deepEqual(await found(memory, 'total of a cart'), ['src/cart.ts:1-3 totalOf']);
    assert.equal((await memory.state()).chunks, 21);
  }
});

test('an episode of one machine is recalled by another, and when it is forgotten it is gone for both and from the bucket', async (t) => {
  const s3 = await s3Server(t);
  const at = bucket(s3);
  const [one, two] = [machine(t, at), machine(t, at)];
  const secret = episode('r-secret', 'Rotate the marmalade certificate', { answer: 'Done.' });
  await one.memory.remember(secret, episode('r-kept', 'Fix the discount of a cart'));
  assert.deepEqual(await recalled(two.memory, 'the marmalade certificate'), ['r-secret']);
  await two.memory.remember(episode('r-two', 'Show the discount in a list'));
  assert.deepEqual((await recalled(one.memory, 'discount')).sort(), ['r-kept', 'r-two']);
  assert.notDeepEqual(holding(s3, 'marmalade'), []);

  assert.deepEqual(await two.memory.forget({ runs: ['r-secret'] }), { removed: 1 });
  assert.deepEqual(holding(s3, 'marmalade'), []);
  assert.deepEqual(await recalled(one.memory, 'the marmalade certificate'), []);
  assert.deepEqual((await recalled(one.memory, 'discount')).sort(), ['r-kept', 'r-two']);
  assert.equal((await one.memory.stats()).episodes, 2);
  // The machine that has its log sees that it needs not be remembered again, and is not let when it tries.
  assert.equal((await one.memory.seenEpisodes(limit())).get('r-secret'), secret.seenAt);
  await one.memory.remember(secret);
  assert.deepEqual(await recalled(two.memory, 'the marmalade certificate'), []);
  await one.memory.remember({ ...secret, pinned: true });
  assert.deepEqual(await recalled(two.memory, 'the marmalade certificate'), ['r-secret']);
});

test('what another machine remembers while one forgets is kept', async (t) => {
  const s3 = await s3Server(t);
  const at = bucket(s3);
  const [one, two] = [machine(t, at), machine(t, at)];
  await one.memory.remember(episode('r-0', 'Write about marmalade'));
  await two.memory.remember(episode('r-1', 'Fix the discount'));
  const remembering = (async () => {
    for (let n = 2; n < 8; n++)
      await two.memory.remember(episode(`r-${String(n)}`, `Fix discount number ${String(n)}`));
  })();
  await one.memory.forget({ runs: ['r-0'] }).catch((error: unknown) => {
    assert.match(String(error), /older versions/);
  });
  await remembering;
  const runs = (await one.memory.episodes({ limit: 20 })).map(({ run }) => run).sort();
  assert.deepEqual(runs, ['r-1', 'r-2', 'r-3', 'r-4', 'r-5', 'r-6', 'r-7']);
  await one.memory.remember(episode('r-8', 'Fix the last discount'));
  assert.deepEqual(holding(s3, 'marmalade'), []);
});

test('a server that goes away in the middle is an error that says so; when it is back, work goes on', async (t) => {
  const s3 = await s3Server(t);
  const at = bucket(s3);
  const { memory, write } = machine(t, at);
  write({ 'src/cart.ts': CART });
  await memory.index({ signal: limit() });
  write({ 'src/tax.ts': TAX });
  s3.takes = 1;
  assert.equal(await codeOf(memory.index({ signal: limit() })), 'memory-shared-unreachable');
  await s3.leave();
  assert.equal(
    await codeOf(memory.search('tax of a price', { limit: 5, signal: limit() })),
    'memory-shared-unreachable',
  );
  assert.equal(await codeOf(memory.remember(episode('r-1', 'Fix it'))), 'memory-shared-unreachable');
  const state = await memory.state();
  assert.deepEqual([state.phase, state.shared], ['unavailable', 's3://team/strata/shop-1']);
  assert.match(
    state.problem?.message ?? '',
    /^The shared memory at s3:\/\/team\/strata\/shop-1 does not answer\.$/,
  );
  s3.takes = undefined;
  await s3.back();
  assert.equal((await memory.index({ signal: limit() })).chunks, 2);
  assert.deepEqual(await found(memory, 'tax of a price'), ['src/tax.ts:1-3 taxOf']);
  assert.equal(await rowsIn(at, 'chunks-2'), 2);
});

test('a server that takes requests and is silent is given up before the memory process is', async (t) => {
  const s3 = await s3Server(t);
  const { memory, write } = machine(t, bucket(s3));
  write({ 'src/cart.ts': CART });
  await memory.index({ signal: limit() });
  s3.silent = true;
  assert.equal(
    await codeOf(memory.search('total of a cart', { limit: 5, signal: limit() })),
    'memory-shared-unreachable',
  );
});

test('a place that is wrong, denied, missing, newer or not ours says what it is', async (t) => {
  const s3 = await s3Server(t);
  const index = (at: SharedPlace): Promise<string> =>
    codeOf(machine(t, at).memory.index({ signal: limit() }));
  assert.equal(await index(bucket(s3, { aws_access_key_id: 'WRONG' })), 'memory-shared-denied');
  assert.equal(await index({ ...bucket(s3), uri: 's3://nobody/shop' }), 'memory-shared-missing');
  assert.equal(await index(bucket(s3, { allow_http: 'false' })), 'memory-shared-setting');
  assert.equal(
    await index({ uri: 'az://team/shop', prefix: '', storageOptions: {} }),
    'memory-shared-setting',
  );

  const at = bucket(s3);
  const connection = await lancedb.connect(at.uri, { storageOptions: { ...at.storageOptions } });
  t.after(() => connection.close());
  await connection.createTable('chunks-2', [{ colour: 'blue' }]);
  assert.equal(await index(at), 'memory-shared-foreign');
  await connection.createTable('chunks-99', [{ colour: 'blue' }]);
  assert.equal(await index(at), 'memory-shared-newer');
});

test('a bucket that was emptied is filled again', async (t) => {
  const s3 = await s3Server(t);
  const at = bucket(s3);
  const own = machine(t, at);
  own.write({ 'src/cart.ts': CART });
  await own.memory.index({ signal: limit() });
  await own.memory.dispose();
  await (await lancedb.connect(at.uri, { storageOptions: { ...at.storageOptions } })).dropAllTables();
  const again = own.open({ shared: () => Promise.resolve(at) });
  await again.index({ signal: limit() });
  assert.deepEqual(await found(again, 'total of a cart'), ['src/cart.ts:1-3 totalOf']);
  assert.equal(await rowsIn(at, 'chunks-2'), 1);
});

test('a text that one machine has embedded is not embedded by another', async (t) => {
  const s3 = await s3Server(t);
  const server = await embeddingServer(t);
  const at = bucket(s3);
  for (const { memory, write } of [machine(t, at), machine(t, at)]) {
    write({ 'src/cart.ts': CART, 'src/tax.ts': TAX });
    await memory.useEmbedder({ provider: 'ollama', model: 'm', baseUrl: server.origin });
    await memory.index({ signal: limit() });
    while ((await memory.state()).embedder?.embedded !== 2)
      await new Promise((resolve) => setTimeout(resolve, 100));
    await memory.clear();
  }
  assert.equal(server.texts().filter((text) => text.includes('taxOf')).length, 1);
  const names = [...s3.objects.keys()].filter((key) => key.includes('vectors-'));
  assert.notEqual(names.length, 0);
});

test('the settings may name another place while memory is open', async (t) => {
  const s3 = await s3Server(t);
  let at: SharedPlace | undefined;
  const own = place(t);
  const memory = own.open({ shared: () => Promise.resolve(at) });
  own.write({ 'src/cart.ts': CART });
  await memory.index({ signal: limit() });
  assert.equal(s3.objects.size, 0);
  assert.equal((await memory.state()).shared, undefined);
  let told = 0;
  memory.onDidChange(() => told++);
  at = bucket(s3);
  await memory.placeChanged();
  assert.notEqual(told, 0, 'whoever keeps the index is told, and asks');
  const { phase, shared } = await memory.state();
  assert.deepEqual([phase, shared], ['none', 's3://team/strata/shop-1']);
  await memory.index({ signal: limit() });
  assert.notEqual(s3.objects.size, 0);
  at = undefined;
  await memory.placeChanged();
  assert.deepEqual(await found(memory, 'total of a cart'), ['src/cart.ts:1-3 totalOf']);
});

test('another place is told of also when the memory process has ended meanwhile, and not where none was ever started', async (t) => {
  const s3 = await s3Server(t);
  let at: SharedPlace | undefined;
  const own = place(t);
  const memory = own.open({ shared: () => Promise.resolve(at), limits: { idle: 50 } });
  const tells = async (): Promise<number> => {
    let told = 0;
    const counting = memory.onDidChange(() => told++);
    await memory.placeChanged();
    counting.dispose();
    return told;
  };
  at = bucket(s3);
  assert.equal(await tells(), 0);
  await memory.state();
  while (memoryProcesses()?.length !== 0) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(await tells(), 0, 'it is the place where it was');
  at = undefined;
  assert.equal(await tells(), 1);
  assert.equal((await memory.state()).shared, undefined);
});
