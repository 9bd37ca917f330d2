import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { underPermissions } from '../support/ordinary-user.ts';
import { contents, gitIn, live, start, without } from './run-files-world.ts';

test('a folder that is no repository is taken in and checked out byte for byte', async (t) => {
  const world = await start(t, {
    'a.txt': 'one\r\ntwo\n',
    '.gitattributes': '* text=auto eol=lf\n*.txt filter=lfs ident\n',
    'id.txt': '$Id$\r\n',
    'with space/new\nline.txt': 'x',
    'ünïcode/日本.md': 'y',
    'back\\slash': 'z',
    '.gitignore': 'ignored/\n',
    'ignored/big.bin': 'no',
    'deep/.gitignore': '*.log\n',
    'deep/a.log': 'no',
    'empty.txt': '',
  });
  const { files, notes } = await world.begin();
  assert.deepEqual(contents(world.copy), without(contents(world.workspace), 'ignored/big.bin', 'deep/a.log'));
  assert.equal(files, 9);
  assert.deepEqual(notes, []);
});

test('names that are no UTF-8 are kept', async (t) => {
  const world = await start(t, {});
  writeFileSync(Buffer.concat([Buffer.from(`${world.workspace}/`), Buffer.from([0x66, 0xff, 0xfe])]), 'raw');
  await world.begin();
  assert.deepEqual(readdirSync(world.copy, { encoding: 'buffer' }), [Buffer.from([0x66, 0xff, 0xfe])]);
});

test('an empty workspace is a tree without files', async (t) => {
  const world = await start(t, {});
  assert.equal((await world.begin()).files, 0);
  assert.deepEqual(contents(world.copy), {});
});

test('executable bits and symlinks are kept, and symlinks are not followed', async (t) => {
  const world = await start(t, { 'run.sh': '#!/bin/sh\n', 'plain.sh': '' });
  chmodSync(join(world.workspace, 'run.sh'), 0o755);
  symlinkSync('/etc', join(world.workspace, 'outside'));
  symlinkSync('nowhere', join(world.workspace, 'broken'));
  assert.equal((await world.begin()).files, 4);
  assert.equal(lstatSync(join(world.copy, 'run.sh')).mode & 0o111, 0o111);
  assert.equal(lstatSync(join(world.copy, 'plain.sh')).mode & 0o111, 0);
  assert.equal(readlinkSync(join(world.copy, 'outside')), '/etc');
  assert.equal(readlinkSync(join(world.copy, 'broken')), 'nowhere');
});

test('a repository: tracked, changed and untracked files are taken; ignored and deleted ones are not', async (t) => {
  const world = await start(t, { 'tracked.log': '1', 'gone.txt': '1', 'same.txt': '1' });
  gitIn(world.workspace, 'init', '-q');
  gitIn(world.workspace, 'add', '-A');
  gitIn(world.workspace, 'commit', '-qm', 'first');
  world.write({
    '.gitignore': '*.log\n',
    'other.log': 'no',
    'same.txt': '2',
    'new.txt': '1',
    'secret.txt': 'no',
  });
  writeFileSync(join(world.workspace, '.git/info/exclude'), 'secret.txt\n');
  unlinkSync(join(world.workspace, 'gone.txt'));
  const before = contents(join(world.workspace, '.git'));
  await world.begin();
  assert.deepEqual(contents(world.copy), {
    '.gitignore': '*.log\n',
    'new.txt': '1',
    'same.txt': '2',
    'tracked.log': '1',
  });
  world.writeCopy({ 'same.txt': '3' });
  const after = await world.files.snapshot(live);
  await world.apply(after);
  assert.deepEqual(contents(join(world.workspace, '.git')), before, "the user's .git is as it was");
});

test('a workspace inside a repository obeys the rules from above, in the copy as well', async (t) => {
  const world = await start(
    t,
    { 'pkg/a/src/x.js': '1', 'pkg/a/node_modules/m.js': 'no', 'pkg/a/out/y.js': 'no' },
    'pkg/a',
  );
  const top = dirname(dirname(world.workspace));
  gitIn(top, 'init', '-q');
  writeFileSync(join(top, '.gitignore'), 'node_modules/\n/pkg/*/out/\n/src/\n');
  await world.begin();
  assert.deepEqual(Object.keys(contents(world.copy)), ['src/x.js']);
  world.writeCopy({ 'node_modules/n.js': '1', 'out/z.js': '1', 'src/new.js': '1' });
  assert.deepEqual(await world.changed(), ['src/new.js']);
});

