import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { replayRun, resumeRun, startRun } from '../../extension/src/core/orchestration/index.ts';
import type { RunInput } from '../../extension/src/core/orchestration/index.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import { textOf } from '../../extension/src/protocol/message.ts';
import { agentNamed, calls, callsAll, inputFor, says, smallWorld } from '../support/small-world.ts';
import type { SmallWorld, WorldOptions } from '../support/small-world.ts';
import { cast, lastHeard, story } from '../support/transcript.ts';

function world(t: TestContext, options: WorldOptions): SmallWorld {
  const made = smallWorld(options);
  t.after(() => made.dispose());
  return made;
}

const allow = { '*': 'allow' } as const;
const led = (leader: Parameters<typeof agentNamed>, ...others: ReturnType<typeof agentNamed>[]): RunInput =>
  inputFor('do it', allow, agentNamed(...leader), others);

async function toEnd(small: SmallWorld, input: RunInput): Promise<{ run: string; answer: string }> {
  const { run, ended } = startRun(small.environment, input);
  const end = await ended;
  assert.equal(end.status, 'succeeded', String(end.error));
  const report = await replayRun(small.store, run, () => undefined);
  assert.equal(report.verdict, 'equal', JSON.stringify(report.divergence));
  return { run, answer: ('answer' in end && end.answer) || '' };
}

test('a planner gives parts to others, who work side by side on files of their own', async (t) => {
  const small = world(t, {
    model: cast({
      planner: [
        callsAll(
          ['agents_run', { agent: 'left', task: 'write l' }],
          ['agents_run', { agent: 'right', task: 'write r' }],
        ),
        (messages) => says(`done: ${lastHeard(messages)}`),
      ],
      left: [calls('files_append', { path: 'l.txt', text: 'L' }), says('left is written')],
      right: [calls('files_append', { path: 'r.txt', text: 'R' }), says('right is written')],
    }),
  });
  const input = led(['planner', { agents: ['left', 'right'] }], agentNamed('left'), agentNamed('right'));
  const { run, answer } = await toEnd(small, input);
  assert.deepEqual(story(small.store, run), [
    '4 chat code',
    '5 agent left',
    '  3 chat code',
    '  4 tool files_append',
    '  5 chat code',
    '6 agent right',
    '  3 chat code',
    '  4 tool files_append',
    '  5 chat code',
    '7 merge left',
    '8 merge right',
    '9 chat code',
  ]);
  assert.equal(answer, 'done: right is written\n\nFiles changed, and merged into yours: r.txt');
  assert.deepEqual(
    [...small.files],
    [
      ['a.txt', 'one'],
      ['l.txt', 'L'],
      ['r.txt', 'R'],
    ],
  );
  const view = foldRun(small.store.read(run));
  assert.equal(view?.totals.calls, 6, 'its own two and two of each sub-run');
  assert.equal(view.totals.usd.toFixed(3), '0.006');
  assert.equal(view.totals.subSteps, 10);
});

test('what two parts cannot both have is told, and nothing is lost in silence', async (t) => {
  const both = [calls('files_append', { path: 'a.txt', text: ' more' }), says('done')] as const;
  const small = world(t, {
    model: cast({
      planner: [
        callsAll(['agents_run', { agent: 'left', task: 'l' }], ['agents_run', { agent: 'right', task: 'r' }]),
        (messages) => says(lastHeard(messages)),
      ],
      left: [calls('files_append', { path: 'a.txt', text: ' left' }), says('done')],
      right: both,
    }),
  });
  const { run, answer } = await toEnd(
    small,
    led(['planner', { agents: ['left', 'right'] }], agentNamed('left'), agentNamed('right')),
  );
  assert.equal(answer, 'done\n\nNot merged, yours was kept: a.txt (Both sides changed it.)');
  assert.equal(small.files.get('a.txt'), 'one left');
  assert.ok(story(small.store, run).includes('8 merge right: error'));
});

test('a part that fails is a result that the planner reads, and its cost counts', async (t) => {
  const small = world(t, {
    model: (messages, call, request) => {
      if (textOf(messages[0] ?? says('')).includes('left')) throw new Error('the model is gone for good');
      return cast({
        planner: [
          calls('agents_run', { agent: 'left', task: 'l' }),
          (heard) => says(`so: ${lastHeard(heard)}`),
        ],
      })(messages, call, request);
    },
  });
  const { answer } = await toEnd(small, led(['planner', { agents: ['left'] }], agentNamed('left')));
  assert.equal(answer, 'so: left failed: the model is gone for good');
});

