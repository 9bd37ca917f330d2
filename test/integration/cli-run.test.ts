import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { folderHome } from '../../extension/src/node/home.ts';
import type { RunEvent } from '../../extension/src/protocol/run-event.ts';
import { createDemoProvider } from '../../extension/src/core/models/demo/demo-provider.ts';
import { servingProvider, startModelServer } from '../support/model-server/index.ts';
import { cliWorld, containersGone, needsDocker, newestRun } from '../support/cli.ts';

const TASK = 'Make the failing test pass';

test('a whole run: a failing test passes, in a copy, and is applied when asked', async (t) => {
  if (!(await needsDocker(t))) return;
  const world = cliWorld(t, { sample: true });
  const source = path.join(world.workspace, 'src/discounts.js');
  const before = readFileSync(source, 'utf8');

  const run = await world.strata('run', 'coder', TASK);
  assert.equal(run.code, 0, run.err || run.out);
  assert.match(run.out, /shell_run +npm test → exit code 1/);
  assert.match(run.out, /shell_run +npm test → exit code 0/);
  assert.match(run.out, /✔ succeeded .* free \(demo\)/);
  assert.equal(readFileSync(source, 'utf8'), before, 'the user’s files are untouched');

  const replay = await world.strata('replay', 'last');
  assert.equal(replay.code, 0);
  assert.match(replay.out, /equal to the recording {2}\d+ steps/);

  const diff = await world.strata('show', 'last', '--diff');
  assert.match(diff.out, /^\+.*quantity >= from/m);

  const applied = await world.strata('apply', 'last');
  assert.equal(applied.code, 0, applied.err);
  assert.match(readFileSync(source, 'utf8'), /quantity >= from/);

  assert.equal((await world.strata('discard', 'last')).code, 0);
  assert.match((await world.strata('show', 'last', '--diff')).out, /quantity >= from/, 'the snapshots stay');
  const copies = path.join(folderHome(world.home, world.workspace), 'files/copies');
  assert.deepEqual(readdirSync(copies), [], 'and the copy stays away');

  const again = await world.strata('run', 'coder', TASK, '--json');
  assert.equal(again.code, 0, again.err);
  const end = JSON.parse(again.out.trim().split('\n').at(-1) ?? '') as { run: string; answer: string };
  assert.match(end.answer, /nothing to repair/);
  const recall = world.view(end.run).steps.find(({ kind }) => kind === 'recall');
  assert.match(
    JSON.stringify(recall?.output),
    /discounts\.js|blob/,
    'the first run is recalled in the second',
  );
  assert.match((await world.strata('show', end.run)).out, /Recall episodes +1 earlier run/);
  assert.ok(await containersGone(end.run));
});

test('a whole run through the SDKs: OpenAI’s model is out of quota from the third call on, Anthropic’s goes on', async (t) => {
  if (!(await needsDocker(t))) return;
  const agent = servingProvider(createDemoProvider());
  const server = await startModelServer(
    (request, call) =>
      request.format === 'openai' && call > 2
        ? { fault: 'status', status: 429, headers: { 'retry-after': '3600' } }
        : agent(request, call),
    { key: 'k-1' },
  );
  t.after(() => server.close());
  const world = cliWorld(t, { sample: true });
  Object.assign(world.env, {
    ANTHROPIC_API_KEY: 'k-1',
    ANTHROPIC_BASE_URL: server.url,
    OPENAI_API_KEY: 'k-1',
    OPENAI_BASE_URL: `${server.url}/v1`,
  });
  world.write(
    '.strata/models.jsonc',
    '{ "routes": { "code": ["openai/gpt-5", "anthropic/claude-sonnet-4-6"] } } // two deployments',
  );
  const run = await world.strata('run', 'coder', TASK);
  assert.equal(run.code, 0, run.err || run.out);
  assert.match(run.out, /shell_run +npm test → exit code 0/);
  assert.match(run.out, /cost ~\$0\.\d+/, 'behind another address a price is an estimate');
  const formats = new Set(server.requests.map(({ format }) => format));
  assert.deepEqual([...formats].sort(), ['anthropic', 'openai']);
  const notes = world.view(newestRun(world)).steps.flatMap((step) => step.notes.map(({ text }) => text));
  assert.ok(
    notes.some((note) => /openai\/gpt-5.*falling back to anthropic/.test(note)),
    notes.join('\n'),
  );
  assert.doesNotMatch(JSON.stringify(world.events(newestRun(world))), /k-1/);
});

type Point = readonly [string, (event: RunEvent) => boolean];

/** Where the process is killed: as soon as the log holds such an event. */
const points: readonly Point[] = [
  ['while containers start', (event) => event.type === 'step.started' && event.kind === 'catalogue'],
  [
    'while the tests run in the container',
    (event) => event.type === 'step.started' && event.name === 'shell_run',
  ],
];

/** A whole run with containers each; what is done again after a kill at any commit is seen without them in kill-matrix. */
const morePoints: readonly Point[] = [
  ['while the workspace is copied', (event) => event.type === 'step.started' && event.kind === 'snapshot'],
  ['when a model is asked', (event) => event.type === 'step.started' && event.kind === 'chat'],
  ['after a file was edited', (event) => event.type === 'step.finished' && event.files !== undefined],
];
const soak = process.env['STRATA_SOAK'] === '1';

for (const [when, fits] of soak ? [...points, ...morePoints] : points) {
  test(`killed ${when}, the run is resumed to the same end`, async (t) => {
    if (!(await needsDocker(t))) return;
    const world = cliWorld(t, { sample: true });
    const { process: child, finished } = world.begin('run', 'coder', TASK);
    await world.until(fits);
    child.kill('SIGKILL');
    await finished;
    const run = newestRun(world);
    assert.ok(await containersGone(run), 'no container outlives its run');
    const done = new Set(
      world
        .view(run)
        .steps.filter(({ status }) => status === 'finished')
        .map(({ id }) => id),
    );

    const resumed = await world.strata('resume', run);
    assert.equal(resumed.code, 0, resumed.err || resumed.out);
    assert.match(resumed.out, /all \d+ tests pass/);
    const view = world.view(run);
    assert.deepEqual(view.steps.find(({ files }) => files)?.files?.paths, ['src/discounts.js']);
    const startedAgain = view.steps.filter(({ id, attempt }) => done.has(id) && attempt > 1);
    assert.deepEqual(startedAgain, [], 'no finished step is executed a second time');
    assert.match((await world.strata('replay', run)).out, /equal to the recording/);
    assert.ok(await containersGone(run));
  });
}
