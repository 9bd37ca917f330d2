import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { underPermissions } from '../support/ordinary-user.ts';
import { asAgent, startModelServer } from '../support/model-server/index.ts';
import type { ModelServer, ModelServerOptions, Script } from '../support/model-server/index.ts';
import { cliWorld, containersGone, needsDocker, newestRun } from '../support/cli.ts';
import type { CliWorld, Finished } from '../support/cli.ts';

const NO_DOCKER = 'unix:///nonexistent/docker.sock';

/** One message that names the trouble and what to do, no stack, and a log that can still be read. */
async function clear(
  world: CliWorld,
  finished: Finished,
  code: number,
  ...expected: readonly RegExp[]
): Promise<void> {
  const said = `${finished.err}\n${finished.out}`;
  assert.equal(finished.code, code, said);
  for (const pattern of expected) assert.match(said, pattern);
  assert.doesNotMatch(said, /\n\s+at .*\(.*:\d+:\d+\)/, 'a stack is no message');
  const runs = await world.strata('runs');
  assert.equal(runs.code, 0, `the log is readable: ${runs.err}`);
}

async function modelServer(
  t: TestContext,
  script: Script,
  options: ModelServerOptions = {},
): Promise<ModelServer> {
  const server = await startModelServer(script, options);
  t.after(() => server.close());
  return server;
}

function routeTo(world: CliWorld, ...servers: readonly ModelServer[]): void {
  const deployments = servers.map(({ url }, index) => ({
    provider: 'openai',
    model: `model-${index}`,
    baseUrl: `${url}/v1`,
  }));
  world.write('.strata/models.jsonc', JSON.stringify({ routes: { code: deployments } }));
}

test('an empty workspace is worked on like any other', async (t) => {
  const world = cliWorld(t);
  world.env['DOCKER_HOST'] = NO_DOCKER;
  const run = await world.strata('run', 'explorer', 'What is here?');
  await clear(world, run, 0, /0 files/, /✔ succeeded/);
});

test('a folder that does not exist', async (t) => {
  const world = cliWorld(t);
  rmSync(world.workspace, { recursive: true });
  const run = await world.strata('run', 'explorer', 'What is here?');
  assert.equal(run.code, 1);
  assert.match(run.err, /There is no folder .*workspace/);
  assert.match(run.err, /--workspace/);
});

test('a home that cannot be written', async (t) => {
  const world = cliWorld(t);
  writeFileSync(world.home, 'a file where a folder should be');
  const run = await world.strata('run', 'explorer', 'What is here?');
  assert.equal(run.code, 1);
  assert.match(run.err, /cannot be written/);
  assert.match(run.err, /STRATA_HOME/);
});

test('a workspace that may not be read, and one that may not be written', async (t) => {
  const prefix = underPermissions();
  if (prefix === undefined) {
    t.skip('needs setpriv, since root may read everything');
    return;
  }
  const world = cliWorld(t, { sample: true });
  world.prefix.push(...prefix);
  world.env['DOCKER_HOST'] = NO_DOCKER;
  chmodSync(world.workspace, 0o500);
  await clear(
    world,
    await world.strata('run', 'explorer', 'How are discounts computed?'),
    0,
    /discounts\.js/,
  );
  chmodSync(world.workspace, 0o000);
  world.ending.push(() => {
    chmodSync(world.workspace, 0o700);
  });
  const run = await world.strata('run', 'explorer', 'x');
  assert.notEqual(run.code, 0);
  assert.match(`${run.err}${run.out}`, /workspace.* (cannot|may not) be read/);
  assert.doesNotMatch(run.err, /\n\s+at .*\(.*:\d+:\d+\)/);
});

test('no git', async (t) => {
  const world = cliWorld(t);
  const bin = path.join(world.home, '..', 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, path.join(bin, 'node'));
  world.env['PATH'] = bin;
  const run = await world.strata('run', 'explorer', 'What is here?');
  await clear(world, run, 3, /git/i, /install/i, /strata resume/);
});

test('no Docker: reading works, and the trace says what Docker would add', async (t) => {
  const world = cliWorld(t, { sample: true });
  world.env['DOCKER_HOST'] = NO_DOCKER;
  const run = await world.strata('run', 'explorer', 'How are volume discounts computed?');
  await clear(world, run, 0, /src\/discounts\.js:\d+/);
  const coder = await world.strata('run', 'coder', 'Make the failing test pass');
  await clear(world, coder, 0, /The tools of shell are missing: .*Docker/);
});