test('an agent that does not exist cannot be called, and neither can one that is not named', async (t) => {
  const small = world(t, {
    model: cast({
      planner: [calls('agents_run', { agent: 'nobody', task: 'x' }), (messages) => says(lastHeard(messages))],
    }),
  });
  const { answer } = await toEnd(small, led(['planner', { agents: ['left'] }], agentNamed('left')));
  assert.match(answer, /nobody failed: There is no agent "nobody"/);
});

test('agents that call each other without end are held up by their depth', async (t) => {
  const again = calls('agents_run', { agent: 'echo', task: 'again' });
  const small = world(t, {
    model: cast({ echo: [again, (messages) => says(`I heard: ${lastHeard(messages)}`)] }),
  });
  const { answer } = await toEnd(
    small,
    led(['echo', { agents: ['echo'] }], agentNamed('echo', { agents: ['echo'] })),
  );
  assert.match(answer, /4 levels below the first one is the most/);
});

test('a hand-over changes who leads, with which tools, and keeps what was said', async (t) => {
  const small = world(t, {
    model: cast({
      desk: [calls('agents_hand_over', { agent: 'expert', message: 'It is about a.txt.' })],
      expert: [
        says('unused'),
        (messages) => says(`${messages.length} messages, the last: ${lastHeard(messages)}`),
      ],
    }),
  });
  const { run, answer } = await toEnd(
    small,
    led(['desk', { handOvers: ['expert'] }], agentNamed('expert', { route: 'deep' })),
  );
  assert.equal(answer, '4 messages, the last: expert goes on from here. It is about a.txt.');
  assert.deepEqual(story(small.store, run), ['4 chat code', '5 hand-over expert', '6 chat deep']);
});

test('agents that hand over in a circle are paused, and told why', async (t) => {
  const small = world(t, {
    model: (messages) =>
      calls('agents_hand_over', {
        agent: textOf(messages[0] ?? says('')).includes('ping') ? 'pong' : 'ping',
        message: 'yours',
      }),
  });
  const pong = agentNamed('pong', { handOvers: ['ping'] });
  const ping = agentNamed('ping', { handOvers: ['pong'] });
  const end = await startRun(small.environment, led(['ping', ping], ping, pong)).ended;
  assert.equal(end.status, 'paused');
  assert.match(String(end.error), /round in circles: 10 hand-overs/);
});

test('a parent that died finds what its sub-run did, and does not start it again', async (t) => {
  let dead = false;
  let healed = false;
  const small = world(t, {
    model: cast({
      planner: [calls('agents_run', { agent: 'left', task: 'l' }), says('done')],
      left: [calls('mail_send', { text: 'once' }), says('sent')],
    }),
    // The process dies between the end of the sub-run and the end of the step that it is for.
    wrapStore: (store) => ({
      ...store,
      append: (lease, bodies) => {
        dead ||=
          lease.run === 'r-1' && bodies.some((body) => body.type === 'step.finished' && body.step === '5');
        if (dead && !healed) throw new Error('died');
        return store.append(lease, bodies);
      },
    }),
  });
  const input = led(['planner', { agents: ['left'] }], agentNamed('left'));
  const { run, ended } = startRun(small.environment, input);
  await assert.rejects(ended, /died/);
  assert.equal(foldRun(small.store.read('r-1-5'))?.status, 'succeeded');
  healed = true;
  assert.equal((await resumeRun(small.environment, run).ended).status, 'succeeded');
  assert.deepEqual(small.sent, ['once']);
  assert.equal(foldRun(small.store.read('r-1-5'))?.lastSeq, small.store.read('r-1-5').length);
  assert.equal((await replayRun(small.store, run, () => undefined)).verdict, 'equal');
});

test('a sub-run that pauses pauses the run above it, and both go on together', async (t) => {
  const small = world(t, {
    model: cast({
      planner: [calls('agents_run', { agent: 'left', task: 'l' }), says('done')],
      left: [calls('files_read', { path: 'a.txt' }), says('read')],
    }),
  });
  const input = led(['planner', { agents: ['left'] }], agentNamed('left', { maxSteps: 1 }));
  const { run, ended } = startRun(small.environment, input);
  const paused = await ended;
  assert.equal(paused.status, 'paused');
  assert.match(String(paused.error), /asked the model 1 times/);
  assert.equal((await resumeRun(small.environment, run).ended).status, 'succeeded');
  assert.deepEqual(small.executed, ['files_read']);
  assert.equal((await replayRun(small.store, run, () => undefined)).verdict, 'equal');
});
