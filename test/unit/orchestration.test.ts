import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { replayRun, resumeRun, startRun } from '../../extension/src/core/orchestration/index.ts';
import type { RunEvent } from '../../extension/src/protocol/run-event.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import type { AssistantMessage, Message } from '../../extension/src/protocol/message.ts';
import { toolCallsOf } from '../../extension/src/protocol/message.ts';
import { ModelError } from '../../extension/src/core/models/model-error.ts';
import { calls, inputFor, says, smallWorld } from '../support/small-world.ts';
import type { SmallWorld, WorldOptions } from '../support/small-world.ts';

/** Plays the moves one after the other, by what the conversation holds already, as a model without a memory would. */
function moves(...script: readonly AssistantMessage[]): WorldOptions['model'] {
  return (messages: readonly Message[]) => {
    const done = messages.filter(({ role }) => role === 'assistant').length;
    return script[done] ?? says('done');
  };
}

function world(t: TestContext, options: WorldOptions): SmallWorld {
  const made = smallWorld(options);
  t.after(() => made.dispose());
  return made;
}

function transcript(events: readonly RunEvent[]): string[] {
  return (foldRun(events)?.steps ?? []).map(
    (step) => `${step.id} ${step.kind} ${step.name}: ${step.isError ? 'error' : step.status}`,
  );
}

const readAppendSend = moves(
  calls('files_read', { path: 'a.txt' }),
  calls('files_append', { path: 'a.txt', text: ' two' }),
  calls('mail_send', { text: 'hello' }),
  says('all done'),
);

test('a run is a transcript of steps', async (t) => {
  const small = world(t, { model: readAppendSend });
  const { run, ended } = startRun(small.environment, inputFor('do it'));
  const end = await ended;
  assert.equal(end.status, 'succeeded');
  assert.deepEqual(transcript(small.store.read(run)), [
    '1 snapshot workspace: finished',
    '2 index workspace: finished',
    '3 recall episodes: finished',
    '4 catalogue tools: finished',
    '5 chat code: finished',
    '6 tool files_read: finished',
    '7 chat code: finished',
    '8 tool files_append: finished',
    '9 chat code: finished',
    '10 tool mail_send: finished',
    '11 chat code: finished',
    '12 remember episode: finished',
  ]);
  const view = foldRun(small.store.read(run));
  assert.deepEqual(view?.steps[7]?.files?.paths, ['a.txt']);
  assert.equal(view.totals.inputTokens, 40);
  assert.equal(small.episodes[0]?.answer, 'all done');
});

test('a replay asks nothing of anybody and is equal', async (t) => {
  const small = world(t, { model: readAppendSend });
  const { run, ended } = startRun(small.environment, inputFor('do it'));
  await ended;
  const before = { models: small.asked.models, executed: [...small.executed] };
  const report = await replayRun(small.store, run, () => undefined);
  assert.equal(report.verdict, 'equal');
  assert.equal(report.steps, 12);
  assert.deepEqual({ models: small.asked.models, executed: small.executed }, before);
});

test('a replay tells where a recorded result was altered', async (t) => {
  const small = world(t, { model: readAppendSend });
  const { run, ended } = startRun(small.environment, inputFor('do it'));
  await ended;
  const altered = small.store
    .read(run)
    .map((event): RunEvent =>
      event.type === 'step.finished' && event.step === '6'
        ? { ...event, output: { inline: { content: [{ type: 'text', text: 'forged' }], isError: false } } }
        : event,
    );
  const report = await replayRun({ read: () => altered, getBlob: small.store.getBlob }, run, () => undefined);
  assert.equal(report.verdict, 'diverged');
  assert.equal(report.divergence?.step, '7');
});

