import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { collectGarbage, forgetRuns } from '../../extension/src/node/git/index.ts';
import { contents, failsWith, live, start } from './run-files-world.ts';
import type { World } from './run-files-world.ts';

const shadowOf = (world: World): string => join(world.storage, 'shadow.git');
const gitIn = (world: World, ...args: readonly string[]): string =>
  execFileSync('git', args, { cwd: shadowOf(world), encoding: 'utf8' });

const DAMAGES: readonly (readonly [string, (world: World) => void])[] = [
  ['deleted', (world) => rmSync(shadowOf(world), { recursive: true })],
  ['without its HEAD', (world) => rmSync(join(shadowOf(world), 'HEAD'))],
  ['with a configuration that is garbage', (world) => writeFileSync(join(shadowOf(world), 'config'), '[[')],
  ['without its objects', (world) => rmSync(join(shadowOf(world), 'objects'), { recursive: true })],
  ['with empty objects', (world) => eachLooseObject(world, (file) => truncateSync(file, 0))],
];

for (const [what, damage] of DAMAGES) {
  test(`a repository ${what}: what the folders still hold is taken in again`, async (t) => {
    const world = await start(t, { 'a.txt': '1', 'b.txt': '1' });
    await world.begin();
    world.writeCopy({ 'a.txt': '2' });
    const result = await world.files.snapshot(live);
    damage(world);
    const again = await world.open({ tree: result });
    world.writeCopy({ 'b.txt': '2' });
    const later = await again.snapshot(live);
    assert.deepEqual(await again.changedPaths(world.base, later), ['a.txt', 'b.txt']);
    await again.restore(world.base, live);
    assert.deepEqual(contents(world.copy), { 'a.txt': '1', 'b.txt': '1' });
    await again.restore(later, live);
    assert.equal((await again.apply({ base: world.base, result: later }, live)).kind, 'applied');
    assert.deepEqual(contents(world.workspace), { 'a.txt': '2', 'b.txt': '2' });
  });
}

test('a step whose files are nowhere any more says so, and the run can still be begun anew', async (t) => {
  const world = await start(t, { 'a.txt': '1' });
  await world.begin();
  world.writeCopy({ 'a.txt': '2' });
  const lost = await world.files.snapshot(live);
  world.writeCopy({ 'a.txt': '3' });
  rmSync(shadowOf(world), { recursive: true });
  await assert.rejects(world.files.restore(lost, live), failsWith('tree-missing'));
  await assert.rejects(
    world.files.apply({ base: world.base, result: lost }, live),
    failsWith('tree-missing'),
  );
  assert.deepEqual(contents(world.copy), { 'a.txt': '3' }, 'the copy is left alone');
  await world.files.discard();
  await assert.rejects(world.open({ tree: lost }), failsWith('tree-missing'));
  const next = await world.open({ run: 'r-2' });
  assert.equal((await next.begin(live)).tree, world.base);
});

test('going back to any step needs no copy', async (t) => {
  const world = await start(t, { 'a.txt': '0' });
  await world.begin();
  const trees = [world.base];
  for (const digit of ['1', '2', '3']) {
    world.writeCopy({ 'a.txt': digit, [`new-${digit}.txt`]: digit });
    trees.push(await world.files.snapshot(live));
  }
  for (const [step, tree] of [...trees.entries()].reverse()) {
    await world.files.discard();
    await world.files.restore(tree, live);
    assert.equal(contents(world.copy)['a.txt'], String(step));
    assert.equal(Object.keys(contents(world.copy)).length, step + 1);
    assert.equal(await world.files.snapshot(live), tree);
  }
});

test('a run that is forgotten leaves nothing, and the others keep all of theirs', async (t) => {
  const world = await start(t, { 'a.txt': '1' });
  await world.begin();
  const child = await world.open({ run: 'r-1-2_1-retry1' });
  await child.begin(live, world.base);
  writeFileSync(join(child.folder, 'a.txt'), 'child');
  const kept = await child.snapshot(live);
  world.writeCopy({ 'a.txt': 'forgotten' });
  const gone = await world.files.snapshot(live);
  await world.apply(gone);
  await forgetRuns(world.storage, ['r-1', 'r-never-was'], live);
  assert.ok(!existsSync(world.copy) && existsSync(child.folder));
  assert.deepEqual(
    gitIn(world, 'for-each-ref', '--format=%(refname)', 'refs/strata').trim().split('\n').sort(),
    [`refs/strata/r-1-2_1-retry1/${kept}`, `refs/strata/r-1-2_1-retry1/${world.base}`].sort(),
  );
  assert.ok(!readdirSync(join(shadowOf(world), 'strata')).some((name) => name.startsWith('r-1.')));

  assert.equal(await collectGarbage(world.storage, live), true);
  assert.equal(gitIn(world, 'cat-file', '-t', gone).trim(), 'tree', 'what is young is kept');
  age(world);
  assert.equal(await collectGarbage(world.storage, live), true);
  assert.throws(() => gitIn(world, 'cat-file', '-t', gone), 'freed a day later');
  await child.discard();
  await child.restore(kept, live);
  assert.deepEqual(contents(child.folder), { 'a.txt': 'child' });
  const next = await world.open({ run: 'r-2' });
  assert.deepEqual(contents((await next.begin(live), next.folder)), { 'a.txt': 'forgotten' });
});

test('nothing is collected while anybody takes a snapshot, and a killed process holds nobody up', async (t) => {
  const world = await start(t, Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, `${i}`])));
  const begun = world.begin();
  const mark = join(shadowOf(world), 'strata');
  while (!readdirSync(mark).some((name) => name.endsWith('.writing'))) await new Promise(setImmediate);
  assert.equal(await collectGarbage(world.storage, live), false);
  await begun;
  const [dead] = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).split('\n');
  writeFileSync(join(mark, 'left.writing'), dead ?? '');
  writeFileSync(join(mark, 'collecting'), dead ?? '');
  await world.files.snapshot(live);
  for (const name of ['merge-left', 'left.passing.index']) writeFileSync(join(mark, name), '');
  assert.equal(await collectGarbage(world.storage, live), true);
  assert.ok(!readdirSync(mark).some((name) => name.includes('left')), 'what it left is swept');
});

/** Makes everything look as if it had been written two days ago. */
function age(world: World): void {
  const then = Date.now() / 1_000 - 2 * 24 * 60 * 60;
  const walk = (at: string): void => {
    for (const name of readdirSync(at)) {
      const path = join(at, name);
      if (statSync(path).isDirectory()) walk(path);
      else utimesSync(path, then, then);
    }
  };
  walk(join(shadowOf(world), 'objects'));
}

function eachLooseObject(world: World, change: (file: string) => void): void {
  const objects = join(shadowOf(world), 'objects');
  const folders = readdirSync(objects).filter((name) => name.length === 2);
  assert.ok(folders.length > 0);
  for (const folder of folders)
    for (const name of readdirSync(join(objects, folder))) change(join(objects, folder, name));
}
