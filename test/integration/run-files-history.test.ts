import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { layHistory } from '../../extension/src/node/git/index.ts';

function world(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'strata-history-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const workspace = join(folder, 'work space ü');
  const copy = join(folder, 'copy');
  for (const path of [workspace, copy]) mkdirSync(path);
  const git = (where: string, ...args: string[]) =>
    execFileSync(
      'git',
      ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'safe.directory=*', '-C', where, ...args],
      { encoding: 'utf8' },
    ).trim();
  const lay = (from = workspace) =>
    layHistory({ workspace: from, copy, signal: AbortSignal.timeout(60_000) });
  return { workspace, copy, git, lay };
}

test('the copy gets the history, and an index as at the last commit', async (t) => {
  const { workspace, copy, git, lay } = world(t);
  git(workspace, 'init', '--quiet', '--initial-branch=trunk');
  writeFileSync(join(workspace, 'a.txt'), 'one\n');
  git(workspace, 'add', '.');
  git(workspace, 'commit', '--quiet', '--message', 'first');
  writeFileSync(join(copy, 'a.txt'), 'two\n');
  writeFileSync(join(copy, 'b.txt'), 'new\n');
  assert.equal(await lay(), true);
  assert.equal(git(copy, 'log', '--format=%s'), 'first');
  assert.equal(git(copy, 'branch', '--show-current'), 'trunk');
  assert.equal(git(copy, 'status', '--short'), 'M a.txt\n?? b.txt');
  git(copy, 'commit', '--quiet', '--all', '--message', 'second');
  assert.equal(git(workspace, 'log', '--format=%s'), 'first');
  assert.equal(existsSync(join(copy, '.git/hooks')), false);
  assert.doesNotMatch(readFileSync(join(copy, '.git/config'), 'utf8'), /work space/);
  assert.equal(await lay(), false, 'one that is there stays');
  assert.equal(git(copy, 'log', '-1', '--format=%s'), 'second');
});

test('nothing is given where there is nothing to give', async (t) => {
  const { workspace, copy, git, lay } = world(t);
  assert.equal(await lay(), false, 'no repository');
  git(workspace, 'init', '--quiet');
  assert.equal(await lay(), false, 'no commit');
  mkdirSync(join(workspace, 'part'));
  assert.equal(await lay(join(workspace, 'part')), false, 'a part of a repository');
  assert.equal(existsSync(join(copy, '.git')), false);
});
