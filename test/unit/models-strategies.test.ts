import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createHealth,
  ModelError,
  type Health,
  type Strategy,
} from '../../extension/src/core/models/index.ts';
import { orderDeployments } from '../../extension/src/core/models/strategies.ts';
import type { Route, RouteDeployment } from '../../extension/src/core/models/route.ts';

const PICKS = 10_000;

/** Numbers in [0, 1), always the same ones: the mulberry32 generator. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface World {
  readonly health: Health;
  now: number;
  pick(): Promise<string>;
  order(tokens?: number): Promise<readonly string[]>;
}

/** A route with the deployments `a`, `b`, … of these weights or windows, and a clock that stands. */
function worldOf(
  strategy: Strategy,
  entries: Readonly<Record<string, { weight?: number; contextWindow?: number; usd?: number }>>,
): World {
  const random = seeded(42);
  const health = createHealth(() => world.now);
  const deployments = Object.entries(entries).map(([id, { weight = 1, contextWindow }]): RouteDeployment => ({
    deployment: { id, provider: 'openai', model: id },
    weight,
    contextWindow,
  }));
  const route: Route = { name: 'code', strategy, deployments };
  const ordering = (tokens = 1) =>
    orderDeployments(
      route,
      { tokens },
      {
        health,
        random,
        now: () => world.now,
        priceOf: ({ deployment }) => Promise.resolve(entries[deployment.id]?.usd),
      },
    );
  const world: World = {
    health,
    now: 1_000_000,
    order: async (tokens) => (await ordering(tokens)).candidates.map(({ entry }) => entry.deployment.id),
    pick: async () => (await ordering()).candidates[0]?.entry.deployment.id ?? 'none',
  };
  return world;
}

async function shares(
  world: World,
  afterPick: (id: string) => void = () => undefined,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let n = 0; n < PICKS; n++) {
    const id = await world.pick();
    counts[id] = (counts[id] ?? 0) + 1;
    afterPick(id);
  }
  return counts;
}

const refuse = (world: World, id: string, ms: number): void =>
  world.health.began(id).failed(new ModelError('rate-limit', 'slow', '', { status: 429 }), ms);

test('ordered: the first one, 10,000 times', async () => {
  assert.deepEqual(await shares(worldOf('ordered', { a: {}, b: {}, c: {} })), { a: PICKS });
});

test('ordered: the next one exactly as long as the first cools down', async () => {
  const world = worldOf('ordered', { a: {}, b: {} });
  refuse(world, 'a', 3_000);
  const picks: Record<string, number> = {};
  for (let n = 0; n < PICKS; n++) {
    const id = await world.pick();
    picks[id] = (picks[id] ?? 0) + 1;
    world.now += 1;
  }
  assert.deepEqual(picks, { b: 3_000, a: 7_000 });
});

test('weighted: shares of 10,000 picks within 1.5 % of the weights', async () => {
  const picks = await shares(worldOf('weighted', { a: { weight: 6 }, b: { weight: 3 }, c: { weight: 1 } }));
  for (const [id, expected] of [
    ['a', 0.6],
    ['b', 0.3],
    ['c', 0.1],
  ] as const)
    assert.ok(Math.abs((picks[id] ?? 0) / PICKS - expected) < 0.015, `${id}: ${picks[id]}`);
});

test('weighted: one that cools down leaves its share to the others in proportion', async () => {
  const world = worldOf('weighted', { a: { weight: 6 }, b: { weight: 3 }, c: { weight: 1 } });
  refuse(world, 'a', 60_000);
  const picks = await shares(world);
  assert.equal(picks['a'], undefined);
  assert.ok(Math.abs((picks['b'] ?? 0) / PICKS - 0.75) < 0.015, JSON.stringify(picks));
});

test('least-busy: calls that stay open spread evenly, and one that is held up gets no more', async () => {
  const world = worldOf('least-busy', { a: {}, b: {}, c: {}, d: {} });
  const held = await shares(world, (id) => void world.health.began(id));
  assert.deepEqual(held, { a: 2500, b: 2500, c: 2500, d: 2500 });
  const slow = worldOf('least-busy', { a: {}, b: {} });
  slow.health.began('a');
  assert.deepEqual(await shares(slow), { b: PICKS });
});

test('lowest-latency: each is measured once, then the fastest, until it is slow', async () => {
  const world = worldOf('lowest-latency', { a: {}, b: {}, c: {} });
  const takes: Record<string, number> = { a: 300, b: 100, c: 200 };
  const answer = (id: string): void => world.health.began(id).answered(takes[id]);
  const picks = await shares(world, answer);
  assert.deepEqual(picks, { a: 1, b: PICKS - 2, c: 1 });
  takes['b'] = 5_000;
  const later = await shares(world, answer);
  assert.ok((later['b'] ?? 0) <= 2, JSON.stringify(later));
  assert.equal((later['c'] ?? 0) + (later['b'] ?? 0), PICKS);
});

test('lowest-latency: what was measured long ago is measured again', async () => {
  const world = worldOf('lowest-latency', { a: {}, b: {} });
  world.health.began('a').answered(300);
  world.health.began('b').answered(100);
  assert.equal(await world.pick(), 'b');
  world.now += 5 * 60_000;
  assert.equal(await world.pick(), 'a');
});

test('lowest-cost: the cheapest, those without a price last', async () => {
  const world = worldOf('lowest-cost', { a: {}, b: { usd: 0.02 }, c: { usd: 0.01 }, d: { usd: 0 } });
  assert.deepEqual(await shares(world), { d: PICKS });
  assert.deepEqual(await world.order(), ['d', 'c', 'b', 'a']);
});

test('a deployment whose window is too small is never asked, and of the cooling ones the first to be back comes first', async () => {
  const world = worldOf('ordered', { a: { contextWindow: 1_000 }, b: {}, c: {}, d: {} });
  refuse(world, 'b', 60_000);
  refuse(world, 'c', 30_000);
  assert.deepEqual(await world.order(1_001), ['d', 'c', 'b']);
  assert.deepEqual(await world.order(1_000), ['a', 'd', 'c', 'b']);
});
