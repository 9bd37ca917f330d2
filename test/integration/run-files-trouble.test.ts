import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { contents, failsWith, live, mountSmallDisk, start } from './run-files-world.ts';

test('an aborted call ends with the reason and can be done again', async (t) => {
  const world = await start(t, { 'a.txt': '1' });
  await assert.rejects(
    world.files.begin(AbortSignal.abort(new Error('stopped by a person'))),
    /stopped by a person/,
  );
  const late = new AbortController();
  const begun = world.files.begin(late.signal);
  setImmediate(() => late.abort(new Error('stopped in the middle')));
  await assert.rejects(begun, /stopped in the middle/);
  await world.begin();
  assert.deepEqual(contents(world.copy), { 'a.txt': '1' });
});

test('no git on the PATH', async (t) => {
  const world = await start(t, { 'a.txt': '1' });
  const path = process.env['PATH'];
  t.after(() => (process.env['PATH'] = path));
  process.env['PATH'] = join(world.root, 'nothing-here');
  await assert.rejects(world.files.begin(live), failsWith('git-missing'));
  await assert.rejects(world.open({ storageDir: join(world.root, 'other') }), failsWith('git-missing'));
});

test('variables of a git around us are of no effect', async (t) => {
  const world = await start(t, { 'a.txt': '1' });
  const variables = {
    GIT_DIR: '/nowhere',
    GIT_INDEX_FILE: '/nowhere',
    GIT_WORK_TREE: '/',
    GIT_OBJECT_DIRECTORY: '/nowhere',
  };
  const before = { ...process.env };
  t.after(() => {
    process.env = before;
  });
  Object.assign(process.env, variables);
  assert.equal((await world.begin()).files, 1);
});

test('a workspace that vanished, or never was a folder', async (t) => {
  const world = await start(t, { 'a.txt': '1' });
  await world.begin();
  world.writeCopy({ 'a.txt': '2' });
  const result = await world.files.snapshot(live);
  renameSync(world.workspace, `${world.workspace}-moved`);
  await assert.rejects(world.files.begin(live), failsWith('workspace-missing'));
  await assert.rejects(world.files.apply({ base: world.base, result }, live), failsWith('workspace-missing'));
  await assert.rejects(world.open(), failsWith('workspace-missing'));
  await assert.rejects(
    world.open({ workspace: join(`${world.workspace}-moved`, 'a.txt') }),
    failsWith('workspace-missing'),
  );
});

test('storage that is a file', async (t) => {
  const world = await start(t, { 'a.txt': '1' });
  await assert.rejects(
    world.open({ storageDir: join(world.workspace, 'a.txt') }),
    failsWith('storage-unwritable'),
  );
});

test('a full disk, first in the storage, then in the workspace', async (t) => {
  const world = await start(t, { 'a.txt': '1', 'random.bin': '' });
  const disk = mountSmallDisk(world);
  if (typeof disk !== 'string') {
    t.skip(disk.reason);
    return;
  }
  const noise = execFileSync('head', ['-c', '900000', '/dev/urandom']);
  writeFileSync(join(world.workspace, 'random.bin'), noise);
  const cramped = await world.open({ storageDir: join(disk, 'storage') });
  await assert.rejects(cramped.begin(live), failsWith('disk-full'));
  rmSync(join(disk, 'storage'), { recursive: true });

  const workspace = join(disk, 'workspace');
  mkdirSync(workspace);
  writeFileSync(join(workspace, 'a.txt'), '1');
  const files = await world.open({ workspace, run: 'r-2' });
  const { tree: base } = await files.begin(live);
  writeFileSync(join(files.folder, 'a.txt'), '2');
  writeFileSync(join(files.folder, 'noise.bin'), noise);
  const result = await files.snapshot(live);
  await assert.rejects(files.apply({ base, result }, live), failsWith('disk-full'));
  assert.deepEqual(contents(workspace), { 'a.txt': '1' }, 'nothing was written');
});

test('a workspace and a storage on a read-only disk', async (t) => {
  const world = await start(t, {});
  const disk = mountSmallDisk(world);
  if (typeof disk !== 'string') {
    t.skip(disk.reason);
    return;
  }
  writeFileSync(join(disk, 'a.txt'), '1');
  const files = await world.open({ workspace: disk, run: 'r-2' });
  execFileSync('mount', ['-o', 'remount,ro', disk]);
  const { tree: base } = await files.begin(live);
  writeFileSync(join(files.folder, 'a.txt'), '2');
  const result = await files.snapshot(live);
  await assert.rejects(files.apply({ base, result }, live), failsWith('workspace-unwritable'));
  await assert.rejects(world.open({ storageDir: join(disk, 'storage') }), failsWith('storage-unwritable'));
});
