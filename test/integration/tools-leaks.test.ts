import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sweep, type Engine } from '../../extension/src/node/docker/index.ts';
import { prepareImage } from '../../extension/src/node/docker/images.ts';
import { buildServers, engineForTests, type EngineForTests } from '../support/docker.ts';
import { folderWith } from '../support/docker-world.ts';
import { needSweep, scenarios, thingsLeft, type Surroundings } from '../support/leak-scenarios.ts';
import { processesMarked } from '../support/marked-processes.ts';

// Every way for servers, their host, its reaper and the engine to end, one of each. With STRATA_SOAK a thousand servers,
// the ways and their moments by chance.
const soak = process.env['STRATA_SOAK'] === '1';
const soakServers = Number(process.env['STRATA_SOAK_SERVERS'] ?? 1000);
const soakHosts = 2; // At once.
const serversPerHost = soak ? 10 : 2;
const goneLimitMs = 90_000; // Far more than it takes, unless the machine is at its limits.
const seed = Number(process.env['STRATA_SEED'] ?? Date.now() % 1e9);

let found: EngineForTests;
let servers: Awaited<ReturnType<typeof buildServers>>;
let folder: ReturnType<typeof folderWith>;
before(async () => {
  [found, servers] = await Promise.all([engineForTests(), buildServers(['shell'])]);
  folder = folderWith({});
});
after(async () => {
  servers.remove();
  folder.remove();
  if (found.kind === 'ready') await found.stop();
});

function engineFor(t: TestContext): (Engine & { readonly socketPath: string }) | undefined {
  if (found.kind === 'missing') t.skip(found.reason);
  else if (process.platform !== 'linux') t.skip('needs /proc');
  else if (found.engine.connection.kind !== 'socket') t.skip('needs an engine behind a socket');
  else return { ...found.engine, socketPath: found.engine.connection.socketPath };
  return undefined;
}

let worlds = 0;
async function world(
  engine: Engine & { readonly socketPath: string },
  random: () => number,
): Promise<Surroundings> {
  const signal = AbortSignal.timeout(180_000);
  const request = { name: 'shell', serversDir: servers.folder, folder: folder.path, base: 'node:22-slim' };
  const image = await prepareImage(
    engine,
    { kind: 'built-in' },
    { ...request, signal, onProgress: () => undefined },
  );
  const run = `leak-${process.pid}-${(worlds += 1)}`;
  const { socketPath } = engine;
  return {
    engine,
    socketPath,
    image: image.id,
    folder: folder.path,
    run,
    mark: `STRATA_LEAK_TEST=${run}`,
    random,
  };
}

/** Whatever goes wrong, no process stays. */
async function befall(at: Surroundings, name: string): Promise<void> {
  try {
    await scenarios[name]?.(at, serversPerHost);
    await nothingLeft(at, name);
  } finally {
    for (const pid of processesMarked(at.mark)) process.kill(pid, 'SIGKILL');
  }
}

/** Everything goes without help, but for what needs the next program's sweep: then that one gets its chance. */
async function nothingLeft(at: Surroundings, scenario: string): Promise<void> {
  let left: readonly string[] = [];
  const begun = Date.now();
  while (Date.now() - begun < goneLimitMs) {
    const processes = processesMarked(at.mark).map((pid) => `process ${pid}`);
    left = [...(await thingsLeft(at)), ...processes];
    if (left.length === 0) return;
    if (Date.now() - begun > 3000 && needSweep.includes(scenario))
      await sweep(at.engine, AbortSignal.timeout(30_000));
    await delay(100);
  }
  assert.deepEqual(left, [], scenario);
}

for (const name of Object.keys(scenarios))
  test(`nothing is left when ${name}`, async (t) => {
    const engine = engineFor(t);
    if (!engine) return;
    const at = await world(engine, chance(1));
    await befall(at, name);
  });

if (soak) test(`nothing is left of ${soakServers} servers, whatever happens to them`, soakTest);

async function soakTest(t: TestContext): Promise<void> {
  const engine = engineFor(t);
  if (!engine) return;
  t.diagnostic(`seed ${seed}`);
  const random = chance(seed);
  const names = Object.keys(scenarios);
  const counts = new Map<string, number>();
  let left = soakServers;
  const said = { started: 0, failed: 0 };
  const work = async () => {
    const at: Surroundings = {
      ...(await world(engine, random)),
      said: (line) => {
        if (line.startsWith('started ')) said.started += 1;
        if (line.startsWith('failed ')) said.failed += 1;
      },
    };
    while (left > 0) {
      left -= serversPerHost;
      const name = names[Math.floor(random() * names.length)] ?? '';
      try {
        await befall(at, name);
      } catch (error) {
        left = 0; // The others end with what they have begun.
        throw new Error(`When ${name}`, { cause: error });
      }
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: soakHosts }, work));
  t.diagnostic(`${said.started} servers answered, ${said.failed} were ended or late before they did`);
  for (const [name, count] of counts) t.diagnostic(`${count} × ${serversPerHost} servers: ${name}`);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** Numbers from 0 to 1 that look like chance and are the same again for the same seed (mulberry32). */
function chance(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
