import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Applied } from '../../extension/src/node/git/index.ts';
import { contents, isRoot, live, start } from './run-files-world.ts';

/** What was done, without the trees of the undo. */
const said = (applied: Applied): object =>
  Object.fromEntries(Object.entries(applied).filter(([key]) => key !== 'undo'));

test('apply writes, adds and deletes, and does nothing the second time', async (t) => {
  const world = await start(t, { 'a.txt': '1', 'dir/gone.txt': '1', 'same.txt': '1', 'run.sh': '1' });
  chmodSync(join(world.workspace, 'a.txt'), 0o600);
  await world.begin();
  world.writeCopy({ 'a.txt': '2', 'new/deep.txt': '1' });
  rmSync(join(world.copy, 'dir'), { recursive: true });
  chmodSync(join(world.copy, 'run.sh'), 0o755);
  symlinkSync('a.txt', join(world.copy, 'link'));
  const result = await world.files.snapshot(live);
  const applied = await world.apply(result);
  assert.deepEqual(said(applied), {
    kind: 'applied',
    written: ['a.txt', 'link', 'new/deep.txt', 'run.sh'],
    deleted: ['dir/gone.txt'],
    unchanged: [],
    merged: [],
    decided: [],
  });
  assert.deepEqual(contents(world.workspace), contents(world.copy));
  assert.ok(!existsSync(join(world.workspace, 'dir')));
  assert.equal(lstatSync(join(world.workspace, 'a.txt')).mode & 0o777, 0o600, 'permissions stay');
  assert.equal(lstatSync(join(world.workspace, 'run.sh')).mode & 0o111, 0o111);
  const again = await world.apply(result);
  assert.equal(again.kind === 'applied' && again.unchanged.length, 5);
  assert.equal(again.kind === 'applied' && again.written.length + again.deleted.length, 0);
});

test('apply finishes what a crash had left half done', async (t) => {
  const world = await start(t, { 'a.txt': '1', 'b.txt': '1' });
  await world.begin();
  world.writeCopy({ 'a.txt': '2', 'b.txt': '2' });
  const result = await world.files.snapshot(live);
  world.write({ 'a.txt': '2', '.strata-apply-killed/b.txt': '2' });
  assert.deepEqual(said(await world.apply(result)), {
    kind: 'applied',
    written: ['b.txt'],
    deleted: [],
    unchanged: ['a.txt'],
    merged: [],
    decided: [],
  });
  assert.deepEqual(contents(world.workspace), { 'a.txt': '2', 'b.txt': '2' });
});

const CONFLICTS: readonly (readonly [string, (at: (path: string) => string) => void, readonly string[]])[] = [
  ['a file that the user changed too', (at) => writeFileSync(at('a.txt'), 'mine'), ['a.txt']],
  ['a file that the user deleted', (at) => unlinkSync(at('a.txt')), ['a.txt']],
  [
    'a file that the user added under the same name',
    (at) => writeFileSync(at('new.txt'), 'mine'),
    ['new.txt'],
  ],
  ['a file to delete that the user changed', (at) => writeFileSync(at('gone.txt'), 'mine'), ['gone.txt']],
  [
    'a folder where a file shall be',
    (at) => mkdirSync(at('new.txt/sub'), { recursive: true }) && writeFileSync(at('new.txt/sub/x'), ''),
    ['new.txt'],
  ],
  ['a file where a folder shall be', (at) => writeFileSync(at('sub'), 'mine'), ['sub/deep.txt']],
  ['a symlink where a folder shall be', (at) => symlinkSync(tmpdir(), at('sub')), ['sub/deep.txt']],
  [
    'a symlink where a file was',
    (at) => {
      unlinkSync(at('a.txt'));
      symlinkSync('gone.txt', at('a.txt'));
    },
    ['a.txt'],
  ],
  [
    'several at once',
    (at) => ['a.txt', 'gone.txt'].forEach((path) => writeFileSync(at(path), 'mine')),
    ['a.txt', 'gone.txt'],
  ],
];

for (const [what, disturb, paths] of CONFLICTS) {
  test(`apply is all or nothing: ${what}`, async (t) => {
    const world = await start(t, { 'a.txt': '1', 'gone.txt': '1', 'other.txt': '1' });
    await world.begin();
    world.writeCopy({ 'a.txt': '2', 'other.txt': '2', 'new.txt': '1', 'sub/deep.txt': '1' });
    unlinkSync(join(world.copy, 'gone.txt'));
    const result = await world.files.snapshot(live);
    disturb((path) => join(world.workspace, path));
    const before = contents(world.workspace);
    const applied = await world.apply(result);
    assert.deepEqual(applied.kind === 'conflict' && applied.conflicts.map(({ path }) => path), paths);
    assert.deepEqual(contents(world.workspace), before);
  });
}

test('apply turns files into folders, folders into files, and links into both', async (t) => {
  const world = await start(t, { file: '1', 'folder/x.txt': '1', 'folder/deep/y.txt': '1' });
  symlinkSync('folder', join(world.workspace, 'link'));
  await world.begin();
  for (const path of ['file', 'folder', 'link']) rmSync(join(world.copy, path), { recursive: true });
  world.writeCopy({ 'file/z.txt': '2', folder: '2', 'link/w.txt': '2' });
  const applied = await world.apply(await world.files.snapshot(live));
  assert.equal(applied.kind, 'applied', JSON.stringify(applied));
  assert.deepEqual(contents(world.workspace), { 'file/z.txt': '2', folder: '2', 'link/w.txt': '2' });
});

test('apply does not sweep away ignored files with a folder', async (t) => {
  const world = await start(t, { 'folder/x.txt': '1', '.gitignore': '*.log\n', 'folder/mine.log': 'mine' });
  await world.begin();
  rmSync(join(world.copy, 'folder'), { recursive: true });
  world.writeCopy({ folder: 'a file' });
  const applied = await world.apply(await world.files.snapshot(live));
  assert.deepEqual(applied.kind === 'conflict' && applied.conflicts.map(({ path }) => path), ['folder']);
  assert.equal(contents(world.workspace)['folder/x.txt'], '1');
});

test('apply changes the case of a name', async (t) => {
  const world = await start(t, { 'Readme.md': '1', 'src/Foo.js': '1' });
  await world.begin();
  renameSync(join(world.copy, 'Readme.md'), join(world.copy, 'README.md'));
  renameSync(join(world.copy, 'src'), join(world.copy, 'SRC'));
  const applied = await world.apply(await world.files.snapshot(live));
  assert.equal(applied.kind, 'applied');
  assert.deepEqual(contents(world.workspace), { 'README.md': '1', 'SRC/Foo.js': '1' });
});

test('apply keeps the owner of the folder when root applies', async (t) => {
  if (!isRoot) {
    t.skip('needs root: otherwise there is one owner');
    return;
  }
  const world = await start(t, { 'a.txt': '1' });
  execFileSync('chown', ['-R', '1234:1234', world.workspace]);
  await world.begin();
  world.writeCopy({ 'a.txt': '2', 'new/b.txt': '2' });
  await world.apply(await world.files.snapshot(live));
  for (const path of ['a.txt', 'new', 'new/b.txt'])
    assert.equal(lstatSync(join(world.workspace, path)).uid, 1234);
});
