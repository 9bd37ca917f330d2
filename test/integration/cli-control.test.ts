import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { textOf } from '../../extension/src/protocol/message.ts';
import { asAgent, startModelServer } from '../support/model-server/index.ts';
import type { ModelServer } from '../support/model-server/index.ts';
import { cliWorld, newestRun } from '../support/cli.ts';
import type { CliWorld } from '../support/cli.ts';

interface Scripted {
  readonly world: CliWorld;
  readonly server: ModelServer;
}

/** A lead that has a helper read a file and then answers with what it was told. No Docker is needed for either. */
async function scripted(t: TestContext): Promise<Scripted> {
  const world = cliWorld(t, { sample: true });
  world.env['DOCKER_HOST'] = 'unix:///nonexistent/docker.sock';
  const server = await startModelServer(
    asAgent((messages) => {
      const system = messages.find(({ role }) => role === 'system');
      const results = messages.filter(({ role }) => role === 'tool');
      const said = messages.filter(({ role }) => role === 'user').at(-1);
      if (system && textOf(system).includes('You help')) {
        if (results.length === 0)
          return { toolCalls: [{ name: 'files_read', arguments: { path: 'package.json' } }] };
        return { text: 'the helper has read it' };
      }
      if (results.length === 0)
        return {
          toolCalls: [{ name: 'agents_run', arguments: { agent: 'helper', task: 'Read package.json' } }],
        };
      const [result] = results;
      return { text: `told "${said ? textOf(said) : ''}", helped with "${result ? textOf(result) : ''}"` };
    }),
  );
  t.after(() => server.close());
  const route = (model: string) => [{ provider: 'openai', model, baseUrl: `${server.url}/v1` }];
  world.write(
    '.strata/models.jsonc',
    JSON.stringify({ routes: { code: route('first'), other: route('second') } }),
  );
  world.write(
    '.strata/agents/lead.agent.md',
    '---\nname: lead\ndescription: Leads.\nroute: code\ntools: []\nagents: [helper]\nmemory: false\n---\nYou lead.\n',
  );
  world.write(
    '.strata/agents/helper.agent.md',
    '---\nname: helper\ndescription: Helps.\nroute: code\ntools: [files_read]\nmemory: false\n---\nYou help.\n',
  );
  return { world, server };
}

/** The end of a command that was given `--json`. */
function lastLine(out: string): { readonly run: string; readonly status: string; readonly answer: string } {
  return JSON.parse(out.trim().split('\n').at(-1) ?? '') as ReturnType<typeof lastLine>;
}

const stepOfKind = (world: CliWorld, run: string, kind: string): string => {
  const step = world.view(run).steps.find((one) => one.kind === kind);
  assert.ok(step, `no step of kind ${kind}`);
  return step.id;
};

test('a run with a sub-agent: its steps are shown where they belong, its run is listed when asked for', async (t) => {
  const { world } = await scripted(t);
  const run = await world.strata('run', 'lead', 'Look at the package');
  assert.equal(run.code, 0, run.err || run.out);
  const parent = newestRun(world);
  const agent = stepOfKind(world, parent, 'agent');
  const inner = new RegExp(`^ *${agent}/\\d+ +files_read `, 'm');
  assert.match(run.out, inner, 'while it goes on');
  const shown = await world.strata('show', 'last');
  assert.match(shown.out, inner, 'and later');
  assert.match(
    shown.out,
    new RegExp(`^ *${agent} +Sub-agent helper +succeeded: the helper has read it.*tokens`, 'm'),
  );

  assert.equal((await world.strata('runs')).out.trim().split('\n').length, 1);
  const all = (await world.strata('runs', '--all')).out.trim().split('\n');
  assert.equal(all.length, 2);
  assert.match(all[1] ?? '', new RegExp(`^  ${parent}-${agent} .*\\(sub-run\\) Read package.json`));
  const sub = await world.strata('show', `${parent}-${agent}`);
  assert.match(sub.out, new RegExp(`Sub-run of ${parent}, for its step ${agent}`));
});

test('a run is given another model than its agent’s, which the agents that it calls keep', async (t) => {
  const { world, server } = await scripted(t);
  const unknown = await world.strata('run', 'lead', 'Look', '--route', 'openai/third');
  assert.notEqual(unknown.code, 0);
  assert.match(unknown.err, /There is no model route named “openai\/third”: the routes are code, other/);
  assert.equal(server.requests.length, 0);
  const run = await world.strata('run', 'lead', 'Look', '--route', 'other');
  assert.equal(run.code, 0, run.err || run.out);
  assert.deepEqual(
    server.requests.map(({ model }) => model),
    ['second', 'first', 'first', 'second'],
  );
});

