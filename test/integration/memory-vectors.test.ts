import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { Emitter } from '../../extension/src/base/event.ts';
import type { EmbedderConfig } from '../../extension/src/core/memory/embedding/index.ts';
import { openEmbedder } from '../../extension/src/node/embedders/index.ts';
import { loadNative } from '../../extension/src/node/lancedb/load.ts';
import { localVectors, openVectorTables } from '../../extension/src/node/lancedb/vectors/vector-tables.ts';
import { openVectors, type Vectors } from '../../extension/src/node/lancedb/vectors/vectors.ts';
import { embeddingServer, type EmbeddingServer } from '../support/embedding-server/index.ts';

const TEXTS = {
  price: 'applyDiscount(order) { return order.total * 0.9 }',
  auth: 'function login(name, password) { return session(name) }',
  wait: 'retry(task, backoff) { setTimeout(task, backoff) }',
  clean: 'function purge(rows) { rows.clear() }',
};

interface World {
  readonly server: EmbeddingServer;
  readonly contents: Map<string, string>;
  readonly tables: () => string[];
  /** Opens the leg of one process; it runs at once. */
  open(): Vectors;
  /** The contents changed: told as the index tells it. */
  changed(): void;
  use(leg: Vectors, more?: Partial<EmbedderConfig>): Promise<void>;
  /** Waits until the state is as wanted; the leg tells each change. */
  until(leg: Vectors, wanted: (state: NonNullable<ReturnType<Vectors['state']>>) => boolean): Promise<void>;
}

async function world(t: TestContext): Promise<World> {
  const storage = mkdtempSync(path.join(tmpdir(), 'strata-vectors-'));
  const server = await embeddingServer(t);
  server.dimension = 256;
  const native = await loadNative();
  const contents = new Map<string, string>(Object.entries(TEXTS));
  const contentsChanged = new Emitter<void>();
  const stateChanged = new Emitter<void>();
  const legs: Vectors[] = [];
  t.after(async () => {
    await Promise.all(legs.map((leg) => leg.close()));
    rmSync(storage, { recursive: true, force: true });
  });
  return {
    server,
    contents,
    tables: () => readdirSync(path.join(storage, 'vectors')).filter((name) => name.startsWith('vectors-')),
    open() {
      const leg = openVectors({
        tables: openVectorTables(native, localVectors(storage, 5_000)),
        source: {
          liveContents: () => new Set(contents.keys()),
          textsOf: (wanted) =>
            Promise.resolve(new Map(wanted.map((content) => [content, contents.get(content) ?? '']))),
          onDidChange: contentsChanged.event,
        },
        changed: () => stateChanged.fire(),
        now: Date.now,
        // No pause after a failure that nobody asked for.
        random: () => 0,
        queryWaitMs: 400,
      });
      leg.run(true);
      legs.push(leg);
      return leg;
    },
    changed: () => contentsChanged.fire(),
    async use(leg, more = {}) {
      const base = { provider: 'openai', model: 'test-model', baseUrl: `${server.origin}/v1` } as const;
      leg.use(await openEmbedder({ ...base, ...more }));
    },
    until: (leg, wanted) =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(() => {
          watching.dispose();
          reject(new Error(`It stayed at ${JSON.stringify(leg.state())}`));
        }, 20_000);
        const check = (): void => {
          const state = leg.state();
          if (state === undefined || !wanted(state)) return;
          clearTimeout(limit);
          watching.dispose();
          resolve();
        };
        const watching = stateChanged.event(check);
        check();
      }),
  };
}

const complete = ({ embedded, total }: { embedded: number; total: number }): boolean => embedded === total;

async function nearest(leg: Vectors, query: string): Promise<string> {
  const found = await leg.nearest(query, 2, AbortSignal.timeout(20_000));
  return found
    .filter(({ similarity }) => similarity > 0.2)
    .map(({ content }) => content)
    .join(' ');
}

test('what is said in other words is found, each content is embedded once, and again after a start', async (t) => {
  const w = await world(t);
  const leg = w.open();
  assert.equal(leg.state(), undefined);
  assert.equal(await nearest(leg, 'rebate'), '');
  await w.use(leg);
  await w.until(leg, complete);
  assert.deepEqual(leg.state(), { id: 'openai/test-model', dimension: 256, embedded: 4, total: 4 });
  assert.equal(await nearest(leg, 'a rebate for shoppers'), 'price');
  assert.equal(await nearest(leg, 'authenticate with a credential'), 'auth');
  assert.equal(await nearest(leg, 'erase'), 'clean');

  w.contents.set('more', 'function dropSocket(connection) { connection.end() }');
  w.contents.delete('wait');
  w.changed();
  await w.until(leg, complete);
  assert.equal(await nearest(leg, 'network'), 'more');
  await leg.collect(new Set(w.contents.keys()));
  assert.equal(await nearest(leg, 'attempt it again'), '');
  await leg.close();

  const documents = w.server.texts().length;
  const again = w.open();
  await w.use(again);
  await w.until(again, complete);
  assert.equal(await nearest(again, 'rebate'), 'price');
  assert.deepEqual(w.server.texts().slice(documents), ['rebate']);
});

test('the same query is asked once', async (t) => {
  const w = await world(t);
  const leg = w.open();
  await w.use(leg);
  await w.until(leg, complete);
  const before = w.server.asked.length;
  for (let time = 0; time < 3; time++) await nearest(leg, 'rebate');
  assert.equal(w.server.asked.length, before + 1);
});

