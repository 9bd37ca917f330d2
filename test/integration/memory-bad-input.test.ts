import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, truncateSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { found, limit, place } from './memory-fixture.ts';

const code = (name: string): string =>
  `export function handle${name}(request) {\n  const marker = '${name}';\n  return marker;\n}\n`;

test('a file of 2 GB, a line of 10 MB and what is no text are left out, and hold nothing up', async (t) => {
  const { folder, open, write } = place(t);
  write({
    'a.js': code('Apple'),
    'dump.sql': '',
    'line.js': `const words = '${'marker '.repeat(1_500_000)}';`,
    'half.ts': Buffer.concat([
      Buffer.from('export function half() {\n  return "'),
      Buffer.from([0xff, 0xfe, 0xc3, 0x28]),
      Buffer.from('banana";\n}\n'),
    ]),
    'broken.ts': `class { function ((( banana {{{ ${'(\n'.repeat(2_000)}`,
  });
  truncateSync(path.join(folder, 'dump.sql'), 2 ** 31);
  const memory = open();
  const report = await memory.index({ signal: limit() });
  assert.deepEqual([report.files, report.skipped], [3, 2]);
  assert.equal((await memory.update(['dump.sql', 'line.js'], { signal: limit() })).files, 3);
  assert.deepEqual((await found(memory, 'banana')).map((hit) => hit.split(':')[0]).sort(), [
    'broken.ts',
    'half.ts',
  ]);
  assert.deepEqual(await found(memory, 'apple'), ['a.js:1-4 handleApple']);
});

test('thousands of empty files are taken in, told of from the walk on, and cost no chunk', async (t) => {
  const { open, write } = place(t);
  for (let at = 0; at < 3_000; at++) write({ [`d${String(at % 30)}/f${String(at)}.ts`]: '' });
  write({ 'a.js': code('Apple'), 'blank.ts': ' \n\n\t\n' });
  const memory = open();
  const told: { readonly done: number; readonly total: number }[] = [];
  const report = await memory.index({ signal: limit(), onProgress: (progress) => told.push(progress) });
  assert.deepEqual([report.files, report.chunks, report.changed], [1, 1, 3_002]);
  assert.ok(
    told.some(({ done, total }) => done === 0 && total < 3_002),
    'while they were being looked for',
  );
  assert.deepEqual(told.at(-1), { done: 3_002, total: 3_002 });
  assert.equal((await memory.index({ signal: limit() })).changed, 0);
  write({ 'd7/f7.ts': code('Banana') });
  await memory.update(['d7/f7.ts'], { signal: limit() });
  assert.deepEqual(await found(memory, 'banana'), ['d7/f7.ts:1-4 handleBanana']);
});

test('files from the future or the distant past are read again when they change', async (t) => {
  const { folder, open, write } = place(t);
  const memory = open();
  const put = (name: string, at: Date): void => {
    write({ 'a.js': code(name) });
    utimesSync(path.join(folder, 'a.js'), at, at);
  };
  for (const at of ['2100-01-01', '1971-01-01', '2099-01-01'].map((day) => new Date(day))) {
    put('Apple', at);
    await memory.index({ signal: limit() });
    assert.deepEqual(await found(memory, 'apple'), ['a.js:1-4 handleApple'], at.toISOString());
    // Of the same size, and of the same time.
    put('Berry', at);
    await memory.index({ signal: limit() });
    assert.deepEqual(await found(memory, 'apple'), [], at.toISOString());
    assert.deepEqual(await found(memory, 'berry'), ['a.js:1-4 handleBerry'], at.toISOString());
  }
});

test('files that vanish while they are read are no part of the folder', async (t) => {
  const { folder, open, write } = place(t);
  for (let at = 0; at < 300; at++) write({ [`src/f${String(at)}.js`]: code(`Apple${String(at)}`) });
  const memory = open();
  let left = 300;
  const report = await memory.index({
    signal: limit(),
    onProgress: () => {
      if (left === 1) return;
      left = 1;
      for (const name of readdirSync(path.join(folder, 'src')))
        if (name !== 'f7.js') rmSync(path.join(folder, 'src', name));
    },
  });
  assert.equal(left, 1);
  assert.ok(report.files >= 1);
  const after = await memory.index({ signal: limit() });
  assert.deepEqual([after.files, after.chunks], [1, 1]);
  const hits = await memory.search('marker', { limit: 50, signal: limit() });
  assert.deepEqual(
    hits.map((hit) => hit.path),
    ['src/f7.js'],
  );
});

test('a rename by case alone is a rename', async (t) => {
  const { folder, open, write } = place(t);
  write({ 'readme.md': '# Apple\n\nHow an apple is handled.\n' });
  const memory = open();
  await memory.index({ signal: limit() });
  renameSync(path.join(folder, 'readme.md'), path.join(folder, 'README.md'));
  const report = await memory.update(['readme.md', 'README.md'], { signal: limit() });
  assert.deepEqual([report.files, report.removed], [1, 1]);
  assert.deepEqual(await found(memory, 'apple'), ['README.md:1-3 Apple']);
});

test('a file is found by a filter among many that were just taken in', async (t) => {
  const { open, write } = place(t);
  const names = (file: number): string[] =>
    Array.from({ length: 8 }, (_, at) => `${'abcdefghij'.charAt(file % 10)}${String(file)}x${String(at)}`);
  for (let file = 0; file < 80; file++)
    write({
      [`src/f${String(file)}.js`]: names(file).map(code).join('\n'),
    });
  const memory = open();
  await memory.index({ signal: limit() });
  for (const file of [0, 17, 42, 79]) {
    const filter = { paths: [`src/f${String(file)}.js`] };
    const hits = await memory.search('marker', { limit: 20, filter, signal: limit() });
    const places = hits.flatMap((hit) => [hit, ...(hit.alike ?? [])]);
    assert.equal(places.length, 8, `f${String(file)}.js`);
  }
});

test('on a disk that became read-only what was indexed is found, and an index run says what is wrong', async (t) => {
  const disk = ownDisk(t);
  if (disk === undefined) {
    t.skip('needs the right to mount a file system');
    return;
  }
  const { open, write } = place(t);
  write({ 'a.js': code('Apple') });
  const storageDir = path.join(disk, 'storage');
  const first = open({ storageDir });
  await first.index({ signal: limit() });
  await first.dispose();
  execFileSync('mount', ['-o', 'remount,ro', disk], { stdio: 'pipe' });
  const memory = open({ storageDir });
  assert.deepEqual(await found(memory, 'apple'), ['a.js:1-4 handleApple']);
  assert.equal((await memory.state()).phase, 'ready');
  write({ 'b.js': code('Banana') });
  await assert.rejects(memory.index({ signal: limit() }), { code: 'memory-storage-unwritable' });
  assert.deepEqual(await found(memory, 'apple'), ['a.js:1-4 handleApple']);
  execFileSync('mount', ['-o', 'remount,rw', disk], { stdio: 'pipe' });
  assert.equal((await memory.index({ signal: limit() })).changed, 1);
  await memory.dispose();
});

function ownDisk(t: TestContext): string | undefined {
  const directory = mkdtempSync(path.join(tmpdir(), 'strata-disk-'));
  const disk = path.join(directory, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', disk], { stdio: 'pipe' });
  } catch {
    rmSync(directory, { recursive: true });
    return undefined;
  }
  t.after(() => {
    execFileSync('umount', ['-l', disk]);
    rmSync(directory, { recursive: true });
  });
  return disk;
}
