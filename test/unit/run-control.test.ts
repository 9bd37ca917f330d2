import assert from 'node:assert/strict';
import { pausedByAlert } from '../../extension/src/core/observability/alerts/index.ts';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  forkRun,
  fromPayload,
  replayHalf,
  replayRun,
  rerunRun,
  resumeRun,
  startRun,
} from '../../extension/src/core/orchestration/index.ts';
import type { ApprovalAnswer, RunHandle } from '../../extension/src/core/orchestration/index.ts';
import { StrataError } from '../../extension/src/base/errors.ts';
import { textOf } from '../../extension/src/protocol/message.ts';
import { foldRun, stepOf } from '../../extension/src/protocol/run-view.ts';
import { agentNamed, calls, callsAll, inputFor, says, smallWorld } from '../support/small-world.ts';
import type { SmallWorld, WorldOptions } from '../support/small-world.ts';
import { cast, lastHeard, story } from '../support/transcript.ts';

function world(t: TestContext, options: WorldOptions): SmallWorld {
  const made = smallWorld(options);
  t.after(() => made.dispose());
  return made;
}

const allow = { '*': 'allow' } as const;
const solo = inputFor('do it', allow, agentNamed('solo'));

async function replaysEqual(small: SmallWorld, run: string): Promise<void> {
  const report = await replayRun(small.store, run, () => undefined);
  assert.equal(report.verdict, 'equal', JSON.stringify(report.divergence));
}

test('a pause finishes what is under way and begins nothing new', async (t) => {
  const own: { handle?: RunHandle } = {};
  const small = world(t, {
    model: cast({ solo: [calls('files_append', { path: 'a.txt', text: '!' }), says('done')] }),
    callTool: () => {
      own.handle?.pause();
      return undefined;
    },
  });
  const handle = (own.handle = startRun(small.environment, solo));
  const { run } = handle;
  const paused = await handle.ended;
  assert.equal(paused.status, 'paused');
  assert.equal(foldRun(small.store.read(run))?.error?.code, 'paused-by-user');
  assert.equal(small.files.get('a.txt'), 'one!');
  assert.equal((await resumeRun(small.environment, run).ended).status, 'succeeded');
  assert.deepEqual(small.executed, ['files_append']);
  await replaysEqual(small, run);
});

test('a pause reaches the sub-run that is at work, with its reason', async (t) => {
  const own: { handle?: RunHandle } = {};
  const small = world(t, {
    model: cast({
      solo: [calls('agents_run', { agent: 'part', task: 'x' }), says('done')],
      part: [calls('files_read', { path: 'a.txt' }), says('read')],
    }),
    callTool: () => {
      own.handle?.pause(pausedByAlert('It is expensive: $3.00, alert from $2.00.'));
      return undefined;
    },
  });
  const handle = (own.handle = startRun(
    small.environment,
    inputFor('do it', allow, agentNamed('solo', { agents: ['part'] }), [agentNamed('part')]),
  ));
  assert.equal((await handle.ended).status, 'paused');
  for (const run of ['r-1', 'r-1-5']) {
    const { status, error } = foldRun(small.store.read(run)) ?? {};
    assert.deepEqual([status, error?.code], ['paused', 'paused-by-alert'], run);
    assert.match(error?.message ?? '', /An alert paused it\. It is expensive: \$3\.00/);
  }
  assert.equal((await resumeRun(small.environment, 'r-1').ended).status, 'succeeded');
  assert.deepEqual(small.executed, ['files_read']);
});

test('a word in the middle is seen with the next model call, and again in a replay', async (t) => {
  const own: { handle?: RunHandle } = {};
  const routes: string[] = [];
  const small = world(t, {
    model: (messages, call, request) => {
      routes.push(request.route);
      return cast({
        solo: [calls('files_read', { path: 'a.txt' }), (heard) => says(`I heard: ${lastHeard(heard)}`)],
      })(messages, call, request);
    },
    callTool: () => {
      own.handle?.steer({ text: 'Be brief.', route: 'fast' });
      return undefined;
    },
  });
  const handle = (own.handle = startRun(small.environment, solo));
  const end = await handle.ended;
  assert.equal(end.status === 'succeeded' && end.answer, 'I heard: Be brief.');
  assert.deepEqual(routes, ['code', 'fast']);
  assert.deepEqual(story(small.store, handle.run), [
    '4 chat code',
    '5 tool files_read',
    '6 steer user',
    '7 chat fast',
  ]);
  await replaysEqual(small, handle.run);
});