test('killed before or after any commit, the resumed run ends the same and changes nothing twice', async (t) => {
  const whole = world(t, { model: readAppendSend });
  const first = startRun(whole.environment, inputFor('do it'));
  await first.ended;
  const expected = whole.store.read(first.run).filter(({ type }) => type !== 'step.output');
  const commits = expected.length;
  let points = 0;
  for (let at = 2; at <= commits; at += 1) {
    for (const when of ['before', 'after'] as const) {
      // After the last commit the run has ended, and there is nothing left to resume.
      if (at === commits && when === 'after') continue;
      const crash = crashingAt(at, when);
      const small = smallWorld({
        model: readAppendSend,
        decideUnknown: () => 'again',
        wrapStore: crash.wrap,
      });
      try {
        const { run, ended } = startRun(small.environment, inputFor('do it'));
        await assert.rejects(ended, /storage-crash/, `${when} commit ${at}`);
        const sentBefore = small.sent.length;
        crash.heal();
        const end = await resumeRun(small.environment, run).ended;
        assert.equal(end.status, 'succeeded', `${when} commit ${at}`);
        assert.equal(
          small.files.get('a.txt'),
          'one two',
          `${when} commit ${at}: the file is appended to once`,
        );
        // A letter that was sent before anybody could record it is the one thing that a person is asked about.
        const unknown = small.store
          .read(run)
          .some((event) => event.type === 'step.interrupted' && event.step === '10');
        assert.equal(small.sent.length, unknown ? sentBefore + 1 : 1, `${when} commit ${at}`);
        assert.equal(
          (await replayRun(small.store, run, () => undefined)).verdict,
          'equal',
          `${when} commit ${at}`,
        );
        points += 1;
      } finally {
        small.dispose();
      }
    }
  }
  t.diagnostic(`${points} points tried`);
});

test('a step that may have changed something is not done again by itself', async (t) => {
  const crash = crashAfterExecuting('mail_send');
  const small = world(t, { model: readAppendSend, decideUnknown: () => 'pause', wrapStore: crash.wrap });
  const { run, ended } = startRun(small.environment, inputFor('do it'));
  await assert.rejects(ended, /storage-crash/);
  crash.heal();
  const end = await resumeRun(small.environment, run).ended;
  assert.equal(end.status, 'paused');
  assert.equal(end.error instanceof Error && 'code' in end.error && end.error.code, 'step-unknown');
  assert.deepEqual(small.sent, ['hello']);
});

test('the user may go on without it', async (t) => {
  const crash = crashAfterExecuting('mail_send');
  const small = world(t, { model: readAppendSend, decideUnknown: () => 'skip', wrapStore: crash.wrap });
  const { run, ended } = startRun(small.environment, inputFor('do it'));
  await assert.rejects(ended, /storage-crash/);
  crash.heal();
  const end = await resumeRun(small.environment, run).ended;
  assert.equal(end.status, 'succeeded');
  assert.deepEqual(small.sent, ['hello']);
});

test('a refused call is a result that the model reads', async (t) => {
  const heard: string[] = [];
  const small = world(t, {
    model: (messages) => {
      const last = messages.at(-1);
      if (last?.role !== 'tool') return calls('mail_send', { text: 'hello' });
      heard.push(JSON.stringify(last.content));
      return says('I did not send it.');
    },
    approve: () => ({ allowed: false, reason: 'not today' }),
  });
  const { ended } = startRun(small.environment, inputFor('do it', { mail_send: 'ask' }));
  assert.equal((await ended).status, 'succeeded');
  assert.deepEqual(small.sent, []);
  assert.match(heard[0] ?? '', /refused this call: not today/);
});

test('a rule refuses without asking', async (t) => {
  const small = world(t, { model: moves(calls('mail_send', { text: 'x' }), says('ok')) });
  const { run, ended } = startRun(small.environment, inputFor('do it', { 'mail_*': 'deny' }));
  assert.equal((await ended).status, 'succeeded');
  assert.deepEqual(small.sent, []);
  assert.ok(transcript(small.store.read(run)).includes('6 tool mail_send: error'));
});

test('a tool that does not exist is a result that names those that do', async (t) => {
  let heard = '';
  const small = world(t, {
    model: (messages) => {
      const last = messages.at(-1);
      if (last?.role !== 'tool') return calls('files_delete_all', {});
      heard = JSON.stringify(last.content);
      return says('ok');
    },
  });
  assert.equal((await startRun(small.environment, inputFor('do it')).ended).status, 'succeeded');
  assert.match(heard, /files_append, files_read, mail_send/);
});

test('a model that is out of reach pauses the run, which goes on later', async (t) => {
  let down = true;
  const small = world(t, {
    model: (messages, call) => {
      if (down && call > 1) throw new ModelError('auth', 'The key was refused.', 'Set another key.');
      return messages.some((message) => message.role === 'assistant' && toolCallsOf(message).length > 0)
        ? says('done')
        : calls('files_append', { path: 'a.txt', text: '!' });
    },
  });
  const { run, ended } = startRun(small.environment, inputFor('do it'));
  const paused = await ended;
  assert.equal(paused.status, 'paused');
  assert.equal(foldRun(small.store.read(run))?.error?.action, 'Set another key.');
  down = false;
  assert.equal((await resumeRun(small.environment, run).ended).status, 'succeeded');
  assert.deepEqual(small.executed, ['files_append']);
});

