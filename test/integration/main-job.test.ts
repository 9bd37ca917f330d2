import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Message } from '../../extension/src/protocol/message.ts';
import { textOf } from '../../extension/src/protocol/message.ts';
import { cliWorld, containersGone, needsDocker, newestRun } from '../support/cli.ts';
import type { CliWorld } from '../support/cli.ts';
import { asAgent, startModelServer } from '../support/model-server/index.ts';
import type { ScriptedCall, ScriptedReply } from '../support/model-server/index.ts';
import { npmPack } from '../support/npm-package.ts';

const TASK = 'Add isStable(version), which says whether a version has no pre-release part';
const NEW_FILE = 'functions/is-stable.js';
const TEST = `const assert = require('node:assert');
const isStable = require('../${NEW_FILE}');
assert.equal(isStable('1.2.3'), true);
assert.equal(isStable('1.2.3-beta.1'), false);
`;
/** Its first try forgets that no pre-release part is told as null. */
const WRONG = `const prerelease = require('./prerelease');
module.exports = (version, options) => prerelease(version, options).length === 0;
`;

/** The lead of the work: looks, has a helper read, writes, is wrong, and mends what its test says. */
function lead(messages: readonly Message[]): ScriptedReply {
  const done = messages.filter(({ role }) => role === 'tool').map(textOf);
  const steps: readonly ScriptedCall[] = [
    { name: 'memory_search', arguments: { query: 'pre-release part of a version' } },
    {
      name: 'agents_run',
      arguments: { agent: 'reader', task: 'What does functions/prerelease.js return without a pre-release?' },
    },
    { name: 'files_write', arguments: { path: NEW_FILE, text: WRONG } },
    { name: 'shell_run', arguments: { command: 'node test/is-stable.js' } },
    {
      name: 'files_edit',
      arguments: {
        path: NEW_FILE,
        oldText: 'prerelease(version, options).length === 0',
        newText: 'prerelease(version, options) === null',
      },
    },
    { name: 'shell_run', arguments: { command: 'node test/is-stable.js' } },
  ];
  const next = steps[done.length];
  return next ? { toolCalls: [next] } : { text: `isStable is in ${NEW_FILE}, and its test passes.` };
}

function reader(messages: readonly Message[]): ScriptedReply {
  if (messages.some(({ role }) => role === 'tool')) return { text: 'It returns null.' };
  return { toolCalls: [{ name: 'files_read', arguments: { path: 'functions/prerelease.js' } }] };
}

interface Job {
  readonly world: CliWorld;
  /** Models in the order in which they were asked. */
  readonly asked: () => readonly string[];
}

/** The semver package with a test that nothing passes yet, two agents, and a first deployment that is overloaded at times. */
async function semverWorld(t: TestContext): Promise<Job | undefined> {
  const world = cliWorld(t);
  const archive = npmPack(t, 'semver@7.7.3', path.dirname(world.workspace));
  if (archive === undefined) return undefined;
  execFileSync('tar', ['-xzf', archive, '-C', world.workspace, '--strip-components=1']);
  const server = await startModelServer(
    asAgent((messages, _tools, { model }) => {
      const system = messages.find(({ role }) => role === 'system');
      const isReader = system !== undefined && textOf(system).includes('You read');
      const said = messages.filter(({ role }) => role === 'tool').length;
      if (model === 'first' && !isReader && said >= 3) return { fault: 'status', status: 503 };
      return isReader ? reader(messages) : lead(messages);
    }),
  );
  world.ending.push(() => void server.close());
  const deployment = (model: string) => ({ provider: 'openai', model, baseUrl: `${server.url}/v1` });
  world.write(
    '.strata/models.jsonc',
    JSON.stringify({ routes: { code: ['first', 'second'].map(deployment) } }),
  );
  world.write('.strata/tools.jsonc', '{ "approval": { "shell_run": "ask" } }');
  world.write(
    '.strata/agents/lead.agent.md',
    '---\nname: lead\ndescription: Leads.\nroute: code\ntools: [files_*, shell_run, memory_search]\nagents: [reader]\n---\nYou lead.\n',
  );
  world.write(
    '.strata/agents/reader.agent.md',
    '---\nname: reader\ndescription: Reads.\nroute: code\ntools: [files_read]\n---\nYou read.\n',
  );
  world.write('test/is-stable.js', TEST);
  return { world, asked: () => server.requests.map(({ model }) => model) };
}