test('another embedder: the old vectors serve until the new ones are complete, and are then gone', async (t) => {
  const w = await world(t);
  const leg = w.open();
  await w.use(leg);
  await w.until(leg, complete);
  const [old] = w.tables();
  w.server.fault = ({ model }) => (model === 'larger' ? { status: 503 } : undefined);
  await w.use(leg, { model: 'larger', dimensions: 32 });
  await w.until(leg, ({ problem }) => problem !== undefined);
  assert.deepEqual(leg.state(), {
    id: 'openai/larger',
    embedded: 0,
    total: 4,
    problem: {
      message: 'The embedder’s server answered with an error (503): refused',
      action: 'Nothing to do: it is tried again by itself. Keyword search works meanwhile.',
    },
  });
  assert.equal(await nearest(leg, 'cheaper'), 'price');
  w.server.fault = undefined;
  w.server.dimension = 32;
  await w.until(leg, complete);
  await w.until(leg, () => w.tables().length === 1);
  assert.equal(leg.state()?.dimension, 32);
  assert.notEqual(w.tables()[0], old);
  assert.equal(await nearest(leg, 'bargain'), 'price');
});

test('a server that takes less at once is asked for less', async (t) => {
  const w = await world(t);
  for (let n = 0; n < 40; n++) w.contents.set(`n${String(n)}`, `value number ${String(n)}`);
  w.server.fault = ({ input }) =>
    input.length > 8
      ? { status: 422, body: { error: `batch size ${String(input.length)} > maximum allowed batch size 8` } }
      : undefined;
  const leg = w.open();
  await w.use(leg);
  await w.until(leg, complete);
  assert.equal(leg.state()?.embedded, 44);
  assert.equal(leg.state()?.problem, undefined);
  const sizes = w.server.asked.map(({ input }) => input.length);
  assert.deepEqual([...new Set(sizes)], [44, 22, 11, 6, 5]);
});

test('a text that no server takes holds up no other', async (t) => {
  const w = await world(t);
  const leg = w.open();
  await w.use(leg);
  await w.until(leg, complete);
  w.server.fault = ({ input }) =>
    input.some((text) => text.includes('poison'))
      ? { alter: (all) => all.map((one) => one.map(() => null)) }
      : undefined;
  w.contents.set('bad', `poison ${'x'.repeat(400)}`);
  w.contents.set('good', 'a calendar of weekdays');
  w.changed();
  await w.until(leg, ({ embedded }) => embedded === 5);
  assert.deepEqual(leg.state(), { id: 'openai/test-model', dimension: 256, embedded: 5, total: 5 });
  assert.equal(await nearest(leg, 'months'), 'good');
});

test('an embedder that breaks: search goes on without it, says why, and comes back by itself', async (t) => {
  const w = await world(t);
  const leg = w.open();
  await w.use(leg);
  await w.until(leg, complete);
  const problem = async (query: string): Promise<string | undefined> => {
    assert.equal(await nearest(leg, query), '');
    return leg.state()?.problem?.message;
  };
  w.server.fault = () => ({ status: 429, body: { error: { message: 'slow down' } } });
  assert.equal(await problem('rebate 1'), 'The embedder’s rate limit is reached (429): slow down');
  w.server.fault = () => ({ alter: (all) => all.map((one) => one.slice(1)) });
  assert.equal(
    await problem('rebate 2'),
    'The embedder answered with a vector of 255 numbers in place of 256.',
  );
  w.server.fault = () => 'silence';
  assert.equal(
    await problem('rebate 3'),
    'The embedder is too slow to take part in a search; results are by keyword.',
  );
  w.server.fault = undefined;
  assert.equal(await nearest(leg, 'rebate 4'), 'price');
  assert.equal(leg.state()?.problem, undefined);
});

test('what fails for a while is tried again, and what was paid for is kept', async (t) => {
  const w = await world(t);
  w.server.fault = (_, number) => {
    if (number === 1) return { status: 429, headers: { 'retry-after-ms': '20' } };
    if (number === 2) return 'hang-up';
    return undefined;
  };
  const leg = w.open();
  await w.use(leg);
  await w.until(leg, complete);
  assert.equal(w.server.asked.length, 3);
  assert.equal(leg.state()?.problem, undefined);
});

test('paused, nothing is embedded', async (t) => {
  const w = await world(t);
  const leg = w.open();
  leg.run(false);
  await w.use(leg);
  w.changed();
  assert.equal(await nearest(leg, 'rebate'), '');
  assert.deepEqual(w.server.texts(), []);
  leg.run(true);
  await w.until(leg, complete);
  assert.equal(await nearest(leg, 'rebate'), 'price');
});

test('a second process reads what the first one writes', async (t) => {
  const w = await world(t);
  const [writer, reader] = [w.open(), w.open()];
  reader.run(false);
  await w.use(reader);
  assert.equal(await nearest(reader, 'rebate'), '');
  await w.use(writer);
  await w.until(writer, complete);
  assert.equal(await nearest(reader, 'rebate'), 'price');
  w.contents.set('more', 'socket');
  w.changed();
  await w.until(writer, ({ embedded }) => embedded === 5);
  assert.equal(await nearest(reader, 'network'), 'more');
});
