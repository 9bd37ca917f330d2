import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isStrataError } from '../../extension/src/base/errors.ts';
import { findEngine, sweep, type Engine } from '../../extension/src/node/docker/index.ts';
import { prepareImage } from '../../extension/src/node/docker/images.ts';
import { dockerOf } from '../support/dockerode.ts';
import { folderWith } from '../support/docker-world.ts';
import { startHost, type Surroundings } from '../support/leak-scenarios.ts';
import { processesMarked } from '../support/marked-processes.ts';
import { noPrivateEngine, startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts';
import { importSmallBase } from '../support/small-base.ts';
import { BUNDLES, openTools, type OpenedTools } from '../support/tool-world.ts';

// What an engine that is killed does to servers at work, and what is left of them when it has come back: an engine of the
// test's own, since everybody else needs theirs.
const mark = `STRATA_KILLED_ENGINE=${process.pid}`;
const goneLimitMs = 60_000; // Far more than it takes, unless the machine is at its limits.
const soon = () => AbortSignal.timeout(120_000);

let missing: string | undefined;
let killable: PrivateEngine | undefined;
before(async () => {
  missing = noPrivateEngine();
  if (missing !== undefined) return;
  killable = await startPrivateEngine();
  process.env['DOCKER_HOST'] = killable.address;
  const [name = '', value] = mark.split('=');
  process.env[name] = value; // From here on, so that the engine does not carry it.
  const found = await ours();
  await importSmallBase(found, ['node', '22-slim']);
  await found.dispose();
});
after(async () => {
  for (const pid of processesMarked(mark)) process.kill(pid, 'SIGKILL');
  await killable?.remove();
});

function engineFor(t: TestContext): PrivateEngine | undefined {
  if (!killable) t.skip(missing);
  return killable;
}

let runs = 0;
async function open(t: TestContext): Promise<OpenedTools> {
  const folder = folderWith({ 'a.txt': 'a' });
  const tools = await openTools({ folder: folder.path, run: `killed-${process.pid}-${(runs += 1)}` });
  t.after(async () => {
    await tools.dispose();
    folder.remove();
  });
  return tools;
}

/** What a call says, or the code of its error and what to do. */
async function told(answer: Promise<string>): Promise<string> {
  return answer.catch((error: unknown) => {
    if (!isStrataError(error)) throw error;
    return `${error.code}: ${error.action}`;
  });
}
const engineGone = 'docker-unreachable: Start Docker, then resume the run.';

const echo = (tools: OpenedTools, word: string) =>
  told(tools.say('shell_run', { command: `echo ${word} | tee -a said.txt` }));

/** Both servers work, and on the same files: nothing was done for that but to call them. */
async function bothWork(tools: OpenedTools): Promise<void> {
  const written = await told(tools.say('files_write', { path: 'new.txt', text: 'written' }));
  assert.match(written, /^Wrote 7 bytes/);
  assert.match(await told(tools.say('shell_run', { command: 'cat new.txt' })), /^exit code 0\n.*\nwritten/);
}

const ours = () =>
  findEngine({ signal: soon() }).then((state) => {
    assert.ok(state.kind === 'ready', JSON.stringify(state));
    return state.engine;
  });

/** Everything on the engine, for nobody else uses it, and every process that is not the engine's own. */
async function thingsOn(engine: PrivateEngine): Promise<readonly string[]> {
  const found = await ours();
  try {
    const docker = dockerOf(found);
    const [listed, { Volumes: volumes }, networks] = await Promise.all([
      docker.listContainers({ all: true }),
      docker.listVolumes(),
      docker.listNetworks(),
    ]);
    // The engine may list one that it removed while it came back, and answers that there is none when it is asked.
    const containers = await Promise.all(
      listed.map(({ Id, State }) =>
        docker
          .getContainer(Id)
          .inspect()
          .then(
            () => [`container ${Id} ${State}`],
            () => [],
          ),
      ),
    );
    const itsOwn = ['dockerd', 'containerd'];
    return [
      ...containers.flat(),
      ...volumes.map(({ Name }) => `volume ${Name}`),
      ...networks.map(({ Name }) => `network ${Name}`).filter((one) => !/ (none|host)$/.test(one)),
      ...engine
        .processes()
        .flatMap(({ pid, command }) => (itsOwn.includes(command) ? [] : [`${command} ${pid}`])),
    ];
  } finally {
    await found.dispose();
  }
}

async function becomesEmpty(look: () => Promise<readonly string[]>): Promise<void> {
  const limit = AbortSignal.timeout(goneLimitMs);
  for (;;) {
    const left = await look();
    if (left.length === 0) return;
    if (limit.aborted) assert.deepEqual(left, []);
    await delay(50);
  }
}

/** When those who used it are done: not a process either. */
async function nothingIsLeft(engine: PrivateEngine): Promise<void> {
  await becomesEmpty(async () => [
    ...(await thingsOn(engine)),
    ...processesMarked(mark).map((pid) => `process ${pid}`),
  ]);
}

test('an engine is killed while servers answer: each call says what to do, and later each works again', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const worlds = await Promise.all([open(t), open(t)]);
  let killed = false;
  const callers = worlds.flatMap((tools) => [
    { answers: 0, call: () => echo(tools, 'word') },
    // Without an engine, reading goes on in a process of this machine.
    { answers: 0, call: () => told(tools.say('files_read', { path: 'a.txt' })) },
  ]);
  const ends = callers.map(async (caller) => {
    for (;;) {
      const late = killed;
      const answer = await caller.call();
      if (late || answer === engineGone) return answer;
      assert.match(answer, /^(a|exit code 0\n--- stdout ---\nword\n)$/);
      caller.answers += 1;
    }
  });
  while (callers.some(({ answers }) => answers < 3)) await Promise.race([delay(10), ...ends]);
  await engine.kill();
  killed = true;
  const [one, read, two, alsoRead] = await Promise.all(ends);
  assert.deepEqual([one, two], [engineGone, engineGone]);
  for (const end of [read, alsoRead]) assert.ok(end === 'a' || end === engineGone, end);
  await engine.start();
  await Promise.all(worlds.map(bothWork));
  await Promise.all(worlds.map((tools) => tools.dispose()));
  await nothingIsLeft(engine);
});

