import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { buildServers } from '../support/build-servers.ts';
import { folderOf, missing, openServer } from '../support/server-child.ts';

let servers: Awaited<ReturnType<typeof buildServers>>;
before(async () => {
  servers = await buildServers(['git']);
});
after(() => servers.remove());

/** A repository with two commits, and the server on it. Undefined where there is no git. */
async function open(t: TestContext, options: { readonly commits?: boolean } = {}) {
  if (missing(t, 'git')) return undefined;
  const folder = folderOf(t, { 'a.txt': 'one\n', 'src/b.txt': 'b\n', '.gitignore': 'ignored\n' });
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'] ?? '',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_AUTHOR_DATE: '2024-05-01T12:00:00Z',
        GIT_COMMITTER_DATE: '2024-05-01T12:00:00Z',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  git('init', '--quiet', '--initial-branch=main');
  if (options.commits !== false) {
    git('add', '.');
    git('commit', '--quiet', '-m', 'First commit');
    write('a.txt', 'one\ntwo\n');
    git('commit', '--quiet', '-a', '-m', 'Add two\n\nBecause one is not enough.');
  }
  const server = await openServer(t, 'git', { folder: servers.folder, root: folder });
  const say = async (tool: string, args: Record<string, unknown> = {}) =>
    (await server.say(tool, args)).replace(/\b[0-9a-f]{7,40}\b/g, '<hash>');
  return { folder, git, write, server, say };
}

test('status says what has changed', async (t) => {
  const world = await open(t);
  if (!world) return;
  const { say, write, git } = world;
  assert.equal(await say('status'), 'Branch: main\nNothing has changed.');
  write('a.txt', 'changed\n');
  write('new folder/grün.txt', '');
  write('ignored', '');
  rmSync(join(world.folder, 'src/b.txt'));
  git('add', 'a.txt');
  assert.equal(await say('status'), 'Branch: main\nM  a.txt\n D src/b.txt\n?? "new folder/grün.txt"');
});

test('diff compares working tree, index and commits', async (t) => {
  const world = await open(t);
  if (!world) return;
  const { say, write, git } = world;
  assert.equal(await say('diff'), 'No differences.');
  write('a.txt', 'one\n2\n');
  git('add', 'a.txt');
  write('src/b.txt', 'B\n');
  const changed = await say('diff');
  assert.match(changed, /^diff --git a\/src\/b\.txt b\/src\/b\.txt\n[^]*\n-b\n\+B\n$/);
  assert.doesNotMatch(changed, /a\.txt/);
  assert.match(await say('diff', { staged: true }), /\n-two\n\+2\n$/);
  assert.match(await say('diff', { from: 'HEAD', summary: true }), /a\.txt +\| 2 [^]*src\/b\.txt +\| 2 /);
  assert.match(await say('diff', { from: 'HEAD~1', to: 'HEAD' }), / one\n\+two\n$/);
  assert.match(await say('diff', { from: 'HEAD', paths: ['src'] }), /^diff --git a\/src\/b\.txt/);
  assert.doesNotMatch(await say('diff', { from: 'HEAD~1', contextLines: 0 }), /^ one$/m);
  assert.equal(await say('diff', { to: 'HEAD' }), '! `to` needs `from`.');
  assert.equal(await say('diff', { from: 'nowhere' }), '! There is no commit "nowhere".');
});

test('log and show tell the history', async (t) => {
  const world = await open(t);
  if (!world) return;
  const { say, server, write } = world;
  assert.equal(
    await say('log'),
    '<hash> 2024-05-01 12:00 Ann (HEAD -> main)\n    Add two\n<hash> 2024-05-01 12:00 Ann\n    First commit',
  );
  assert.match(await say('log', { limit: 1 }), /Add two\n\[There are more: go on with skip 1\.\]$/);
  assert.match(await say('log', { skip: 1 }), /First commit$/);
  assert.match(await say('log', { revision: 'HEAD~1..main' }), /^<hash>[^\n]*\n {4}Add two$/);
  assert.match(await say('log', { paths: ['src/b.txt'] }), /^<hash>[^\n]*\n {4}First commit$/);
  assert.match(await say('log', { message: 'FIRST' }), /^<hash>[^\n]*\n {4}First commit$/);
  assert.equal(await say('log', { author: 'nobody' }), 'No commit fits.');
  assert.equal(await say('log', { until: '2020-01-01' }), 'No commit fits.');
  assert.equal(await say('log', { paths: ['*.txt'] }), 'No commit fits.', 'paths are taken literally');
  assert.match(
    await say('show'),
    /^commit <hash> \(HEAD -> main\)\nAuthor: Ann <ann@example\.org>\n[^]* {4}Because one is not enough\.\n[^]*\n\+two\n$/,
  );
  assert.equal(await server.say('show', { revision: 'HEAD~1', path: 'a.txt' }), 'one\n');
  assert.equal(await server.say('show', { path: 'src' }), 'b.txt\n');
  assert.equal(await server.say('show', { path: '.' }), '.gitignore\na.txt\nsrc\n');
  assert.equal(await server.say('show', { path: 'gone.txt' }), '! "gone.txt" is not in that commit.');
  write('gone.txt', 'on the disk, but not committed');
  assert.equal(await server.say('show', { path: 'gone.txt' }), '! "gone.txt" is not in that commit.');
});

