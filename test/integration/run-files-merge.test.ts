import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { contents, live, start } from './run-files-world.ts';
import type { World } from './run-files-world.ts';

type Disturb = (at: (path: string) => string) => void;

/** What comes out when two runs begin from the same files and each changes them. */
async function merge(
  t: TestContext,
  files: Record<string, string>,
  ours: Disturb,
  theirs: Disturb,
): Promise<{
  world: World;
  merged: Awaited<ReturnType<World['files']['merge']>>;
  after: Record<string, string>;
}> {
  const world = await start(t, files);
  await world.begin();
  const side = async (change: Disturb): Promise<string> => {
    await world.files.restore(world.base, live);
    change((path) => join(world.copy, path));
    return world.files.snapshot(live);
  };
  const [own, other] = [await side(ours), await side(theirs)];
  const before = contents(world.copy);
  const merged = await world.files.merge({ base: world.base, ours: own, theirs: other }, live);
  assert.deepEqual(contents(world.copy), before, 'no folder is touched');
  await world.files.restore(merged.tree, live);
  assert.equal(await world.files.snapshot(live), merged.tree);
  return { world, merged, after: contents(world.copy) };
}

const LINES = 'one\ntwo\nthree\nfour\nfive\n';

test('what only one side changed is taken from it', async (t) => {
  const { merged, after } = await merge(
    t,
    { 'a.txt': '1', 'b.txt': '1', 'gone.txt': '1', 'mine.txt': '1', 'run.sh': '1' },
    (at) => {
      writeFileSync(at('a.txt'), 'ours');
      unlinkSync(at('mine.txt'));
      writeFileSync(at('both.txt'), 'x');
    },
    (at) => {
      writeFileSync(at('b.txt'), 'theirs');
      unlinkSync(at('gone.txt'));
      writeFileSync(at('new\nline.txt'), 'new');
      writeFileSync(at('both.txt'), 'x');
      symlinkSync('a.txt', at('link'));
      chmodSync(at('run.sh'), 0o755);
    },
  );
  assert.deepEqual(merged.conflicts, []);
  assert.deepEqual(merged.paths, ['b.txt', 'gone.txt', 'link', 'new\nline.txt', 'run.sh']);
  assert.equal(after['a.txt'], 'ours');
  assert.equal(after['b.txt'], 'theirs');
  assert.equal(after['new\nline.txt'], 'new');
  assert.ok(!('gone.txt' in after) && !('mine.txt' in after));
});

test('a text that both sides changed is merged line by line, its executable bit by itself', async (t) => {
  const { merged, after } = await merge(
    t,
    { 'a.txt': LINES, 'crlf.txt': LINES.replaceAll('\n', '\r\n') },
    (at) => {
      writeFileSync(at('a.txt'), LINES.replace('one', 'ONE'));
      writeFileSync(at('crlf.txt'), LINES.replace('one', 'ONE').replaceAll('\n', '\r\n'));
    },
    (at) => {
      writeFileSync(at('a.txt'), LINES.replace('five', 'FIVE'));
      chmodSync(at('a.txt'), 0o755);
      writeFileSync(at('crlf.txt'), LINES.replace('five', 'FIVE').replaceAll('\n', '\r\n'));
    },
  );
  assert.deepEqual([merged.paths, merged.conflicts], [['a.txt', 'crlf.txt'], []]);
  assert.equal(after['a.txt'], 'ONE\ntwo\nthree\nfour\nFIVE\n');
  assert.equal(after['crlf.txt'], 'ONE\r\ntwo\r\nthree\r\nfour\r\nFIVE\r\n');
});

