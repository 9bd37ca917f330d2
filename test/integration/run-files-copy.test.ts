import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { contents, failsWith, gitIn, isRoot, live, start, without } from './run-files-world.ts';

test('in the copy, the user inside the containers may write', async (t) => {
  if (!isRoot) {
    t.skip('needs root: otherwise the files belong to the user already');
    return;
  }
  const world = await start(t, { 'a/b.txt': '1' });
  await world.begin();
  for (const path of ['.', 'a', 'a/b.txt']) assert.equal(lstatSync(join(world.copy, path)).uid, 1000);
  world.writeCopy({ 'a/b.txt': '2' });
  await world.files.restore(world.base, live);
  assert.equal(lstatSync(join(world.copy, 'a/b.txt')).uid, 1000);
});

test('snapshots name what changed, and restore puts it back', async (t) => {
  const world = await start(t, { 'a.txt': '1', 'dir/b.txt': '1', 'c.txt': '1', '.gitignore': 'cache/\n' });
  await world.begin();
  const before = contents(world.copy);
  world.writeCopy({ 'a.txt': '2', 'new/deep/d.txt': '1', 'cache/x': 'kept' });
  rmSync(join(world.copy, 'dir'), { recursive: true });
  world.writeCopy({ dir: 'a file now' });
  rmSync(join(world.copy, 'c.txt'));
  world.writeCopy({ 'c.txt/e.txt': 'a folder now' });
  const after = await world.files.snapshot(live);
  const changed = ['a.txt', 'c.txt', 'c.txt/e.txt', 'dir', 'dir/b.txt', 'new/deep/d.txt'];
  assert.deepEqual(await world.files.changedPaths(world.base, after), changed);
  assert.match(await world.files.diff(world.base, after), /^-1\n\\ No newline at end of file\n\+2$/m);
  const there = contents(world.copy);
  await world.files.restore(world.base, live);
  assert.deepEqual(contents(world.copy), { ...before, 'cache/x': 'kept' });
  assert.ok(!existsSync(join(world.copy, 'new')), 'folders that became empty are gone');
  await world.files.restore(after, live);
  assert.deepEqual(contents(world.copy), there);
  assert.equal(await world.files.snapshot(live), after);
});

test('a change of the same size in the same moment is seen', async (t) => {
  const world = await start(t, { 'a.txt': '0' });
  await world.begin();
  let last = world.base;
  for (const digit of '123456789') {
    world.writeCopy({ 'a.txt': digit });
    const tree = await world.files.snapshot(live);
    assert.notEqual(tree, last);
    last = tree;
  }
});

test('what a tool plants in the copy is data: nothing of it is run or followed', async (t) => {
  const world = await start(t, { 'dir/a.txt': '1', 'b.txt': '1' });
  await world.begin();
  const outside = mkdtempSync(join(world.root, 'outside-'));
  writeFileSync(join(outside, 'a.txt'), 'precious');
  const proof = join(world.root, 'executed');
  const evil = `[core]\n\tfsmonitor = "touch ${proof}; false"\n\thooksPath = ${outside}\n[filter "x"]\n\tclean = touch ${proof}\n`;
  for (const at of ['', 'planted/', 'dir/']) {
    world.writeCopy({
      [`${at}.git/config`]: evil,
      [`${at}.git/HEAD`]: 'ref: refs/heads/main\n',
      [`${at}.git/objects/x`]: '',
      [`${at}.git/refs/x`]: '',
      [`${at}.gitattributes`]: '* filter=x\n',
    });
    for (const hook of ['post-checkout', 'pre-commit', 'post-index-change', 'reference-transaction']) {
      world.writeCopy({ [`${at}.git/hooks/${hook}`]: `#!/bin/sh\ntouch ${proof}\n` });
      chmodSync(join(world.copy, `${at}.git/hooks/${hook}`), 0o755);
    }
  }
  world.writeCopy({ 'planted/c.txt': '1' });
  rmSync(join(world.copy, 'dir'), { recursive: true });
  symlinkSync(outside, join(world.copy, 'dir'));
  symlinkSync('/etc/passwd', join(world.copy, '.gitmodules'));
  const after = await world.files.snapshot(live);
  const changed = await world.files.changedPaths(world.base, after);
  assert.deepEqual(
    changed.filter((path) => path !== '.gitmodules'),
    ['.gitattributes', 'dir', 'dir/a.txt', 'planted/.gitattributes', 'planted/c.txt'],
  );
  await world.files.restore(world.base, live);
  assert.ok(!existsSync(proof), 'nothing was executed');
  assert.equal(readFileSync(join(outside, 'a.txt'), 'utf8'), 'precious');
  assert.ok(lstatSync(join(world.copy, 'dir')).isDirectory());
  assert.deepEqual(
    without(contents(world.copy), ...Object.keys(contents(world.copy)).filter((p) => p.startsWith('.git/'))),
    {
      'b.txt': '1',
      'dir/a.txt': '1',
    },
  );
});