test('a folder that its repository ignores is still a workspace', async (t) => {
  const world = await start(t, { 'work/a.txt': '1' }, 'work');
  gitIn(dirname(world.workspace), 'init', '-q');
  writeFileSync(join(dirname(world.workspace), '.gitignore'), '*\n');
  assert.equal((await world.begin()).files, 1);
});

test('nested repositories and submodules are taken in as plain files, without their .git', async (t) => {
  const world = await start(t, {
    'top.txt': '1',
    'nested/a.txt': '1',
    'nested/.gitignore': '*.tmp\n',
    'nested/b.tmp': 'no',
  });
  gitIn(join(world.workspace, 'nested'), 'init', '-q');
  const library = mkdtempSync(join(world.root, 'library-'));
  gitIn(library, 'init', '-q');
  writeFileSync(join(library, 'lib.js'), 'lib');
  gitIn(library, 'add', '-A');
  gitIn(library, 'commit', '-qm', 'lib');
  gitIn(world.workspace, 'init', '-q');
  gitIn(
    world.workspace,
    '-c',
    'protocol.file.allow=always',
    'submodule',
    '--quiet',
    'add',
    library,
    'vendor/lib',
  );
  await world.begin();
  assert.deepEqual(Object.keys(contents(world.copy)), [
    '.gitmodules',
    'nested/.gitignore',
    'nested/a.txt',
    'top.txt',
    'vendor/lib/lib.js',
  ]);
  world.writeCopy({ 'nested/a.txt': '2', 'vendor/lib/lib.js': '2' });
  assert.deepEqual(await world.changed(), ['nested/a.txt', 'vendor/lib/lib.js']);
});

test('a damaged repository is read as a plain folder', async (t) => {
  const world = await start(t, { 'a.txt': '1', '.git/HEAD': 'garbage', '.git/index': 'garbage' });
  assert.equal((await world.begin()).files, 1);
});

test('a file that is too large is left out and said so; one that grows in the copy is kept', async (t) => {
  const world = await start(t, { 'small.bin': '1', 'large.bin': '' });
  truncateSync(join(world.workspace, 'large.bin'), 51 * 1024 * 1024);
  const { files, notes } = await world.begin();
  assert.equal(files, 1);
  assert.deepEqual(notes, ['large.bin was left out: it is larger than 50 MB.']);
  truncateSync(join(world.copy, 'small.bin'), 51 * 1024 * 1024);
  assert.deepEqual(await world.changed(), ['small.bin']);
  const restored = await world.files.diff(world.base, await world.files.snapshot(live));
  assert.ok(!restored.includes('deleted'));
});

test('a file that may not be read is left out and said so', async (t) => {
  const prefix = underPermissions();
  if (prefix === undefined) {
    t.skip('needs setpriv, since root may read everything');
    return;
  }
  const world = await start(t, { 'a.txt': '1', 'closed.txt': '1' });
  chmodSync(join(world.workspace, 'closed.txt'), 0);
  const [command, ...args] = [...prefix, process.execPath];
  const script = `
    import { openRunFiles } from ${JSON.stringify(new URL('../../extension/src/node/git/index.ts', import.meta.url).href)};
    const options = ${JSON.stringify({ workspace: world.workspace, storageDir: world.storage, run: 'r-2', isolation: 'copy' })};
    const begun = await (await openRunFiles(options)).begin(new AbortController().signal);
    console.log(JSON.stringify(begun.notes));`;
  const said = execFileSync(command, [...args, '--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.deepEqual(JSON.parse(said), ['closed.txt was left out: it may not be read.']);
});

test('ten thousand files: a later snapshot reads only what changed', async (t) => {
  const many = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, i) => [`d${i % 100}/f${i}.txt`, `file ${i}\n`]),
  );
  const world = await start(t, many);
  assert.equal((await world.begin()).files, 10_000);
  for (let i = 0; i < 10; i += 1) appendFileSync(join(world.copy, `d${i}/f${i}.txt`), 'more\n');
  assert.equal((await world.changed()).length, 10);
});