test('where both sides cannot be had, the tree holds ours and the reason is said', async (t) => {
  const { merged, after } = await merge(
    t,
    {
      lines: LINES,
      binary: 'a\0b',
      'gone-here': '1',
      'gone-there': '1',
      kind: '1',
      folder: '1',
      'file/x': '1',
    },
    (at) => {
      writeFileSync(at('lines'), LINES.replace('two', 'ours'));
      writeFileSync(at('binary'), 'ours\0');
      unlinkSync(at('gone-here'));
      writeFileSync(at('gone-there'), 'ours');
      writeFileSync(at('kind'), 'ours');
      writeFileSync(at('added'), 'ours');
      writeFileSync(at('folder'), 'ours');
      writeFileSync(at('file/y'), 'ours');
    },
    (at) => {
      writeFileSync(at('lines'), LINES.replace('two', 'theirs'));
      writeFileSync(at('binary'), 'theirs\0');
      writeFileSync(at('gone-here'), 'theirs');
      unlinkSync(at('gone-there'));
      unlinkSync(at('kind'));
      symlinkSync('lines', at('kind'));
      writeFileSync(at('added'), 'theirs');
      unlinkSync(at('folder'));
      mkdirSync(at('folder'));
      writeFileSync(at('folder/z'), 'theirs');
      rmSync(at('file'), { recursive: true });
      writeFileSync(at('file'), 'theirs');
      writeFileSync(at('fine'), 'theirs');
    },
  );
  assert.deepEqual(merged.conflicts, [
    { path: 'added', reason: 'Both sides added it, with different contents.' },
    {
      path: 'binary',
      reason: 'Both sides changed it, and it is no text that could be merged line by line.',
    },
    { path: 'file', reason: 'There is a folder with other files here, and a file there.' },
    { path: 'folder', reason: 'It was changed here, and deleted there.' },
    { path: 'folder/z', reason: 'There is a file here, and a folder there.' },
    { path: 'gone-here', reason: 'It was deleted here, and changed there.' },
    { path: 'gone-there', reason: 'It was changed here, and deleted there.' },
    { path: 'kind', reason: 'It is a symlink on one side and a file on the other.' },
    { path: 'lines', reason: 'Both sides changed the same lines.' },
  ]);
  assert.deepEqual(merged.paths, ['file/x', 'fine']);
  assert.deepEqual(after, {
    added: 'ours',
    binary: 'ours\0',
    'file/y': 'ours',
    fine: 'theirs',
    folder: 'ours',
    'gone-there': 'ours',
    kind: 'ours',
    lines: LINES.replace('two', 'ours'),
  });
});

test('a file that became a folder on one side alone', async (t) => {
  const { merged, after } = await merge(
    t,
    { folder: '1', 'file/x': '1', other: '1' },
    (at) => writeFileSync(at('other'), 'ours'),
    (at) => {
      unlinkSync(at('folder'));
      mkdirSync(at('folder'));
      writeFileSync(at('folder/z'), '2');
      rmSync(at('file'), { recursive: true });
      writeFileSync(at('file'), '2');
    },
  );
  assert.deepEqual(merged.conflicts, []);
  assert.deepEqual(after, { file: '2', 'folder/z': '2', other: 'ours' });
});

test('a name that is no UTF-8 is brought in as it is', async (t) => {
  const raw = (folder: string): Buffer =>
    Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x66, 0xff])]);
  const world = await start(t, {});
  await world.begin();
  writeFileSync(raw(world.copy), 'raw');
  const theirs = await world.files.snapshot(live);
  const merged = await world.files.merge({ base: world.base, ours: world.base, theirs }, live);
  assert.deepEqual(merged, { tree: theirs, paths: ['f\ufffd'], conflicts: [] });
});

test('merging again what was merged already brings nothing', async (t) => {
  const world = await start(t, { 'a.txt': LINES });
  await world.begin();
  world.writeCopy({ 'a.txt': LINES.replace('one', 'ONE') });
  const ours = await world.files.snapshot(live);
  world.writeCopy({ 'a.txt': LINES.replace('five', 'FIVE') });
  const theirs = await world.files.snapshot(live);
  const { tree } = await world.files.merge({ base: world.base, ours, theirs }, live);
  assert.deepEqual(await world.files.merge({ base: world.base, ours: tree, theirs }, live), {
    tree,
    paths: [],
    conflicts: [],
  });
});

test('a run that begins from an earlier tree has the files of that tree, and the folder is not asked', async (t) => {
  const world = await start(t, { 'a.txt': '1', 'b.txt': '1' });
  await world.begin();
  world.writeCopy({ 'a.txt': '2', 'c.txt': '2' });
  const tree = await world.files.snapshot(live);
  world.write({ 'a.txt': 'changed since' });
  const child = await world.open({ run: 'r-1-2_1-retry1' });
  assert.deepEqual(await child.begin(live, tree), { tree, files: 3, notes: [] });
  assert.deepEqual(contents(child.folder), { 'a.txt': '2', 'b.txt': '1', 'c.txt': '2' });
  assert.equal(await child.snapshot(live), tree);
});