test('a word that comes while the last answer is written is not lost', async (t) => {
  const own: { handle?: RunHandle } = {};
  const small = world(t, {
    model: (messages) => {
      if (messages.length > 2) return says('Then so.');
      own.handle?.steer({ text: 'Wait.' });
      return says('I am done.');
    },
  });
  const handle = (own.handle = startRun(small.environment, solo));
  const end = await handle.ended;
  assert.equal(end.status === 'succeeded' && end.answer, 'Then so.');
  await replaysEqual(small, handle.run);
  assert.throws(() => handle.steer({ text: 'Too late.' }), { code: 'not-resumable' });
});

test('several approvals are open at once, and each may change the arguments', async (t) => {
  const open = new Map<string, (answer: ApprovalAnswer) => void>();
  const both = Promise.withResolvers<undefined>();
  const small = world(t, {
    model: cast({
      solo: [
        callsAll(['mail_send', { text: 'one' }], ['mail_send', { text: 'two' }]),
        (messages) => says(lastHeard(messages)),
      ],
    }),
    approve: (_tool, { step, arguments: given }) =>
      new Promise((resolve) => {
        open.set(`${step} ${JSON.stringify(given['text'])}`, resolve);
        if (open.size === 2) both.resolve(undefined);
      }),
  });
  const { run, ended } = startRun(
    small.environment,
    inputFor('do it', { mail_send: 'ask' }, agentNamed('solo')),
  );
  await both.promise;
  open.get('6 "two"')?.({ allowed: true, arguments: { text: 'second' } });
  open.get('5 "one"')?.({ allowed: false, reason: 'not that' });
  const end = await ended;
  assert.deepEqual(small.sent, ['second']);
  assert.match(
    end.status === 'succeeded' ? (end.answer ?? '') : '',
    /changed the arguments of this call to \{"text":"second"\}/,
  );
  await replaysEqual(small, run);
});

test('the same call with the same result again and again pauses the run, and a person may let it go on', async (t) => {
  let allowed = 5;
  const small = world(t, {
    model: () => (allowed-- > 0 ? calls('files_read', { path: 'a.txt' }) : says('done')),
  });
  const { run, ended } = startRun(small.environment, solo);
  const end = await ended;
  assert.equal(end.status, 'paused');
  assert.match(String(end.error), /called files_read 5 times with the same arguments/);
  const story1 = story(small.store, run).at(-1);
  assert.equal(story1, '14 breaker repeated-call: interrupted');
  assert.equal((await resumeRun(small.environment, run).ended).status, 'succeeded');
  await replaysEqual(small, run);
});

test('calls that all fail pause the run', async (t) => {
  let call = 0;
  const small = world(t, { model: () => calls('files_read', { path: `none-${(call += 1)}` }) });
  const end = await startRun(small.environment, solo).ended;
  assert.match(String(end.error), /no progress for 8 turns/);
});

test('a run that has spent its budget pauses', async (t) => {
  let call = 0;
  const small = world(t, { model: () => calls('files_read', { path: 'a.txt', call: (call += 1) }) });
  const end = await startRun(
    small.environment,
    inputFor('do it', allow, agentNamed('solo', { budget: 0.0025 })),
  ).ended;
  assert.equal(end.status, 'paused');
  assert.match(String(end.error), /its budget is \$0\.00/);
  assert.equal(small.asked.models, 3);
});

test('a process that dies while a breaker holds the run does not let it go on by itself', async (t) => {
  const small = world(t, {
    model: () => calls('files_read', { path: 'a.txt' }),
    wrapStore: (store) => ({
      ...store,
      append: (lease, bodies) => {
        if (bodies.some(({ type }) => type === 'run.paused') && small.asked.models === 5) {
          small.asked.models = 6;
          throw new Error('died');
        }
        return store.append(lease, bodies);
      },
    }),
  });
  const { run, ended } = startRun(small.environment, solo);
  await assert.rejects(ended, /died/);
  const again = await resumeRun(small.environment, run).ended;
  assert.equal(again.status, 'paused');
  assert.match(String(again.error), /5 times with the same arguments/);
});

