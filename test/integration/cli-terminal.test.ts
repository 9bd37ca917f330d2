import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { folderHome } from '../../extension/src/node/home.ts';
import { asAgent, startModelServer } from '../support/model-server/index.ts';
import type { Script } from '../support/model-server/index.ts';
import { cliWorld, newestRun } from '../support/cli.ts';
import type { CliWorld } from '../support/cli.ts';

/** A world without Docker whose model answers as the script says. */
async function worldWith(t: TestContext, script: Script, model = 'model'): Promise<CliWorld> {
  const world = cliWorld(t, { sample: true });
  world.env['DOCKER_HOST'] = 'unix:///nonexistent/docker.sock';
  const server = await startModelServer(script);
  t.after(() => server.close());
  const deployment = { provider: 'openai', model, baseUrl: `${server.url}/v1` };
  world.write('.strata/models.jsonc', JSON.stringify({ routes: { code: [deployment] } }));
  return world;
}

const hangs: Script = (request) =>
  new Promise((resolve) => {
    request.signal.addEventListener('abort', () => resolve({ fault: 'close' }));
  });

test('no escape sequence of a model, a file or a person’s own settings reaches the terminal', async (t) => {
  const escape = '\u001b[2J\u001b]0;title\u0007\u202e';
  const world = await worldWith(
    t,
    asAgent((messages) =>
      messages.some(({ role }) => role === 'tool')
        ? { text: `done${escape}` }
        : { text: escape, toolCalls: [{ name: `evil${escape}`, arguments: { path: escape } }] },
    ),
    `model${escape}`,
  );
  for (const command of [
    ['run', 'explorer', `a task ${escape}`],
    ['show', 'last'],
    ['replay', 'last'],
    ['runs'],
    ['run', `nobody${escape}`, 'x'],
  ]) {
    const { out, err } = await world.strata(...command);
    assert.doesNotMatch(out + err, /[\u001b\u0007\u202e]/, command.join(' '));
  }
});

test('one Ctrl-C that arrives twice stops the run in good order', async (t) => {
  const world = await worldWith(t, hangs);
  const { process: strata, finished } = world.begin('run', 'explorer', 'x');
  await world.until((event) => event.type === 'step.started' && event.kind === 'chat');
  strata.kill('SIGINT');
  await wait(20);
  strata.kill('SIGINT');
  assert.equal((await finished).code, 130);
  assert.equal(world.view(newestRun(world)).status, 'stopped');
});

test('the launcher passes an interrupt on, and stays until the run has ended', async (t) => {
  const world = await worldWith(t, hangs);
  const launcher = path.resolve(import.meta.dirname, '../../bin/strata.mjs');
  const strata = spawn(process.execPath, [launcher, 'run', 'explorer', 'x', '-w', world.workspace], {
    env: world.env,
    stdio: 'ignore',
  });
  t.after(() => strata.kill('SIGKILL'));
  const ended = new Promise((resolve) => strata.once('exit', resolve));
  await world.until((event) => event.type === 'step.started' && event.kind === 'chat');
  strata.kill('SIGINT');
  assert.equal(await ended, 130);
  assert.equal(world.view(newestRun(world)).status, 'stopped');
});

test('a run whose id cannot be written down is stopped, and not left to itself', async (t) => {
  const world = await worldWith(t, hangs);
  world.env['STRATA_RUN_ID_FILE'] = path.join(world.home, 'no', 'such', 'folder');
  const run = await world.strata('run', 'explorer', 'x');
  assert.equal(run.code, 1);
  assert.match(run.err, /ENOENT/);
  assert.equal(world.view(newestRun(world)).status, 'stopped');
});

test('output that nobody reads any more is no success', async (t) => {
  const world = await worldWith(
    t,
    asAgent(() => ({ text: 'done' })),
  );
  const { process: strata, finished } = world.begin('run', 'explorer', 'x');
  strata.stdout?.destroy();
  assert.equal((await finished).code, 141);
});

test('a pipe where a file is expected is not waited for', async (t) => {
  if (process.platform === 'win32') {
    t.skip('needs mkfifo');
    return;
  }
  const world = cliWorld(t);
  world.env['DOCKER_HOST'] = 'unix:///nonexistent/docker.sock';
  const agents = path.join(world.workspace, '.strata/agents');
  mkdirSync(agents, { recursive: true });
  execFileSync('mkfifo', [path.join(agents, 'x.agent.md')]);
  const agent = await world.strata('run', 'x', 'hi');
  assert.match(agent.err, /x\.agent\.md cannot be read/);
  const settings = path.join(world.workspace, '.strata/models.jsonc');
  execFileSync('mkfifo', [settings]);
  const run = await world.strata('run', 'explorer', 'hi');
  assert.match(run.err, /models\.jsonc cannot be read: it is no file/);
  rmSync(settings);
});

test('an agent under another name than its file’s is found by its mistake', async (t) => {
  const world = cliWorld(t);
  world.write('.strata/agents/file.agent.md', '---\nname: helper\ntools: all\n---\nHelp.\n');
  const run = await world.strata('run', 'helper', 'x');
  assert.match(run.err, /^\.strata\/agents\/file\.agent\.md:3: tools: must be a list/);
});

test('a damaged value takes nothing else of the run with it', async (t) => {
  const world = await worldWith(
    t,
    asAgent(() => ({ text: 'all is well '.repeat(200) })),
  );
  assert.equal((await world.strata('run', 'explorer', 'x')).code, 0);
  const database = new DatabaseSync(path.join(folderHome(world.home, world.workspace), 'runs.db'));
  database.exec("UPDATE blob SET text = '{}'");
  database.close();
  const shown = await world.strata('show', 'last');
  assert.equal(shown.code, 0, shown.err);
  assert.match(shown.out, /A recorded value .* is damaged in the run log/);
  assert.match(shown.out, /✔ succeeded/);
});

test('without a home folder of any kind', async (t) => {
  const world = cliWorld(t);
  delete world.env['STRATA_HOME'];
  world.env['HOME'] = path.join(world.home, 'of-the-user');
  world.env['XDG_DATA_HOME'] = '';
  assert.equal((await world.strata('runs')).code, 0);
  assert.equal((await world.strata('run', 'nobody', 'x')).code, 1);
  assert.deepEqual(execFileSync('ls', ['-A', world.workspace], { encoding: 'utf8' }), '');
});
