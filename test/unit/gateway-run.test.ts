import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  forkRun,
  replayRun,
  rerunRun,
  resumeRun,
  startGatewayRun,
} from '../../extension/src/core/orchestration/index.ts';
import type { GatewayRun, RunEnvironment, RunInput } from '../../extension/src/core/orchestration/index.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import type { RunView } from '../../extension/src/protocol/run-view.ts';
import { smallWorld } from '../support/small-world.ts';
import type { SmallWorld, WorldOptions } from '../support/small-world.ts';

const never = new AbortController().signal;

describe('a run whose calls come through the gateway', () => {
  it('records each call as a step, and replays equal', async () => {
    await inWorld({}, async ({ world, run, view }) => {
      const read = await run.call('files_read', { path: 'a.txt' }, plain());
      assert.deepEqual(read.content, [{ type: 'text', text: 'one' }]);
      await run.call('files_append', { path: 'a.txt', text: ' two' }, plain());
      const end = await run.end();
      assert.equal('answer' in end ? end.answer : '', 'Answered 2 calls.');
      assert.deepEqual(steps(view()), [
        'snapshot workspace',
        'catalogue tools',
        'tool files_read',
        'tool files_append',
      ]);
      assert.equal(view().agent, 'gateway');
      assert.equal(world.files.get('a.txt'), 'one two');
      assert.equal(view().steps[3]?.files?.paths[0], 'a.txt');
      await replaysEqual(world, run);
    });
  });

  it('asks a person where the rules say so, and lets other calls go on meanwhile', async () => {
    const asked = Promise.withResolvers<undefined>();
    const answer = Promise.withResolvers<{ allowed: boolean; arguments: { text: string } }>();
    const approve = () => {
      asked.resolve(undefined);
      return answer.promise;
    };
    await inWorld({ approve }, async ({ world, run, view }) => {
      const letter = run.call('mail_send', { text: 'hello' }, plain());
      await asked.promise;
      await run.call('files_append', { path: 'b.txt', text: 'b' }, plain());
      answer.resolve({ allowed: true, arguments: { text: 'goodbye' } });
      const { content } = await letter;
      assert.match(JSON.stringify(content), /changed the arguments of this call/);
      assert.deepEqual(world.sent, ['goodbye']);
      await run.end();
      assert.deepEqual(steps(view()).slice(2), ['approval mail_send', 'tool files_append', 'tool mail_send']);
      await replaysEqual(world, run);
    });
  });

  it('tells the client what the rules refuse, and does not do it', async () => {
    await inWorld(
      {},
      async ({ world, run }) => {
        const { content, isError } = await run.call('mail_send', { text: 'x' }, plain());
        assert.equal(isError, true);
        assert.match(JSON.stringify(content), /rules do not allow mail_send/);
        assert.deepEqual(world.sent, []);
        await run.end();
        await replaysEqual(world, run);
      },
      { 'mail_*': 'deny' },
    );
  });

  it('gives up the question when the client goes away', async () => {
    await inWorld({ approve: (_tool, { signal }) => untilAborted(signal) }, async ({ world, run, view }) => {
      const gone = new AbortController();
      const call = run.call('mail_send', { text: 'x' }, plain(gone.signal));
      await settledSteps(view, 3);
      gone.abort();
      assert.equal((await call).isError, true);
      await run.end();
      assert.deepEqual(world.sent, []);
      await replaysEqual(world, run);
    });
  });

  it('brings in what the user changed since the last call, and keeps its own where both did', async () => {
    let workspace = new Map([['a.txt', 'one']]);
    await inWorld({ workspace: () => workspace }, async ({ world, run, view }) => {
      await run.call('files_append', { path: 'a.txt', text: '!' }, plain());
      workspace = new Map([
        ['a.txt', 'two'],
        ['new.txt', 'new'],
      ]);
      const { content } = await run.call('files_read', { path: 'new.txt' }, plain());
      assert.deepEqual(content, [{ type: 'text', text: 'new' }]);
      await run.call('files_read', { path: 'a.txt' }, plain());
      assert.equal(world.files.get('a.txt'), 'one!');
      await run.end();
      const merge = view().steps.find(({ kind }) => kind === 'merge');
      assert.deepEqual(
        merge?.notes.map(({ text }) => text),
        ['a.txt: Both sides changed it.'],
      );
      assert.equal(view().steps.filter(({ kind }) => kind === 'merge').length, 1);
      await replaysEqual(world, run);
    });
  });

  it('looks at the tools again when they have changed', async () => {
    await inWorld({}, async ({ world, run, view }) => {
      await run.call('files_read', { path: 'a.txt' }, plain());
      run.toolsChanged();
      await run.call('files_read', { path: 'a.txt' }, plain());
      await run.end();
      assert.deepEqual(steps(view()).slice(2), ['tool files_read', 'catalogue tools', 'tool files_read']);
      await replaysEqual(world, run);
    });
  });

  it('is an error to its caller when a person stops it, and can be closed afterwards', async () => {
    const approve = (_tool: string, { signal }: { signal: AbortSignal }) => untilAborted(signal);
    await inWorld({ approve }, async ({ world, run, view }) => {
      const call = run.call('mail_send', { text: 'x' }, plain());
      await settledSteps(view, 3);
      run.handle.stop();
      await assert.rejects(call, /was stopped/);
      await assert.rejects(run.call('files_read', { path: 'a.txt' }, plain()), /was stopped/);
      const resumed = await resumeRun(world.environment, run.handle.run).ended;
      assert.equal(resumed.status, 'succeeded');
      assert.deepEqual(world.sent, []);
      assert.match(JSON.stringify(view().steps.at(-1)?.output), /did not wait for this call/);
      await replaysEqual(world, run);
    });
  });

  it('is neither forked nor run again, since nobody knows what its client would do', async () => {
    await inWorld({}, async ({ world, run }) => {
      await run.call('files_read', { path: 'a.txt' }, plain());
      await run.end();
      const { run: id } = run.handle;
      assert.throws(() => rerunRun(world.environment, id), /made through the gateway/);
      assert.throws(() => forkRun(world.environment, { run: id, step: '3' }), /made through the gateway/);
      assert.throws(() => run.handle.steer({ text: 'hello' }), /come from another program/);
    });
  });
});

