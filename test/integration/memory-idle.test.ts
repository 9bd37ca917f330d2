import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import type { Hit } from '../../extension/src/core/memory/index.ts';
import { embeddingServer } from '../support/embedding-server/index.ts';
import { found, limit, memoryProcesses, place } from './memory-fixture.ts';

const code = (name: string): string =>
  `export function handle${name}(request) {\n  const marker = '${name}';\n  return marker;\n}\n`;
const NEEDS_PROC = 'needs /proc to find the memory process';
/** Short beside a person's minutes, long beside a call. */
const idle = { limits: { idle: 300 } };

async function atRest(): Promise<void> {
  const signal = limit();
  while (memoryProcesses()?.length !== 0) await sleep(50, undefined, { signal });
}

test('a process with nothing to do ends, and the next call finds all as it was', async (t) => {
  if (memoryProcesses() === undefined) {
    t.skip(NEEDS_PROC);
    return;
  }
  const { open, write } = place(t);
  write({ 'a.js': code('Apple') });
  const memory = open(idle);
  await memory.index({ signal: limit() });
  await atRest();
  assert.deepEqual(await found(memory, 'apple'), ['a.js:1-4 handleApple']);
  await atRest();
  write({ 'b.js': code('Banana') });
  assert.equal((await memory.update(['b.js'], { signal: limit() })).changed, 1);
  assert.equal((await memory.state()).kept, 'here', 'it has the lease of the one before');
  await atRest();
  const [one, two] = await Promise.all([found(memory, 'apple'), found(memory, 'banana'), memory.stats()]);
  assert.deepEqual([one, two], [['a.js:1-4 handleApple'], ['b.js:1-4 handleBanana']]);
  await atRest();
  await memory.dispose();
  await assert.rejects(memory.stats(), { code: 'memory-closed' });
});

test('calls that come while it ends are answered by the next one', async (t) => {
  const { open, write } = place(t);
  write({ 'a.js': code('Apple') });
  const memory = open({ limits: { idle: 1 } });
  await memory.index({ signal: limit() });
  for (let call = 0; call < 6; call++) {
    assert.deepEqual(await found(memory, 'apple'), ['a.js:1-4 handleApple']);
    await sleep(call * 5);
  }
  assert.equal((await memory.update(['a.js'], { signal: limit() })).files, 1);
});

test('one that is paused, or waits to take over, stays', async (t) => {
  if (memoryProcesses() === undefined) {
    t.skip(NEEDS_PROC);
    return;
  }
  const { open, write } = place(t);
  write({ 'a.js': code('Apple') });
  const memory = open(idle);
  await memory.pause();
  await memory.update(['a.js'], { signal: limit() });
  const paused = memoryProcesses();
  assert.equal(paused?.length, 1);
  await sleep(1_000);
  assert.deepEqual(memoryProcesses(), paused);
  const second = open(idle);
  assert.equal((await second.state()).kept, 'elsewhere');
  const both = memoryProcesses();
  await sleep(1_000);
  assert.deepEqual(memoryProcesses(), both);
  await second.dispose();
  await memory.resume();
  await atRest();
  assert.deepEqual(await found(memory, 'apple'), ['a.js:1-4 handleApple']);
});

test('vectors are made to the end first, and the next process knows the embedder', async (t) => {
  if (memoryProcesses() === undefined) {
    t.skip(NEEDS_PROC);
    return;
  }
  const { open, write } = place(t);
  const server = await embeddingServer(t);
  write({ 'a.ts': 'export function purge(rows) {\n  rows.clear();\n}\n' });
  let refused = true;
  server.fault = () => (refused ? { status: 503, headers: { 'retry-after-ms': '500' } } : undefined);
  const memory = open(idle);
  await memory.useEmbedder({ provider: 'ollama', model: 'm', baseUrl: server.origin });
  await memory.index({ signal: limit() });
  await server.arrived(2);
  refused = false;
  await atRest();
  // A search waits for the vector of its query for a moment only.
  const signal = limit();
  let hit: Hit | undefined;
  while (hit === undefined) {
    signal.throwIfAborted();
    [hit] = await memory.search('erase them', { limit: 1, signal });
  }
  assert.deepEqual([hit.symbol, hit.why?.similarity === undefined], ['purge', false]);
});