test('a fork takes the recorded steps over and goes on with another message and another model', async (t) => {
  const { world, server } = await scripted(t);
  assert.equal((await world.strata('run', 'lead', 'Look')).code, 0);
  const original = newestRun(world);
  const agent = stepOfKind(world, original, 'agent');
  const before = server.requests.length;

  const forked = await world.strata(
    'fork',
    original,
    agent,
    '-m',
    'Be brief',
    '--route',
    'openai/second',
    '--json',
  );
  assert.equal(forked.code, 0, forked.err || forked.out);
  const end = lastLine(forked.out);
  assert.match(end.answer, /told "Be brief", helped with "the helper has read it/);
  const live = server.requests.slice(before);
  assert.deepEqual(
    live.map(({ model }) => model),
    ['second'],
    'the one call that is live goes to the named model alone',
  );
  assert.deepEqual(world.view(end.run).origin, { kind: 'fork', run: original, step: agent });

  const replayed = await world.strata('replay', original, '--from', agent, '--json');
  assert.match(
    lastLine(replayed.out).answer,
    /told "Look"/,
    'replay --from changes nothing but what is live',
  );
  assert.match(
    (await world.strata('show', end.run)).out,
    new RegExp(`Forked from ${original} at step ${agent}`),
  );
});

test('a fork with another result for a step, from a file', async (t) => {
  const { world } = await scripted(t);
  assert.equal((await world.strata('run', 'helper', 'Read it')).code, 0);
  const original = newestRun(world);
  const read = stepOfKind(world, original, 'tool');
  const result = path.join(world.home, 'result.json');
  mkdirSync(world.home, { recursive: true });
  writeFileSync(result, '{');
  assert.match((await world.strata('fork', original, read, '--result-file', result)).err, /holds no JSON/);
  writeFileSync(result, JSON.stringify({ content: [{ type: 'text', text: 'other' }], isError: false }));
  const forked = await world.strata('fork', original, read, '--result-file', result, '--json');
  assert.equal(forked.code, 0, forked.err);
  const step = world.view(lastLine(forked.out).run).steps.find(({ id }) => id === read);
  assert.equal(step?.edited, true);
  assert.match(JSON.stringify(step.output), /other/);
});

test('a rerun is all live, a replay with live tools asks no model', async (t) => {
  const { world, server } = await scripted(t);
  assert.equal((await world.strata('run', 'helper', 'Read it')).code, 0);
  const original = newestRun(world);
  const calls = server.requests.length;

  const rerun = await world.strata('rerun', original, '--json');
  assert.equal(rerun.code, 0, rerun.err);
  assert.equal(server.requests.length, calls * 2);
  assert.deepEqual(world.view(lastLine(rerun.out).run).origin, { kind: 'rerun', run: original });

  const tools = await world.strata('replay', original, '--live', 'tools', '--json');
  assert.equal(tools.code, 0, tools.err);
  assert.equal(server.requests.length, calls * 2, 'no model was asked');

  const models = await world.strata('replay', original, '--live', 'models', '--json');
  assert.equal(models.code, 0, models.err);
  assert.equal(server.requests.length, calls * 3);
  assert.equal((await world.strata('replay', original, '--live', 'all')).code, 2);
});

test('the agents and workflows of a folder, and what is wrong with others', async (t) => {
  const { world } = await scripted(t);
  world.write('.strata/agents/broken.agent.md', '---\nname: broken\ntools: all\n---\nX.\n');
  world.write(
    '.strata/workflows/look.workflow.yaml',
    'name: look\ndescription: Looks twice.\nnodes:\n  first: { agent: helper }\n  second: { agent: helper }\nedges:\n  - first -> second\n',
  );
  const { out } = await world.strata('agents');
  assert.match(out, /^helper +agent +Helps\.$/m);
  assert.match(out, /^broken +mistake +.*tools/m);
  assert.match(out, /^look +workflow +Looks twice\.$/m);
});

/** A run that changes a file would need Docker; a folder that works in place needs none to fail to apply. */
test('what cannot be undone or restored is said', async (t) => {
  const { world } = await scripted(t);
  assert.equal((await world.strata('run', 'helper', 'Read it')).code, 0);
  assert.match((await world.strata('undo', 'last')).err, /were not applied/);
  assert.match((await world.strata('restore', 'last', '99')).err, /has no such step/);
  assert.equal((await world.strata('restore', 'last')).code, 2);
  assert.ok(readFileSync(path.join(world.workspace, 'package.json'), 'utf8'));
});
