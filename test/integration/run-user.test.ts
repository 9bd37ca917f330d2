import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { createSecretFilter } from '../../extension/src/core/redaction/index.ts';
import { folderUser } from '../../extension/src/folder-user.ts';
import { gitUserName } from '../../extension/src/node/git/index.ts';
import { cliWorld } from '../support/cli.ts';
import { emptyFolder } from '../support/old-run-log.ts';

test('a run says who started it: git’s name, another one, or nobody, and metrics are by user', async (t) => {
  const world = cliWorld(t);
  const { env, home } = world;
  // No server starts for this; a run that fails was started by somebody too.
  env['DOCKER_HOST'] = 'unix:///nonexistent/docker.sock';
  env['HOME'] = path.join(home, 'user');
  mkdirSync(env['HOME'], { recursive: true });
  writeFileSync(
    path.join(env['HOME'], '.gitconfig'),
    '[user]\n\tname = Ada Everywhere\n\temail = ada@example.com\n',
  );
  const runBy = async (user?: string): Promise<string | undefined> => {
    if (user === undefined) delete env['STRATA_USER'];
    else env['STRATA_USER'] = user;
    const { out, err } = await world.strata('run', 'explorer', 'Where is it?', '--json');
    const { run } = JSON.parse(out.trim().split('\n').at(-1) ?? '') as { run: string };
    assert.ok(run, err);
    assert.doesNotMatch(JSON.stringify(world.events(run)), /ada@example/);
    return world.view(run).user;
  };
  assert.equal(await runBy(), 'Ada Everywhere', 'in no repository');
  assert.equal(await runBy('  Bo\n\u001b[1mBerg  '), 'Bo [1mBerg');
  assert.equal(await runBy(''), undefined);

  const { out } = await world.strata('metrics', '--by', 'user', '--json');
  const { groups } = JSON.parse(out) as { groups: { key?: string; runs: { count: number } }[] };
  const counts = new Map(groups.map(({ key, runs }) => [key ?? '', runs.count]));
  assert.deepEqual([counts.get('Ada Everywhere'), counts.get('Bo [1mBerg'), counts.get('')], [1, 1, 1]);

  const listed = await world.strata('runs', '--json');
  const runs = JSON.parse(listed.out) as { id: string; user?: string }[];
  assert.deepEqual(
    runs.map(({ user }) => user),
    [undefined, 'Bo [1mBerg', 'Ada Everywhere'],
  );
  const lines = (await world.strata('runs')).out.trim().split('\n');
  assert.deepEqual(
    lines.map((line) => /tokens +(Ada Everywhere|Bo \[1mBerg|) +Where is it\?$/.exec(line)?.[1]),
    ['', 'Bo [1mBerg', 'Ada Everywhere'],
    'nobody leaves the column empty',
  );
  const heads = await Promise.all(
    runs.map(async ({ id }) => (await world.strata('show', id)).out.split('\n')[0]),
  );
  assert.match(heads[2] ?? '', /agent explorer  route \S+  started by Ada Everywhere$/);
  assert.doesNotMatch(heads[0] ?? '', /started by/);
  const [, middle] = runs;
  const shown = JSON.parse((await world.strata('show', middle?.id ?? '', '--json')).out) as {
    user?: string;
  }[];
  assert.equal(shown[0]?.user, 'Bo [1mBerg');
});

test('the name of the folder comes before that of the user; where git has none, or is not there, it is the account’s', async (t) => {
  const folder = emptyFolder(t);
  const { HOME, XDG_CONFIG_HOME, PATH } = process.env;
  t.after(() => Object.assign(process.env, { HOME, XDG_CONFIG_HOME, PATH }));
  Object.assign(process.env, { HOME: folder, XDG_CONFIG_HOME: folder });
  execFileSync('git', ['init', '-q', folder]);
  execFileSync('git', ['-C', folder, 'config', 'user.name', '  ']);
  assert.equal(await gitUserName(folder), undefined);
  execFileSync('git', ['-C', folder, 'config', '--global', 'user.name', 'Ada Everywhere']);
  assert.equal(await gitUserName(folder), undefined, 'an empty name of the folder is none');
  execFileSync('git', ['-C', folder, 'config', '--unset', 'user.name']);
  assert.equal(await gitUserName(folder), 'Ada Everywhere');
  execFileSync('git', ['-C', folder, 'config', 'user.name', 'Ada Here']);
  assert.equal(await gitUserName(folder), 'Ada Here');
  for (const where of ['--local', '--global'])
    execFileSync('git', ['-C', folder, 'config', where, '--unset', 'user.name']);
  const user = () => {
    const parts = { folder, setting: () => 'git', env: {}, secrets: createSecretFilter() };
    return folderUser(parts);
  };
  const nameless = user();
  await nameless.learn();
  assert.equal(nameless.name(), userInfo().username);
  process.env['PATH'] = folder;
  const withoutGit = user();
  await withoutGit.learn();
  assert.equal(withoutGit.name(), userInfo().username);
});

test('a setting that changes counts from the next run on, and git is not asked where it is not meant', async (t) => {
  let setting: string | undefined = 'Ada';
  const user = folderUser({
    ...{ folder: path.join(emptyFolder(t), 'gone'), setting: () => setting, env: { STRATA_USER: 'Eve' } },
    secrets: createSecretFilter(),
  });
  await user.learn();
  assert.equal(user.name(), 'Ada');
  setting = '';
  assert.equal(user.name(), undefined);
  setting = 'x'.repeat(300);
  assert.equal(user.name()?.length, 100);
  setting = `ghp_${'a1B2'.repeat(9)}`;
  assert.match(user.name() ?? '', /^\[secret .*\]$/);
});