test('a pipe in the copy is no file and stops nothing', async (t) => {
  if (process.platform === 'win32') {
    t.skip('needs named pipes');
    return;
  }
  const world = await start(t, { 'a.txt': '1' });
  await world.begin();
  unlinkSync(join(world.copy, 'a.txt'));
  execFileSync('mkfifo', [join(world.copy, 'a.txt'), join(world.copy, 'pipe')]);
  assert.deepEqual(await world.changed(), ['a.txt']);
  await world.files.restore(world.base, live);
  assert.equal(readFileSync(join(world.copy, 'a.txt'), 'utf8'), '1');
});

test('a run that is opened again finds its copy, and gets it anew when it is gone', async (t) => {
  const world = await start(t, { 'a.txt': '1' });
  await world.begin();
  world.writeCopy({ 'a.txt': '2' });
  const tree = await world.files.snapshot(live);
  writeFileSync(join(world.storage, 'shadow.git/strata/r-1.index.lock'), 'left by a killed git');
  const again = await world.open();
  assert.equal(await again.snapshot(live), tree);
  await again.discard();
  assert.ok(!existsSync(world.copy));
  await assert.rejects(again.snapshot(live), failsWith('copy-missing'));
  const anew = await world.open({ tree });
  assert.equal(readFileSync(join(anew.folder, 'a.txt'), 'utf8'), '2');
  await anew.discard();
  await anew.restore(world.base, live);
  assert.equal(readFileSync(join(anew.folder, 'a.txt'), 'utf8'), '1');
});

test('begin may be done again after a crash in the middle of it', async (t) => {
  const world = await start(t, { 'a.txt': '1' });
  mkdirSync(world.copy, { recursive: true });
  world.writeCopy({ 'half.txt': 'left over' });
  writeFileSync(join(world.storage, 'shadow.git/strata/workspace.index'), 'damaged');
  writeFileSync(join(world.storage, 'shadow.git/strata/r-1.begin.index.lock'), '');
  await world.begin();
  assert.deepEqual(contents(world.copy), { 'a.txt': '1' });
});

test('two runs at once have a copy each', async (t) => {
  const world = await start(t, { 'a.txt': '1', 'b.txt': '1' });
  const others = await Promise.all(['r-2', 'r-3', 'r-4'].map((run) => world.open({ run })));
  const trees = await Promise.all(others.map((files) => files.begin(live)));
  assert.equal(new Set(trees.map(({ tree }) => tree)).size, 1);
  writeFileSync(join(others[0]?.folder ?? '', 'a.txt'), '2');
  assert.deepEqual(contents(others[1]?.folder ?? ''), { 'a.txt': '1', 'b.txt': '1' });
});

test('snapshots survive a collection of garbage', async (t) => {
  const world = await start(t, { 'a.txt': '1' });
  await world.begin();
  world.writeCopy({ 'a.txt': '2' });
  const after = await world.files.snapshot(live);
  await world.files.discard();
  gitIn(join(world.storage, 'shadow.git'), 'gc', '--quiet', '--prune=now');
  await world.apply(after);
  assert.equal(readFileSync(join(world.workspace, 'a.txt'), 'utf8'), '2');
});

test('storage inside the workspace is no part of it', async (t) => {
  const world = await start(t, { 'a.txt': '1' });
  const storageDir = join(world.workspace, '.strata/storage');
  const inside = await world.open({ storageDir });
  assert.equal((await inside.begin(live)).files, 1);
  assert.equal((await inside.begin(live)).files, 1);
});

test('in place: snapshots are taken, restore is left to a person, and nothing is applied or discarded', async (t) => {
  const world = await start(t, { 'a.txt': '1', '.gitignore': 'x\n', x: 'no' });
  const files = await world.open({ isolation: 'workspace' });
  const { tree } = await files.begin(live);
  assert.equal(files.folder, world.workspace);
  world.write({ 'a.txt': '2' });
  const after = await files.snapshot(live);
  assert.deepEqual(await files.changedPaths(tree, after), ['a.txt']);
  await assert.rejects(files.restore(tree, live), failsWith('restore-in-place'));
  assert.deepEqual(await files.apply({ base: tree, result: after }, live), {
    kind: 'applied',
    written: [],
    deleted: [],
    unchanged: [],
    merged: [],
    decided: [],
    undo: undefined,
  });
  await files.discard();
  assert.equal(contents(world.workspace)['a.txt'], '2');
});
