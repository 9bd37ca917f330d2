import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { contents, failsWith, live, start } from './run-files-world.ts';
import type { World } from './run-files-world.ts';

const FILES = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`d${i % 20}/f${i}.txt`, 'before']));

/** Runs something again and again while a promise is open. */
async function meanwhile<T>(pending: Promise<T>, disturb: (turn: number) => void): Promise<T> {
  const state = { open: true };
  const settled = pending.finally(() => (state.open = false));
  // Whoever awaits the result hears of the failure.
  settled.catch(() => undefined);
  for (let turn = 0; state.open; turn += 1) {
    disturb(turn);
    await new Promise(setImmediate);
  }
  return settled;
}

function writing({ storage }: World): boolean {
  return readdirSync(join(storage, 'shadow.git/strata')).some((name) => name.endsWith('.writing'));
}

test('files that the user saves while a run begins are taken as they were at some moment, and none is missed later', async (t) => {
  const world = await start(t, FILES);
  const paths = Object.keys(FILES);
  const texts = ['before', 'a'.repeat(6), 'b'.repeat(70_000)];
  const turns = { count: 0 };
  await meanwhile(world.begin(), (turn) => {
    turns.count = turn;
    const path = paths[(turn * 7) % paths.length];
    if (path !== undefined) writeFileSync(join(world.workspace, path), texts[turn % 3] ?? '');
  });
  assert.ok(turns.count > 3, 'the user had several turns');
  for (const [path, text] of Object.entries(contents(world.copy)))
    assert.ok(texts.includes(text), `${path}: ${text.length} characters`);
  const next = await world.open({ run: 'r-2' });
  await next.begin(live);
  assert.deepEqual(contents(next.folder), contents(world.workspace), 'nothing of it is missed later');
});

test('a workspace that is deleted while a run begins is said to be gone, not taken for an empty one', async (t) => {
  const world = await start(t, FILES);
  let deleted = false;
  const begun = meanwhile(world.files.begin(live), () => {
    if (deleted || !writing(world)) return;
    rmSync(world.workspace, { recursive: true });
    deleted = true;
  });
  await assert.rejects(begun, failsWith('workspace-missing'));
  assert.ok(deleted);
});

test('parallel steps of one run wait for each other in its copy', async (t) => {
  const world = await start(t, { 'a.txt': '1' });
  await world.begin();
  world.writeCopy({ 'b.txt': '2' });
  const trees = await Promise.all([1, 2, 3, 4].map(() => world.files.snapshot(live)));
  assert.equal(new Set(trees).size, 1);
  assert.deepEqual(await world.files.changedPaths(world.base, trees[0] ?? ''), ['b.txt']);
});
