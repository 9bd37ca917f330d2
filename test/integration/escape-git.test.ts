import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { live, start, type World } from './run-files-world.ts';

// A tool may write whatever it likes into its folder. These are the traps that it can leave there for the host's git, and for
// whoever reads or writes files after it: nothing of them runs, and nothing outside of the folder is read or written.

const hooks = [
  'pre-commit',
  'post-checkout',
  'post-index-change',
  'reference-transaction',
  'pre-auto-gc',
  'fsmonitor-watchman',
];

/** A folder outside of everything: what a trap would do is to make or to read something in it. */
function outside(t: TestContext) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'strata-outside-')));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  const trap = join(folder, 'trap.sh');
  writeFileSync(trap, `#!/bin/sh\ntouch '${folder}/sprung'\ncat\n`);
  chmodSync(trap, 0o755);
  return {
    folder,
    trap,
    unharmed: () => {
      assert.deepEqual(readdirSync(folder).sort(), ['secret.txt', 'trap.sh']);
      assert.equal(readFileSync(join(folder, 'secret.txt'), 'utf8'), 'secret');
    },
  };
}

/** A `.git` that runs a program wherever git would let it. */
function plantRepository(gitDir: string, trap: string): void {
  for (const folder of ['objects', 'refs', 'hooks', 'info'])
    mkdirSync(join(gitDir, folder), { recursive: true });
  writeFileSync(join(gitDir, 'HEAD'), 'ref: refs/heads/main\n');
  for (const hook of hooks) {
    writeFileSync(join(gitDir, 'hooks', hook), readFileSync(trap));
    chmodSync(join(gitDir, 'hooks', hook), 0o755);
  }
  writeFileSync(
    join(gitDir, 'config'),
    `[core]\n\trepositoryformatversion = 0\n\tfsmonitor = ${trap}\n\thooksPath = ${dirname(trap)}\n\tpager = ${trap}\n\teditor = ${trap}\n` +
      `\tsshCommand = ${trap}\n\tgitProxy = ${trap}\n\taskPass = ${trap}\n\tattributesFile = ${join(dirname(trap), 'attributes')}\n` +
      `[filter "trap"]\n\tclean = ${trap}\n\tsmudge = ${trap}\n\tprocess = ${trap}\n\trequired = true\n` +
      `[diff]\n\texternal = ${trap}\n[diff "trap"]\n\tcommand = ${trap}\n\ttextconv = ${trap}\n[merge "trap"]\n\tdriver = ${trap}\n` +
      `[gpg]\n\tprogram = ${trap}\n[credential]\n\thelper = ${trap}\n` +
      `[uploadpack]\n\tpackObjectsHook = ${trap}\n[alias]\n\tls-files = !${trap}\n`,
  );
  writeFileSync(join(gitDir, 'info/attributes'), '* filter=trap diff=trap merge=trap\n');
}

async function whole(world: World): Promise<void> {
  const result = await world.files.snapshot(live);
  const text = await world.files.diff(world.base, result);
  assert.doesNotMatch(text, /^\+secret$/m);
  const applied = await world.files.apply({ base: world.base, result }, live);
  assert.equal(applied.kind, 'applied');
  await world.files.restore(world.base, live);
  await world.files.restore(result, live);
}

test('a git that trusts its surroundings falls into the trap', (t) => {
  const { folder, trap } = outside(t);
  const place = mkdtempSync(join(tmpdir(), 'strata-trapped-'));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  plantRepository(join(place, '.git'), trap);
  writeFileSync(join(place, 'a.txt'), 'a');
  spawnSync('git', ['add', 'a.txt'], { cwd: place });
  assert.ok(existsSync(join(folder, 'sprung')));
});

test('a repository that a tool left in its copy is of no interest to the host', async (t) => {
  const { trap, unharmed } = outside(t);
  const world = await start(t, { 'a.txt': 'one\n', 'sub/b.txt': 'b\n' });
  await world.begin();
  plantRepository(join(world.copy, '.git'), trap);
  plantRepository(join(world.copy, 'sub/.git'), trap);
  plantRepository(join(world.copy, 'new/.git'), trap);
  world.writeCopy({
    'a.txt': 'two\n',
    'new/c.txt': 'c\n',
    'file/.git': `gitdir: ${dirname(trap)}\n`,
    'file/d.txt': 'd\n',
    '.gitattributes': '* filter=trap diff=trap merge=trap text eol=crlf export-subst\n',
    '.gitmodules': `[submodule "x"]\n\tpath = sub\n\turl = ext::sh -c '${trap}'\n\tupdate = !${trap}\n`,
  });
  await whole(world);
  unharmed();
  assert.equal(readFileSync(join(world.workspace, 'a.txt'), 'utf8'), 'two\n');
  for (const name of ['.git', 'sub/.git', 'new/.git', 'file/.git'])
    assert.equal(existsSync(join(world.workspace, name)), false, `${name} reached the workspace`);
});