interface Scene {
  readonly world: SmallWorld;
  readonly run: GatewayRun;
  readonly view: () => RunView;
}

interface SceneOptions {
  readonly approve?: (
    tool: string,
    request: { readonly signal: AbortSignal },
  ) => Promise<{ readonly allowed: boolean; readonly arguments?: { readonly text: string } }>;
  readonly workspace?: () => ReadonlyMap<string, string>;
}

async function inWorld(
  { approve, workspace }: SceneOptions,
  check: (scene: Scene) => Promise<void>,
  approval: RunInput['approval'] = { 'mail_*': 'ask' },
): Promise<void> {
  const model: WorldOptions['model'] = () => Promise.reject(new Error('no model is asked'));
  const world = smallWorld({ model });
  try {
    const environment = withFiles(world, approve, workspace);
    const run = startGatewayRun(
      environment,
      {
        program: { kind: 'gateway', client: { name: 'tester', version: '1' } },
        task: 'Calls of tester 1',
        approval,
        agents: {},
        depth: 0,
      },
      { filesMayHaveChanged: () => workspace !== undefined, touchesFiles: () => true },
    );
    const view = (): RunView => {
      const seen = foldRun(world.store.read(run.handle.run));
      assert.ok(seen);
      return seen;
    };
    await check({ world, run, view });
    await run.end();
  } finally {
    world.dispose();
  }
}

function withFiles(
  world: SmallWorld,
  approve: SceneOptions['approve'],
  workspace: SceneOptions['workspace'],
): RunEnvironment {
  return {
    ...world.environment,
    open: async (run, input, view) => {
      const resources = await world.environment.open(run, input, view);
      const { files } = resources;
      return {
        ...resources,
        ...(approve ? { approve: (request, signal) => approve(request.tool, { signal }) } : {}),
        files: {
          ...files,
          ...(workspace
            ? {
                workspaceTree: async (signal) => {
                  const copy = world.copyOf(run) as Map<string, string>;
                  const own = new Map(copy);
                  replace(copy, workspace());
                  const tree = await files.snapshot(signal);
                  replace(copy, own);
                  return tree;
                },
              }
            : {}),
        },
      };
    },
  };
}

function replace(copy: Map<string, string>, files: ReadonlyMap<string, string>): void {
  copy.clear();
  for (const [path, text] of files) copy.set(path, text);
}

function plain(signal: AbortSignal = never): { readonly signal: AbortSignal; readonly caller: object } {
  return { signal, caller: {} };
}

function steps(view: RunView): readonly string[] {
  return view.steps.map(({ kind, name }) => `${kind} ${name}`);
}

async function replaysEqual(world: SmallWorld, { handle }: GatewayRun): Promise<void> {
  const report = await replayRun(world.store, handle.run, () => undefined);
  assert.deepEqual(report.divergence, undefined);
  assert.equal(report.verdict, 'equal');
}

async function settledSteps(view: () => RunView, count: number): Promise<void> {
  while (view().steps.length < count) await new Promise((resolve) => setImmediate(resolve));
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}