test('an engine that goes away in the middle pauses the run, and the run goes on when it is back', async (t) => {
  if (!(await needsDocker(t))) return;
  const world = cliWorld(t, { sample: true });
  const engine = (world.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').replace('unix://', '');
  const front = path.join(world.home, '..', 'docker.sock');
  const proxy = await socketProxy(front, engine);
  t.after(() => proxy.close());
  world.env['DOCKER_HOST'] = `unix://${front}`;
  const { finished } = world.begin('run', 'coder', 'Make the failing test pass');
  await world.until((event) => event.type === 'step.started' && event.name === 'shell_run');
  await proxy.close();
  const paused = await finished;
  await clear(world, paused, 3, /Docker/, /strata resume/);
  const run = newestRun(world);
  assert.equal(world.view(run).status, 'paused');

  const back = await socketProxy(front, engine);
  t.after(() => back.close());
  const resumed = await world.strata('resume', run);
  assert.equal(resumed.code, 0, resumed.err || resumed.out);
  assert.ok(await containersGone(run));
});

test('no key: the run pauses and says where to set one', async (t) => {
  const world = cliWorld(t);
  world.env['DOCKER_HOST'] = NO_DOCKER;
  world.write('.strata/models.jsonc', '{ "routes": { "code": ["openai/gpt-5"] } }');
  const run = await world.strata('run', 'explorer', 'What is here?');
  await clear(world, run, 3, /key/i, /OPENAI_API_KEY/);
});

test('a wrong key: the run pauses, and goes on with the right one', async (t) => {
  const world = cliWorld(t);
  world.env['DOCKER_HOST'] = NO_DOCKER;
  const server = await modelServer(
    t,
    asAgent(() => ({ text: 'It is empty.' })),
    { key: 'right' },
  );
  Object.assign(world.env, { OPENAI_BASE_URL: `${server.url}/v1`, OPENAI_API_KEY: 'sk-wrong-0123456789' });
  const run = await world.strata('run', 'explorer', 'What is here?');
  await clear(world, run, 3, /key/i, /OPENAI_API_KEY/);
  assert.doesNotMatch(
    run.out + run.err + JSON.stringify(world.events(newestRun(world))),
    /sk-wrong-0123456789/,
  );
  world.env['OPENAI_API_KEY'] = 'right';
  const resumed = await world.strata('resume', newestRun(world));
  assert.equal(resumed.code, 0, resumed.err || resumed.out);
  assert.match(resumed.out, /It is empty\./);
  const shown = await world.strata('show', newestRun(world));
  assert.doesNotMatch(shown.out, /Route “/, 'there was no choice');
});

test('a model that answers garbage: the second one answers', async (t) => {
  const world = cliWorld(t);
  world.env['DOCKER_HOST'] = NO_DOCKER;
  const bad = await modelServer(t, () => ({ fault: 'garbage' }));
  const good = await modelServer(
    t,
    asAgent(() => ({ text: 'It is empty.' })),
  );
  routeTo(world, bad, good);
  const run = await world.strata('run', 'explorer', 'What is here?');
  await clear(world, run, 0, /falling back to/, /It is empty\./);
  assert.ok(bad.requests.length > 0);
  const shown = await world.strata('show', newestRun(world));
  assert.match(
    shown.out,
    /Route “code” → openai\/model-0 at \S+, the first of 2\.\n[^]*falling back to[^]*Route “code” → openai\/model-1 at/,
  );
});

test('a stream that is cut: the second model answers, and nothing is said twice', async (t) => {
  const world = cliWorld(t);
  world.env['DOCKER_HOST'] = NO_DOCKER;
  const reply = { text: 'It is empty, as far as one can see.' };
  const bad = await modelServer(t, () => ({ fault: 'cut', reply, afterEvents: 3 }));
  const good = await modelServer(
    t,
    asAgent(() => reply),
  );
  routeTo(world, bad, good);
  const run = await world.strata('run', 'explorer', 'What is here?', '--json');
  await clear(world, run, 0, /"answer":"It is empty, as far as one can see\."/);
});

test('every model fails: the run pauses and names each', async (t) => {
  const world = cliWorld(t);
  world.env['DOCKER_HOST'] = NO_DOCKER;
  const bad = await modelServer(t, () => ({ fault: 'html' }));
  routeTo(world, bad, bad);
  await clear(world, await world.strata('run', 'explorer', 'What is here?'), 3, /model-0/, /model-1/);
});

test('an agent file with a mistake names its line, and nothing is started', async (t) => {
  const world = cliWorld(t);
  world.write('.strata/agents/helper.agent.md', '---\nname: helper\ntools: all\n---\nHelp.\n');
  const run = await world.strata('run', 'helper', 'x');
  await clear(world, run, 1, /\.strata\/agents\/helper\.agent\.md:3: tools: must be a list/);
  assert.equal((await world.strata('runs', '--json')).out.trim(), '[]');
  world.write('.strata/agents/broken.agent.md', '---\nname: [\n---\nHelp.\n');
  await clear(world, await world.strata('run', 'broken', 'x'), 1, /broken\.agent\.md:\d: /);
});

test('an agent that does not exist names those that do', async (t) => {
  const world = cliWorld(t);
  await clear(world, await world.strata('run', 'wizard', 'x'), 1, /no agent "wizard"/, /coder, explorer/);
});

test('mistakes in the files of .strata name line and column', async (t) => {
  const world = cliWorld(t);
  world.write('.strata/models.jsonc', '{\n  "routes": { "code": [42] }\n}');
  await clear(world, await world.strata('run', 'explorer', 'x'), 1, /\.strata\/models\.jsonc:2:\d+/);
  world.write('.strata/models.jsonc', '{ "routes": { "code": ["demo/demo"] } }');
  world.write('.strata/tools.jsonc', '{\n  "approval": { "shell_run": "maybe" }\n}');
  await clear(world, await world.strata('run', 'explorer', 'x'), 1, /\.strata\/tools\.jsonc:2:\d+/);
});

test('a second process cannot take over a run that is under way, and can watch it', async (t) => {
  const world = cliWorld(t);
  world.env['DOCKER_HOST'] = NO_DOCKER;
  let answer = (): void => undefined;
  const held = new Promise<void>((resolve) => (answer = resolve));
  const server = await modelServer(t, async () => {
    await held;
    return { text: 'done' };
  });
  routeTo(world, server);
  const { finished } = world.begin('run', 'explorer', 'x');
  await world.until((event) => event.type === 'step.started' && event.kind === 'chat');
  const second = await world.strata('resume', 'last');
  await clear(world, second, 1, /is working on run/, /stop it there/);
  assert.match((await world.strata('runs')).out, /running/);
  answer();
  assert.equal((await finished).code, 0);
});

test('a full disk halts the run with one message, and the run goes on when there is room', async (t) => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    t.skip('needs root on Linux, to mount a small disk');
    return;
  }
  const world = cliWorld(t);
  world.env['DOCKER_HOST'] = NO_DOCKER;
  mkdirSync(world.home);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'strata-test', world.home]);
  world.ending.push(() => execFileSync('umount', ['-l', world.home]));
  const filler = path.join(world.home, 'filler');
  let calls = 0;
  const server = await modelServer(t, () => {
    calls += 1;
    if (calls === 1) execFileSync('sh', ['-c', `cat /dev/zero > ${filler} || true`], { stdio: 'ignore' });
    // Long, so that it cannot fit into what the log has room for already.
    return { text: `It is empty. ${'And so on. '.repeat(20_000)}` };
  });
  routeTo(world, server);
  const run = await world.strata('run', 'explorer', 'x');
  assert.ok(existsSync(filler));
  assert.equal(run.code, 1, run.err || run.out);
  assert.match(run.err, /disk .* is full/);
  assert.match(run.err, /Free some space, then resume/);
  rmSync(filler);
  const runs = await world.strata('runs');
  assert.match(runs.out, /interrupted/);
  const resumed = await world.strata('resume', 'last');
  assert.equal(resumed.code, 0, resumed.err || resumed.out);
});