test('links to files and folders of the host are links, and nothing is read or written through them', async (t) => {
  const { folder, unharmed } = outside(t);
  const world = await start(t, { 'a.txt': 'a', 'dir/b.txt': 'b', 'kept/c.txt': 'c' });
  await world.begin();
  symlinkSync(join(folder, 'secret.txt'), join(world.copy, 'stolen'));
  symlinkSync(folder, join(world.copy, 'way-out'));
  rmSync(join(world.copy, 'a.txt'));
  symlinkSync(join(folder, 'secret.txt'), join(world.copy, 'a.txt'));
  rmSync(join(world.copy, 'dir'), { recursive: true });
  symlinkSync(folder, join(world.copy, 'dir'));
  symlinkSync('/proc/self/environ', join(world.copy, 'environ'));
  for (const name of ['.gitignore', '.gitattributes', '.mailmap'])
    symlinkSync(join(folder, 'secret.txt'), join(world.copy, name));
  await whole(world);
  unharmed();
  for (const name of ['stolen', 'a.txt', 'dir'])
    assert.ok(lstatSync(join(world.workspace, name)).isSymbolicLink(), `${name} is a link`);
  assert.equal(readlinkSync(join(world.workspace, 'stolen')), join(folder, 'secret.txt'));

  // The second run writes below what the first one made a link; neither the copy nor the workspace is left by it.
  const second = await world.open({ run: 'r-2' });
  const { tree } = await second.begin(live);
  rmSync(join(second.folder, 'dir'));
  mkdirSync(join(second.folder, 'dir'));
  writeFileSync(join(second.folder, 'dir/secret.txt'), 'overwritten');
  const result = await second.snapshot(live);
  await second.apply({ base: tree, result }, live);
  unharmed();
  assert.equal(readFileSync(join(world.workspace, 'dir/secret.txt'), 'utf8'), 'overwritten');
});

test('a link that takes a folder’s place in the workspace while a run is on is not written through', async (t) => {
  const { folder, unharmed } = outside(t);
  const world = await start(t, { 'dir/secret.txt': 'b' });
  await world.begin();
  world.writeCopy({ 'dir/secret.txt': 'overwritten', 'dir/new.txt': 'made' });
  const result = await world.files.snapshot(live);
  rmSync(join(world.workspace, 'dir'), { recursive: true });
  symlinkSync(folder, join(world.workspace, 'dir'));
  const applied = await world.files.apply({ base: world.base, result }, live, { conflicts: 'theirs' });
  assert.ok(applied.kind === 'conflict' || applied.decided.length > 0, JSON.stringify(applied));
  unharmed();
});

test('names that git or the file system could take for others are names', async (t) => {
  const { unharmed } = outside(t);
  const world = await start(t, { 'a.txt': 'a' });
  await world.begin();
  world.writeCopy({
    '-rf': 'x',
    '--upload-pack=touch sprung': 'x',
    ':(top)secret': 'x',
    'a\nb': 'x',
    '"quoted"': 'x',
    '.git ': 'x',
    '.GIT/hooks/pre-commit': 'x',
    'git~1/config': 'x',
    '.g\u200cit/config': 'x',
    'dir/..git': 'x',
  });
  await whole(world);
  unharmed();
  assert.equal(existsSync(join(world.workspace, '.git')), false);
});

test('in the user’s own folder traps in its repository do not spring for the host either', async (t) => {
  const { folder, trap, unharmed } = outside(t);
  const world = await start(t, { 'a.txt': 'one\n', '.gitattributes': '* filter=trap diff=trap\n' });
  plantRepository(join(world.workspace, '.git'), trap);
  symlinkSync(join(folder, 'secret.txt'), join(world.workspace, 'stolen'));
  const files = await world.open({ run: 'r-3', isolation: 'workspace' });
  const { tree } = await files.begin(live);
  writeFileSync(join(world.workspace, 'a.txt'), 'two\n');
  const result = await files.snapshot(live);
  assert.deepEqual(await files.changedPaths(tree, result), ['a.txt']);
  assert.match(await files.diff(tree, result), /^\+two$/m);
  unharmed();
});