test('blame names the commit of each line', async (t) => {
  const world = await open(t);
  if (!world) return;
  const { say, write } = world;
  write('a.txt', 'one\ntwo\nthree\n');
  assert.match(
    await say('blame', { path: 'a.txt' }),
    /^\^?<hash> \(Ann +2024-05-01 1\) one\n<hash> \(Ann +2024-05-01 2\) two\n<hash> \(Not Committed Yet [-\d]+ 3\) three\n$/,
  );
  assert.match(
    await say('blame', { path: 'a.txt', startLine: 2, endLine: 2, revision: 'HEAD' }),
    /^<hash> \(Ann 2024-05-01 2\) two\n$/,
  );
  assert.match(await say('blame', { path: 'a.txt', startLine: 9 }), /^! fatal: file a\.txt has only 3 lines/);
  assert.match(await say('blame', { path: 'gone' }), /^! fatal: .*gone/);
});

test('commit takes some paths or everything, as its author', async (t) => {
  const world = await open(t);
  if (!world) return;
  const { say, write, git } = world;
  write('a.txt', 'changed\n');
  write('new/c.txt', 'c\n');
  write('ignored', 'x');
  rmSync(join(world.folder, 'src/b.txt'));
  assert.match(
    await say('commit', { message: 'Add c', paths: ['new'] }),
    /^Committed <hash> Add c\n\n new\/c\.txt \| 1 \+\n 1 file changed/,
  );
  assert.equal(await say('status'), 'Branch: main\n M a.txt\n D src/b.txt');
  assert.match(
    await say('commit', {
      message: '# Rest\n\nof it',
      author: 'Bea Müller <bea@example.org>',
    }),
    /^Committed <hash> # Rest/,
  );
  assert.equal(
    git('log', '-2', '--format=%an <%ae> %cn <%ce> %s'),
    'Bea Müller <bea@example.org> Bea Müller <bea@example.org> # Rest\n' +
      'Strata <strata@localhost> Strata <strata@localhost> Add c\n',
  );
  assert.equal(await say('status'), 'Branch: main\nNothing has changed.');
  assert.equal(
    await say('commit', { message: 'x' }),
    '! Nothing has changed, so there is nothing to commit.',
  );
  assert.equal(
    await say('commit', { message: 'x', paths: ['a.txt'] }),
    '! Nothing has changed in these paths.',
  );
  assert.match(
    await say('commit', { message: 'x', paths: ['gone'] }),
    /^! fatal: pathspec 'gone' did not match/,
  );
  assert.equal(await say('commit', { message: ' ' }), '! `message` must not be empty.');
  assert.equal(
    await say('commit', { message: 'x', author: 'me' }),
    '! `author` must have the form `Name <address>`.',
  );
});

test('what looks like an option or leads outside never reaches git', async (t) => {
  const world = await open(t);
  if (!world) return;
  const { say, folder } = world;
  const marker = join(folder, 'marker');
  for (const revision of [`--output=${marker}`, '-S', '', 'HEAD\n--all'])
    assert.match(await say('show', { revision }), /^! "[^]*" is no revision\.$/);
  assert.match(await say('log', { revision: `HEAD..--output=${marker}` }), /is no revision\.$/);
  assert.match(await say('diff', { from: 'HEAD', to: `--output=${marker}` }), /is no revision\.$/);
  assert.match(await say('log', { paths: [`--output=${marker}`] }), /^No commit fits\.$/);
  assert.match(await say('blame', { path: `--contents=/etc/passwd` }), /^! fatal: no such path/);
  assert.match(await say('log', { paths: ['../../etc'] }), /is outside of the workspace\.$/);
  assert.match(await say('show', { path: '/etc/passwd' }), /is outside of the workspace\.$/);
  assert.equal(existsSync(marker), false);
});