test('a log that is no database is moved aside, and said so', async (t) => {
  const world = cliWorld(t);
  world.env['DOCKER_HOST'] = NO_DOCKER;
  await world.strata('run', 'explorer', 'x');
  const { folderHome } = await import('../../extension/src/node/home.ts');
  const file = path.join(folderHome(world.home, world.workspace), 'runs.db');
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
  writeFileSync(file, 'this is no database, and it is long enough to be looked at as one'.repeat(100));
  const runs = await world.strata('runs');
  assert.equal(runs.code, 0);
  assert.match(runs.err, /damaged and was moved to .*runs\.db\.damaged-\d+/);
});

test('wrong usage says what is right', async (t) => {
  const world = cliWorld(t);
  for (const [args, expected] of [
    [['fly'], /no command "fly"/],
    [['run'], /takes an agent and a task/],
    [['run', 'coder', 'x', '--colour'], /colour/],
    [['show'], /takes a run/],
    [['runs', '--limit', 'many'], /whole number/],
  ] as const) {
    const run = await world.strata(...args);
    assert.equal(run.code, 2, args.join(' '));
    assert.match(run.err, expected);
  }
});

/** Stands in front of the engine, so that it can go away without taking everybody else's containers along. */
async function socketProxy(front: string, engine: string): Promise<{ close(): Promise<void> }> {
  rmSync(front, { force: true });
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ path: engine, allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => open.delete(socket));
    }
    client.pipe(upstream);
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(front, resolve));
  return {
    close: () =>
      new Promise((resolve) => {
        if (!server.listening) {
          resolve();
          return;
        }
        server.close(() => {
          resolve();
        });
        for (const socket of open) socket.destroy();
      }),
  };
}