test('a fork takes over the steps up to one, and goes on from the files of then', async (t) => {
  let second = false;
  const small = world(t, {
    model: (messages, call, request) =>
      cast({
        solo: [
          calls('files_append', { path: 'a.txt', text: ' two' }),
          calls('files_append', { path: 'a.txt', text: second ? ' other' : ' three' }),
          (heard) => says(second ? `other: ${lastHeard(heard)}` : 'done'),
        ],
      })(messages, call, request),
  });
  const first = startRun(small.environment, solo);
  await first.ended;
  assert.equal(small.files.get('a.txt'), 'one two three');
  const asked = small.asked.models;
  second = true;
  const fork = forkRun(small.environment, {
    run: first.run,
    step: '5',
    edit: { text: 'Do it otherwise.' },
  });
  const end = await fork.ended;
  assert.equal(end.status, 'succeeded', String(end.error));
  assert.equal(small.asked.models - asked, 2, 'what was recorded is not asked again');
  const view = foldRun(small.store.read(fork.run));
  assert.deepEqual(view?.origin, { kind: 'fork', run: first.run, step: '5' });
  assert.deepEqual(story(small.store, fork.run), [
    '4 chat code',
    '5 tool files_append',
    '6 steer user',
    '7 chat code',
    '8 tool files_append',
    '9 chat code',
  ]);
  await replaysEqual(small, fork.run);
  await replaysEqual(small, first.run);
});

test('a fork may put another result in the place of a recorded one', async (t) => {
  const small = world(t, {
    model: cast({
      solo: [calls('files_read', { path: 'a.txt' }), (messages) => says(`it says ${lastHeard(messages)}`)],
    }),
  });
  const first = startRun(small.environment, solo);
  await first.ended;
  const result = { content: [{ type: 'text', text: 'something else' }], isError: false };
  const fork = forkRun(small.environment, { run: first.run, step: '5', result });
  const end = await fork.ended;
  assert.equal(end.status === 'succeeded' && end.answer, 'it says something else');
  assert.deepEqual(small.executed, ['files_read'], 'the tool is not called again');
  const view = foldRun(small.store.read(fork.run));
  assert.equal(view && stepOf(view, '5')?.edited, true);
  await replaysEqual(small, fork.run);
});

test('a fork at a step that is not there says so', async (t) => {
  const small = world(t, { model: cast({ solo: [says('done')] }) });
  const { run, ended } = startRun(small.environment, solo);
  await ended;
  assert.throws(() => forkRun(small.environment, { run, step: '99' }), { code: 'not-forkable' });
});

test('a rerun begins with the same files, whatever has become of the folder', async (t) => {
  const small = world(t, {
    model: cast({
      solo: [calls('files_append', { path: 'a.txt', text: '!' }), (messages) => says(lastHeard(messages))],
    }),
  });
  const first = startRun(small.environment, solo);
  await first.ended;
  const again = rerunRun(small.environment, first.run);
  assert.equal((await again.ended).status, 'succeeded');
  assert.deepEqual(foldRun(small.store.read(again.run))?.origin, { kind: 'rerun', run: first.run });
  assert.equal(small.copyOf(again.run).get('a.txt'), 'one!');
  assert.deepEqual(small.executed, ['files_append', 'files_append']);
  await replaysEqual(small, again.run);
});

test('models live, tools recorded: no tool is called, and files are as they were recorded', async (t) => {
  let words = 'done';
  const small = world(t, {
    model: (messages, call, request) =>
      cast({
        solo: [
          calls('files_append', { path: 'a.txt', text: '!' }),
          calls('mail_send', { text: 'hi' }),
          says(words),
        ],
      })(messages, call, request),
  });
  const first = startRun(small.environment, solo);
  await first.ended;
  words = 'done, in other words';
  const half = replayHalf(small.environment, first.run, 'models');
  const end = await half.ended;
  assert.equal(end.status === 'succeeded' && end.answer, 'done, in other words');
  assert.deepEqual(small.executed, ['files_append', 'mail_send']);
  assert.deepEqual(small.sent, ['hi']);
  assert.equal(small.copyOf(half.run).get('a.txt'), 'one!');
  await replaysEqual(small, half.run);
});