test('an engine is killed in the middle of a call, and what outlives it ends when it is back', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const tools = await open(t);
  await bothWork(tools);
  const busy = tools.call('shell_run', {
    arguments: { command: 'echo begun; while :; do :; done', timeoutSeconds: 600 },
    signal: soon(),
    onOutput: () => void engine.kill(),
  });
  assert.equal(await told(busy.then(() => 'an answer')), engineGone);
  await engine.kill();
  const outlived = engine.processes();
  assert.equal(await echo(tools, 'second'), engineGone);
  // Read without an engine as soon as nobody believes in it any more.
  await becomesEmpty(async () => {
    const read = await told(tools.say('files_read', { path: 'new.txt' }));
    return read === 'written' ? [] : [read];
  });
  assert.equal(await told(tools.say('files_write', { path: 'new.txt', text: '' })), engineGone);
  await engine.start();
  await becomesEmpty(async () => {
    const there = engine.processes().map(({ pid }) => pid);
    return outlived.flatMap(({ pid, command }) => (there.includes(pid) ? [`${command} ${pid}`] : []));
  });
  t.diagnostic(`outlived the engine: ${outlived.map(({ command }) => command).join(', ')}`);
  await bothWork(tools);
  await tools.dispose();
  await nothingIsLeft(engine);
});

test('servers that start right after others of this process have ended are let live', async (t) => {
  if (!engineFor(t)) return;
  for (const word of ['one', 'two']) {
    const tools = await open(t);
    // Longer than it takes to look for what the first ones have left.
    const said = await told(tools.say('shell_run', { command: `sleep 2; echo ${word}` }));
    assert.equal(said, `exit code 0\n--- stdout ---\n${word}\n`);
    await tools.dispose();
  }
});

/** The moments in the making of a container, by what is to be seen of it. */
const moments: Readonly<Record<string, (engine: Engine) => Promise<boolean>>> = {
  'was asked for': () => delay(10, true),
  'is made and does not run': (engine) => isThere(engine, 'created'),
  'begins to run': (engine) => isThere(engine, 'running'),
};

async function isThere(engine: Engine, state: string): Promise<boolean> {
  return (await dockerOf(engine).listContainers({ all: true, filters: { status: [state] } })).length > 0;
}

for (const [moment, isNow] of Object.entries(moments))
  test(`an engine is killed when a container ${moment}: nothing of it stays`, async (t) => {
    const engine = engineFor(t);
    if (!engine) return;
    const tools = await open(t);
    const watching = await ours();
    const starting = echo(tools, 'word');
    const answered = starting.then(() => 'too late');
    const seen = (async () => {
      while (!(await isNow(watching))) await delay(1, undefined, { signal: t.signal });
      return 'in time';
    })();
    t.diagnostic(await Promise.race([seen, answered]));
    await engine.kill();
    const answer = await starting;
    assert.ok(answer === engineGone || answer.endsWith('word\n'), answer);
    await watching.dispose();
    await engine.start();
    // With the tools still open: this process is alive, so that no sweep would take anything of it.
    assert.match(await echo(tools, 'again'), /again/);
    await becomesEmpty(async () => (await thingsOn(engine)).filter((one) => / created$/.test(one)));
    await tools.dispose();
    await nothingIsLeft(engine);
  });

test('the engine is killed, and then the host: the next program sweeps', async (t) => {
  const engine = engineFor(t);
  if (!engine) return;
  const found = await ours();
  const folder = folderWith({});
  t.after(() => folder.remove());
  const request = {
    name: 'shell',
    serversDir: `${BUNDLES}/mcp-servers`,
    folder: folder.path,
    signal: soon(),
  };
  const { id: image } = await prepareImage(
    found,
    { kind: 'built-in' },
    { ...request, base: 'node:22-slim', onProgress: () => undefined },
  );
  const socketPath = engine.address.slice('unix://'.length);
  const at: Surroundings = {
    ...{ engine: found, socketPath, image, folder: folder.path, run: `host-${process.pid}`, mark },
    random: () => 0.5,
  };
  const host = startHost(at, 2);
  await host.said('all');
  await engine.kill();
  await host.kill();
  // Its reaper gives the engine up.
  await becomesEmpty(() => Promise.resolve(processesMarked(mark).map(String)));
  await engine.start();
  await sweep(found, soon());
  await found.dispose();
  await nothingIsLeft(engine);
});