test('no program that the repository names is run', async (t) => {
  const world = await open(t);
  if (!world) return;
  const { say, folder, git, write } = world;
  const marker = join(folder, '.git', 'marker');
  const program = join(folder, '.git', 'evil');
  writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> '${marker}'\ncat\n`);
  chmodSync(program, 0o755);
  const command = `'${program}'`;
  for (const key of [
    'core.fsmonitor',
    'core.pager',
    'core.editor',
    'core.sshCommand',
    'core.askPass',
    'diff.external',
    'gpg.program',
    'pager.log',
    'pager.diff',
    'credential.helper',
    'filter.evil.clean',
    'filter.evil.smudge',
    'filter.evil.process',
    'filter.Evil.Sub.clean',
    'diff.evil.command',
    'diff.evil.textconv',
    'merge.evil.driver',
    'interactive.diffFilter',
    'alias.status',
  ])
    git('config', key, command);
  for (const [key, value] of [
    ['commit.gpgSign', 'true'],
    ['log.showSignature', 'true'],
    ['filter.evil.required', 'true'],
    ['core.hooksPath', join(folder, '.git/hooks')],
    ['core.excludesFile', '/etc/hostname'],
    ['core.worktree', '/'],
  ] as const)
    git('config', key, value);
  mkdirSync(join(folder, '.git/hooks'), { recursive: true });
  for (const hook of [
    'pre-commit',
    'commit-msg',
    'prepare-commit-msg',
    'post-commit',
    'post-index-change',
    'reference-transaction',
  ])
    symlinkSync(program, join(folder, '.git/hooks', hook));
  write('.gitattributes', '*.txt filter=evil diff=evil merge=evil\n*.md filter=Evil.Sub\n');
  write('a.txt', 'changed\n');
  write('b.md', 'b\n');
  rmSync(marker, { force: true });

  assert.match(await say('status'), /^Branch: main\n M a\.txt\n\?\? \.gitattributes\n\?\? b\.md$/);
  assert.match(await say('diff'), /\+changed\n$/);
  assert.match(await say('log'), /Add two/);
  assert.match(await say('show'), /\+two\n$/);
  assert.equal(await say('show', { path: 'a.txt' }), 'one\ntwo\n');
  assert.match(await say('blame', { path: 'a.txt' }), /changed/);
  assert.match(await say('commit', { message: 'All' }), /^Committed <hash> All/);
  assert.match(await say('show', { revision: 'HEAD' }), /\+changed/);
  assert.equal(existsSync(marker), false);
  git('-c', `core.worktree=${folder}`, 'status');
  assert.equal(existsSync(marker), true, 'git by itself does run them');
});

test('folders without a repository, and repositories without a commit, are named as such', async (t) => {
  const world = await open(t, { commits: false });
  if (!world) return;
  const { say } = world;
  assert.equal(await say('status'), 'Branch: main (no commits yet)\n?? .gitignore\n?? a.txt\n?? src/b.txt');
  for (const tool of ['log', 'show']) assert.equal(await say(tool), '! The repository has no commits yet.');
  assert.equal(await say('blame', { path: 'a.txt' }), '! The repository has no commits yet.');
  assert.match(await say('commit', { message: 'First' }), /^Committed <hash> First/);
  assert.match(await say('log'), /First$/);
  rmSync(join(world.folder, '.git'), { recursive: true });
  const calls = {
    status: {},
    diff: {},
    log: {},
    show: {},
    blame: { path: 'a.txt' },
    commit: { message: 'x' },
  };
  for (const [tool, args] of Object.entries(calls))
    assert.equal(await say(tool, args), '! The workspace folder is no git repository.', tool);
});

test('without git every tool says so', async (t) => {
  const folder = folderOf(t, {});
  const server = await openServer(t, 'git', {
    folder: servers.folder,
    root: folder,
    environment: { PATH: '/nowhere' },
  });
  assert.match(await server.say('status'), /^! git is missing here\./);
});

test('long output keeps its beginning and its end', async (t) => {
  const world = await open(t);
  if (!world) return;
  world.write('a.txt', 'first\n' + 'line\n'.repeat(50_000) + 'last\n');
  const diff = await world.say('diff');
  assert.match(diff, /\+first\n[^]*\[… \d+ bytes left out …\][^]*\+last\n$/);
  assert.ok(diff.length < 80_000);
});