test('tools live, models recorded: no model is asked', async (t) => {
  const small = world(t, {
    model: cast({ solo: [calls('files_append', { path: 'a.txt', text: '!' }), says('done')] }),
  });
  const first = startRun(small.environment, solo);
  await first.ended;
  const asked = small.asked.models;
  const half = replayHalf(small.environment, first.run, 'tools');
  const end = await half.ended;
  assert.equal(end.status === 'succeeded' && end.answer, 'done');
  assert.equal(small.asked.models, asked);
  assert.deepEqual(small.executed, ['files_append', 'files_append']);
  const view = foldRun(small.store.read(half.run));
  assert.equal(view?.totals.usd, 0, 'nothing was asked, so nothing is paid');
  await replaysEqual(small, half.run);
});

test('a step that fails is tried again where its policy says so, and the trace tells', async (t) => {
  let failures = 1;
  const small = world(t, { model: cast({ solo: [says('done')] }) });
  const { environment } = small;
  const { run, ended } = startRun(
    {
      ...environment,
      after: (_ms, callback) => environment.after(0, callback),
      open: async (...given) => {
        const resources = await environment.open(...given);
        const begin: typeof resources.files.begin = (...args) =>
          failures-- > 0 ? Promise.reject(new Error('busy')) : resources.files.begin(...args);
        return { ...resources, files: { ...resources.files, begin } };
      },
    },
    solo,
  );
  assert.equal((await ended).status, 'succeeded');
  const view = foldRun(small.store.read(run));
  const step = view && stepOf(view, '1');
  assert.deepEqual([step?.attempt, step?.retry, step?.status], [2, 1, 'finished']);
  await replaysEqual(small, run);
});

test('a tool call that takes too long is called off, and the model is told', async (t) => {
  const small = world(t, {
    model: cast({ solo: [calls('files_read', { path: 'a.txt' }), (messages) => says(lastHeard(messages))] }),
  });
  const { environment } = small;
  const { run, ended } = startRun(
    {
      ...environment,
      // Every limit of a tool is reached at once.
      after: (_ms, callback) => environment.after(20, callback),
      open: async (...given) => {
        const resources = await environment.open(...given);
        const call: typeof resources.tools.call = (_tool, { signal }) =>
          new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason as Error)),
          );
        return { ...resources, tools: { ...resources.tools, call } };
      },
    },
    solo,
  );
  const end = await ended;
  assert.match(
    end.status === 'succeeded' ? (end.answer ?? '') : String(end.error),
    /took longer than 20 minutes and was called off/,
  );
  await replaysEqual(small, run);
});

test('an unexpected error of a tool server ends the run with its reason', async (t) => {
  const small = world(t, { model: cast({ solo: [calls('files_append', { path: 'a.txt', text: '!' })] }) });
  const { environment } = small;
  const { run, ended } = startRun(
    {
      ...environment,
      open: async (...given) => {
        const resources = await environment.open(...given);
        const call = (): Promise<never> =>
          Promise.reject(new StrataError('tool-broken', 'The server broke.', 'Mend it.'));
        return { ...resources, tools: { ...resources.tools, call } };
      },
    },
    solo,
  );
  assert.equal((await ended).status, 'failed');
  const view = foldRun(small.store.read(run));
  assert.equal(view?.error?.code, 'tool-broken');
  await replaysEqual(small, run);
  assert.equal(view.answer && fromPayload(small.store, view.answer), undefined);
});

test('an agent that names tools which are not there is told on, and works with what there is', async (t) => {
  const small = world(t, { model: (messages) => says(textOf(messages[0] ?? says(''))) });
  const { run, ended } = startRun(
    small.environment,
    inputFor('do it', allow, agentNamed('solo', { tools: ['files_*', 'browser_open'] })),
  );
  assert.equal((await ended).status, 'succeeded');
  const view = foldRun(small.store.read(run));
  const notes = view?.steps.flatMap((step) => (step.kind === 'catalogue' ? step.notes : []));
  assert.deepEqual(
    notes?.map(({ text }) => text),
    ['No tool here is “browser_open”, which solo names.'],
  );
});

test('a workflow reads no messages, and says whom to tell', async (t) => {
  const small = world(t, { model: cast({ solo: [says('done')] }) });
  const handle = startRun(small.environment, {
    ...solo,
    agents: { solo: agentNamed('solo') },
    program: {
      kind: 'workflow',
      workflow: {
        name: 'flow',
        description: '',
        nodes: [{ id: 'one', kind: 'agent', agent: 'solo', task: '{{task}}', retries: 0 }],
        edges: [],
      },
    },
  });
  assert.throws(() => handle.steer({ text: 'hello' }), { code: 'not-steerable' });
  assert.equal((await handle.ended).status, 'succeeded');
});