test('stopping keeps what was done, and the run can go on', async (t) => {
  let stop = (): void => undefined;
  const small = world(t, {
    model: async (messages, call, request) => {
      if (call === 2) {
        stop();
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error('aborted');
      }
      return readAppendSend(messages, call, request);
    },
  });
  const handle = startRun(small.environment, inputFor('do it'));
  stop = handle.stop;
  assert.equal((await handle.ended).status, 'stopped');
  assert.equal((await resumeRun(small.environment, handle.run).ended).status, 'succeeded');
  assert.deepEqual(small.executed, ['files_read', 'files_append', 'mail_send']);
});

test('a run that asks for ever is paused with a reason', async (t) => {
  const small = world(t, { model: () => calls('files_read', { path: 'a.txt' }) });
  const end = await startRun(small.environment, inputFor('do it', { '*': 'allow' }, { maxSteps: 3 })).ended;
  assert.equal(end.status, 'paused');
  assert.match(String(end.error), /asked the model 3 times/);
});

test('a run that has ended cannot be resumed', async (t) => {
  const small = world(t, { model: moves(says('done')) });
  const { run, ended } = startRun(small.environment, inputFor('do it'));
  await ended;
  assert.throws(() => resumeRun(small.environment, run), /has succeeded; there is nothing to resume/);
});

test('a run that is under way cannot be resumed a second time', async (t) => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const small = world(t, { model: () => held.then(() => says('done')) });
  const { run, ended } = startRun(small.environment, inputFor('do it'));
  assert.throws(() => resumeRun(small.environment, run), { code: 'run-owned' });
  release();
  assert.equal((await ended).status, 'succeeded');
});

test('the log grows by a constant per step', async (t) => {
  const turns = 120;
  const small = world(t, {
    model: (messages) => {
      const turn = messages.filter(({ role }) => role === 'assistant').length;
      return turn < turns ? calls('files_read', { path: 'a.txt', line: 1000 + turn }) : says('done');
    },
  });
  const input = inputFor('do it', { '*': 'allow' }, { maxSteps: turns + 1 });
  const { run, ended } = startRun(small.environment, input);
  assert.equal((await ended).status, 'succeeded');
  const sizes = small.store
    .read(run)
    .filter((event) => event.type === 'step.started' && event.kind === 'chat');
  const early = JSON.stringify(sizes[10]).length;
  const late = JSON.stringify(sizes[turns - 1]).length;
  assert.ok(late <= early + 8, `${early} bytes at turn 10, ${late} at turn ${turns}`);
});

/** Lets the process "die" at the given event, counted over the run: nothing can be appended any more until it is healed. */
function crashingAt(at: number, when: 'before' | 'after') {
  let dead = false;
  let healed = false;
  let count = 1;
  return crashing(
    (append, lease, bodies) => {
      if (healed) return append(lease, bodies);
      if (dead) throw died();
      const counted = bodies.filter(({ type }) => type !== 'step.output').length;
      count += counted;
      if (count < at) return append(lease, bodies);
      dead = true;
      if (when === 'after') append(lease, bodies);
      throw died();
    },
    () => (healed = true),
  );
}

/** Dies when the end of the tool's step is about to be written, and stays dead until it is healed. */
function crashAfterExecuting(tool: string) {
  let healed = false;
  let begun = false;
  let dead = false;
  return crashing(
    (append, lease, bodies) => {
      if (healed) return append(lease, bodies);
      dead ||= begun;
      if (dead) throw died();
      begun = bodies.some((body) => body.type === 'step.started' && body.name === tool);
      return append(lease, bodies);
    },
    () => (healed = true),
  );
}

type Append = SmallWorld['store']['append'];

function crashing(
  append: (real: Append, ...given: Parameters<Append>) => ReturnType<Append>,
  heal: () => void,
) {
  return {
    heal,
    wrap: (store: SmallWorld['store']): SmallWorld['store'] => ({
      ...store,
      append: (lease, bodies) => append(store.append, lease, bodies),
    }),
  };
}

function died(): Error {
  return Object.assign(new Error('storage-crash'), {
    name: 'StrataError',
    code: 'storage-crash',
    action: '',
  });
}
