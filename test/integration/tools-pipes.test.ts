import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { sweep, type Engine } from '../../extension/src/node/docker/index.ts';
import { mayBeAlive, ownOwner } from '../../extension/src/node/docker/owner.ts';
import { attackedPlace, imageFor, shellOf, startServer } from '../support/attacked-server.ts';
import { engineForTests, type EngineForTests } from '../support/docker.ts';

// How the messages of a server come out of its container: through named pipes where the engine is of this kernel.

const soon = () => AbortSignal.timeout(180_000);
const home = mkdtempSync(join(tmpdir(), 'strata-pipes-'));
process.env['STRATA_HOME'] = home;
let found: EngineForTests;
before(async () => {
  found = await engineForTests();
});
after(async () => {
  if (found.kind === 'ready') await found.stop();
  rmSync(home, { recursive: true, force: true });
});

const pipesLeft = (): readonly string[] => readdirSync(join(home, 'pipes'));

async function start(t: TestContext, change: Partial<Engine>, more: Parameters<typeof startServer>[2] = {}) {
  if (found.kind !== 'ready') {
    t.skip(found.reason);
    return undefined;
  }
  const engine = { ...found.engine, ...change };
  const place = await attackedPlace();
  t.after(() => place.remove());
  const image = await imageFor(engine, 'shell', soon());
  const container = await startServer(engine, image, { folder: place.folder, ...more }, soon());
  t.after(() => container.stop());
  return container;
}

test('a large message comes whole, either way, and the pipes have no name any more', async (t) => {
  const container = await start(t, {});
  if (!container) return;
  const shell = await shellOf(container, soon());
  assert.deepEqual(pipesLeft(), []);
  const text = 'ä pipe holds 64 KiB '.repeat(4000);
  // The answer shows the first and the last part of a long output; what was asked comes whole.
  assert.equal(await shell.run(`printf %s '${text}' | wc -c`), String(Buffer.byteLength(text)));
  const long = await shell.run('seq 1 20000');
  assert.match(long, /^1\n2\n3\n[^]*\n19999\n20000$/);
  assert.match(
    await shell.run('grep -c " /run/strata " /proc/self/mountinfo'),
    /^1$/,
    'this engine has the pipes',
  );
});

test('where the engine is of another kernel, messages go by way of the engine', async (t) => {
  const container = await start(t, { sharesKernel: false });
  if (!container) return;
  const shell = await shellOf(container, soon());
  assert.equal(
    await shell.run('echo by the engine; ls /run/strata 2>&1 | grep -o "No such file"'),
    'by the engine\nNo such file',
  );
});

test('a program that ends before it has opened its pipes, or said anything, has ended, and leaves no pipe', async (t) => {
  for (const script of ['exit 7', 'exec < /run/strata/in > /run/strata/out; exit 7']) {
    const container = await start(t, {}, { entrypoint: ['/opt/strata/sh', '-c', script] });
    if (!container) return;
    container.output.resume();
    const ended = new Promise((resolve) => container.output.once('close', resolve));
    assert.deepEqual(await container.ended, { kind: 'exited', code: 7 });
    await ended;
    assert.deepEqual(pipesLeft(), []);
  }
});

test('what a server said last is read after its end', async (t) => {
  const script = 'exec < /run/strata/in > /run/strata/out; read line; echo "the last words after $line"';
  const container = await start(t, {}, { entrypoint: ['/opt/strata/sh', '-c', script] });
  if (!container) return;
  container.input.write('a question\n');
  assert.deepEqual(await container.ended, { kind: 'exited', code: 0 });
  let said = '';
  for await (const chunk of container.output) said += String(chunk);
  assert.equal(said, 'the last words after a question\n');
});

test('pipes of a process that was killed while a container started are swept, and those of the living are not', async (t) => {
  if (found.kind !== 'ready') {
    t.skip(found.reason);
    return;
  }
  // This process as it would have been, had it started in the first moment of the machine's life.
  const dead = ownOwner().replace(/-\d+$/, '-0');
  assert.equal(mayBeAlive(dead), false);
  const living = `${ownOwner()}_abcdef`;
  for (const name of [`${dead}_abcdef`, living]) mkdirSync(join(home, 'pipes', name), { recursive: true });
  await sweep(found.engine, soon());
  assert.deepEqual(pipesLeft(), [living]);
});
