import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { isStrataError } from '../../extension/src/base/errors.ts';
import { openRunFiles } from '../../extension/src/node/git/index.ts';
import type { GitRunFiles, RunFilesOptions } from '../../extension/src/node/git/index.ts';

const live = new AbortController().signal;
const isRoot = process.getuid?.() === 0;

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
  if (isRoot) return t.skip('needs an ordinary user: root may read everything');
  const world = await start(t, { 'a.txt': '1', 'closed.txt': '1' });
  chmodSync(join(world.workspace, 'closed.txt'), 0);
  assert.deepEqual((await world.begin()).notes, ['closed.txt was left out: it may not be read.']);
});

test('in the copy, the user inside the containers may write', async (t) => {
  if (!isRoot) return t.skip('needs root: otherwise the files belong to the user already');
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
  if (process.platform === 'win32') return t.skip('needs named pipes');
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
  });
  await files.discard();
  assert.equal(contents(world.workspace)['a.txt'], '2');
});

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
  t.after(() => Object.keys(variables).forEach((name) => delete process.env[name]));
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
  if (typeof disk !== 'string') return t.skip(disk.reason);
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
  if (typeof disk !== 'string') return t.skip(disk.reason);
  writeFileSync(join(disk, 'a.txt'), '1');
  const files = await world.open({ workspace: disk, run: 'r-2' });
  execFileSync('mount', ['-o', 'remount,ro', disk]);
  const { tree: base } = await files.begin(live);
  writeFileSync(join(files.folder, 'a.txt'), '2');
  const result = await files.snapshot(live);
  await assert.rejects(files.apply({ base, result }, live), failsWith('workspace-unwritable'));
  await assert.rejects(world.open({ storageDir: join(disk, 'storage') }), failsWith('storage-unwritable'));
});

// Applying

test('apply writes, adds and deletes, and does nothing the second time', async (t) => {
  const world = await start(t, { 'a.txt': '1', 'dir/gone.txt': '1', 'same.txt': '1', 'run.sh': '1' });
  chmodSync(join(world.workspace, 'a.txt'), 0o600);
  await world.begin();
  world.writeCopy({ 'a.txt': '2', 'new/deep.txt': '1' });
  rmSync(join(world.copy, 'dir'), { recursive: true });
  chmodSync(join(world.copy, 'run.sh'), 0o755);
  symlinkSync('a.txt', join(world.copy, 'link'));
  const result = await world.files.snapshot(live);
  assert.deepEqual(await world.apply(result), {
    kind: 'applied',
    written: ['a.txt', 'link', 'new/deep.txt', 'run.sh'],
    deleted: ['dir/gone.txt'],
    unchanged: [],
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
  assert.deepEqual(await world.apply(result), {
    kind: 'applied',
    written: ['b.txt'],
    deleted: [],
    unchanged: ['a.txt'],
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
  if (!isRoot) return t.skip('needs root: otherwise there is one owner');
  const world = await start(t, { 'a.txt': '1' });
  execFileSync('chown', ['-R', '1234:1234', world.workspace]);
  await world.begin();
  world.writeCopy({ 'a.txt': '2', 'new/b.txt': '2' });
  await world.apply(await world.files.snapshot(live));
  for (const path of ['a.txt', 'new', 'new/b.txt'])
    assert.equal(lstatSync(join(world.workspace, path)).uid, 1234);
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

interface World {
  readonly root: string;
  readonly workspace: string;
  readonly storage: string;
  readonly copy: string;
  readonly files: GitRunFiles;
  /** The tree that `begin` recorded. */
  readonly base: string;
  begin(): ReturnType<GitRunFiles['begin']>;
  open(options?: Partial<RunFilesOptions>): Promise<GitRunFiles>;
  write(files: Record<string, string>): void;
  writeCopy(files: Record<string, string>): void;
  onEnd(end: () => unknown): void;
  changed(): Promise<readonly string[]>;
  apply(result: string): ReturnType<GitRunFiles['apply']>;
}

/** A workspace with the given files in a temporary folder, and a run on it. `below` makes a folder inside the workspace. */
async function start(t: TestContext, files: Record<string, string>, below = ''): Promise<World> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'strata-files-')));
  // Hooks of the test runner run in the order in which they were added; a disk must go before the folder that it is in.
  const endings: (() => unknown)[] = [() => rmSync(root, { recursive: true, force: true })];
  t.after(() => endings.reverse().forEach((end) => end()));
  const top = join(root, 'workspace');
  mkdirSync(top);
  writeAll(top, files);
  const workspace = join(top, below);
  const storage = join(root, 'storage');
  const open = (options: Partial<RunFilesOptions> = {}): Promise<GitRunFiles> =>
    openRunFiles({ workspace, storageDir: storage, run: 'r-1', isolation: 'copy', ...options });
  const own = await open();
  let base = '';
  return {
    root,
    workspace,
    storage,
    copy: own.folder,
    files: own,
    open,
    get base() {
      return base;
    },
    async begin() {
      const begun = await own.begin(live);
      base = begun.tree;
      return begun;
    },
    write: (more) => writeAll(workspace, more),
    writeCopy: (more) => writeAll(own.folder, more),
    onEnd: (end) => endings.push(end),
    changed: async () => own.changedPaths(base, await own.snapshot(live)),
    apply: (result) => own.apply({ base, result }, live),
  };
}

function writeAll(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Every file below a folder with its text; of a link, where it leads. */
function contents(folder: string): Record<string, string> {
  const found: [string, string][] = [];
  const walk = (at: string): void => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) walk(path);
      else
        found.push([
          relative(folder, path),
          entry.isSymbolicLink() ? `-> ${readlinkSync(path)}` : readFileSync(path, 'utf8'),
        ]);
    }
  };
  walk(folder);
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function without(files: Record<string, string>, ...paths: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([path]) => !paths.includes(path)));
}

function failsWith(code: string): (error: unknown) => true {
  return (error) => {
    assert.ok(isStrataError(error), `a StrataError, not ${String(error)}`);
    assert.equal(error.code, code, error.message);
    assert.notEqual(error.action, '');
    if (code !== 'copy-missing' && code !== 'restore-in-place') assert.ok(error.cause, 'it names its cause');
    return true;
  };
}

function gitIn(folder: string, ...args: readonly string[]): void {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'pipe' });
}

function mountSmallDisk({ root, onEnd }: World): string | { readonly reason: string } {
  if (!isRoot || process.platform !== 'linux')
    return { reason: 'needs root on Linux: a small disk is mounted' };
  const disk = mkdtempSync(join(root, 'disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=700k', 'tmpfs', disk], { stdio: 'pipe' });
  } catch (error) {
    return { reason: `needs the right to mount a disk: ${String(error)}` };
  }
  onEnd(() => execFileSync('umount', ['-l', disk]));
  return realpathSync(disk);
}