test('the main job on a real repository: recalled, shared out, killed, resumed, replayed, forked, compared, exported and imported', async (t) => {
  if (!(await needsDocker(t))) return;
  const job = await semverWorld(t);
  if (job === undefined) return;
  const { world, asked } = job;
  assert.equal((await world.strata('index')).code, 0);
  assert.equal((await world.strata('run', 'reader', 'What is a pre-release part of a version?')).code, 0);

  const earlier = newestRun(world);
  const { process: child, finished } = world.begin('run', 'lead', TASK, '--yes');
  while (newestRun(world) === earlier) await wait(20, undefined, { signal: t.signal });
  await world.until((event) => event.type === 'step.started' && event.name === 'shell_run');
  child.kill('SIGKILL');
  await finished;
  const run = newestRun(world);
  assert.equal(world.view(run).status, 'running', 'nobody has said yet that it is over');
  assert.ok(await containersGone(run), 'no container outlives its run');
  const resumed = await world.strata('resume', run, '--yes');
  assert.equal(resumed.code, 0, resumed.err || resumed.out);
  assert.match(resumed.out, /isStable is in/);

  const { steps, totals, status } = world.view(run);
  assert.equal(status, 'succeeded');
  const seen = steps.map(({ kind, name }) => (kind === 'tool' || kind === 'recall' ? name : kind));
  for (const part of ['agent', 'approval', 'memory_search', 'files_edit', 'shell_run'])
    assert.ok(seen.includes(part), `${part} of ${seen.join()}`);
  const recall = steps.find(({ kind }) => kind === 'recall');
  assert.match(JSON.stringify(recall?.output), /pre-release|blob/, 'the earlier run is recalled');
  assert.match((await world.strata('show', run)).out, /exit code 1[\s\S]*exit code 0/, 'its first try fails');
  assert.match(JSON.stringify(steps.map(({ notes }) => notes)), /503/, 'a model was overloaded');
  assert.ok(asked().includes('second'), 'and another took over');
  assert.equal(steps.find(({ files }) => files)?.files?.paths[0], NEW_FILE);
  assert.ok(!existsSync(path.join(world.workspace, NEW_FILE)), 'the folder is as it was');

  assert.match((await world.strata('replay', run)).out, /equal to the recording/);

  const edit = steps.find(({ name }) => name === 'files_edit');
  const forked = await world.strata('fork', run, edit?.id ?? '', '-m', 'Say it briefly', '--yes', '--json');
  assert.equal(forked.code, 0, forked.err || forked.out);
  const fork = newestRun(world);
  assert.deepEqual(world.view(fork).origin, { kind: 'fork', run, step: edit?.id });
  const compared = await world.strata('diff', run, fork);
  assert.match(compared.out, /Say it briefly/);

  const file = path.join(world.home, 'trace.json');
  assert.equal((await world.strata('export', run, '--content', '-o', file)).code, 0);
  const imported = await world.strata('import', file, '--json');
  assert.equal(imported.code, 0, imported.err);
  const { runs } = JSON.parse(imported.out.trim().split('\n').at(-1) ?? '') as { runs: readonly string[] };
  const copy = world.view(runs[0] ?? '');
  const { subSteps, ...counted } = totals;
  assert.deepEqual({ ...copy.totals, subSteps }, { ...counted, subSteps }, 'with what the sub-agent used');
  const named = (view: typeof copy): string[] =>
    view.steps.map(({ id, kind, name }) => `${id} ${kind} ${name}`);
  const [inside, whole] = [named(copy), named(world.view(run))];
  assert.deepEqual(
    inside.filter((line) => whole.includes(line)),
    whole,
  );
  assert.equal(inside.length - whole.length, subSteps + 1, 'the sub-agent’s run stands inside its step');

  assert.equal((await world.strata('apply', run)).code, 0);
  execFileSync(process.execPath, ['test/is-stable.js'], { cwd: world.workspace });
  assert.ok(await containersGone(run));
});
