import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStrataError, StrataError } from '../../extension/src/base/errors.ts';
import {
  createLentChats,
  forkRun,
  replayRun,
  rerunRun,
} from '../../extension/src/core/orchestration/index.ts';
import type { LentChats, RunHandle } from '../../extension/src/core/orchestration/index.ts';
import { readRecording } from '../../extension/src/core/orchestration/recording/read-recording.ts';
import { checkRecording } from '../../extension/src/core/orchestration/recording/check-recording.ts';
import { writeRecording } from '../../extension/src/core/orchestration/recording/write-recording.ts';
import type { AssistantMessage, Message } from '../../extension/src/protocol/message.ts';
import { textOf } from '../../extension/src/protocol/message.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import type { RunView } from '../../extension/src/protocol/run-view.ts';
import { smallWorld } from '../support/small-world.ts';
import type { SmallWorld, WorldOptions } from '../support/small-world.ts';

const never = new AbortController().signal;
const tool = { name: 'look', description: 'Looks.', inputSchema: { type: 'object' } };

describe('a chat of another program', () => {
  it('is answered by a route, as a run that replays equal', async () => {
    await inWorld({ model: () => say('hello') }, async ({ chats, world, view }) => {
      const streamed: string[] = [];
      const reply = await chats.ask(
        { route: 'code', messages: [user('hi\nthere')], tools: [] },
        { ...quiet, onText: (text) => streamed.push(text) },
      );
      assert.equal(textOf(reply.message), 'hello');
      assert.deepEqual(streamed, ['hello']);
      const run = await view(reply.run);
      assert.deepEqual(
        [run.status, run.agent, run.route, run.task],
        ['succeeded', 'vscode chat · code', 'code', 'hi'],
      );
      assert.deepEqual(steps(run), ['chat code']);
      assert.equal(run.totals.usd, 0.001);
      assert.equal((await replayRun(world.store, reply.run, () => undefined)).verdict, 'equal');
    });
  });

  it('is one run for a turn, whatever tools its program calls on the way', async () => {
    const model: Model = (messages) => (messages.at(-1)?.role === 'tool' ? say('seen') : call('look', 'c1'));
    await inWorld({ model }, async ({ chats, world, view, begun }) => {
      const asked = [user('look at it')];
      const first = await chats.ask({ route: 'code', messages: asked, tools: [tool] }, quiet);
      const then = [...asked, first.message, result('c1', 'a picture')];
      const second = await chats.ask({ route: 'code', messages: then, tools: [tool] }, quiet);
      assert.equal(textOf(second.message), 'seen');
      assert.equal(second.run, first.run);
      assert.equal(begun.length, 1);
      assert.deepEqual(steps(await view(first.run)), ['chat code', 'chat code']);
      const replayed = await replayRun(world.store, first.run, () => undefined);
      assert.deepEqual([replayed.verdict, replayed.steps], ['equal', 2]);
    });
  });

  it('begins another run for the next thing that the person says, for another route, and for another history', async () => {
    await inWorld({ model: () => call('look', 'c1') }, async ({ chats, begun }) => {
      const asked = [user('look')];
      const { message } = await chats.ask({ route: 'code', messages: asked, tools: [tool] }, quiet);
      const then = [...asked, message, result('c1', 'x')];
      await chats.ask({ route: 'fast', messages: then, tools: [tool] }, quiet);
      await chats.ask({ route: 'code', messages: [user('listen'), ...then.slice(1)], tools: [tool] }, quiet);
      await chats.ask({ route: 'code', messages: asked, tools: [tool] }, quiet);
      await chats.ask({ route: 'code', messages: [...asked, user('now')], tools: [tool] }, quiet);
      assert.equal(begun.length, 5);
    });
  });

  it('adds to the log what is new in a conversation, and not the whole of it again', async () => {
    await inWorld({ model: () => say('yes') }, async ({ chats, world, view }) => {
      const messages: Message[] = [user('a'.repeat(50_000))];
      await view((await chats.ask({ route: 'code', messages, tools: [] }, quiet)).run);
      const before = size(world);
      messages.push(say('yes'), user('and now?'));
      await view((await chats.ask({ route: 'code', messages, tools: [] }, quiet)).run);
      assert.ok(size(world) - before < 5_000, `grew by ${size(world) - before}`);
    });
  });

  it('fails with what the model failed with, and does not stand paused', async () => {
    const missing = new StrataError('model-auth', 'There is no key.', 'Set it.', { passing: true });
    await inWorld({ model: () => Promise.reject(missing) }, async ({ chats, world, view, begun }) => {
      const error: unknown = await chats
        .ask({ route: 'code', messages: [user('hi')], tools: [] }, quiet)
        .catch((thrown: unknown) => thrown);
      assert.equal(error, missing);
      const id = begun[0]?.run ?? '';
      const run = await view(id);
      assert.deepEqual([run.status, run.error?.code], ['failed', 'model-auth']);
      assert.equal((await replayRun(world.store, id, () => undefined)).verdict, 'equal');
    });
  });

  it('fails when a tool was required and none was called', async () => {
    await inWorld({ model: () => say('no') }, async ({ chats }) => {
      const request = {
        route: 'code',
        messages: [user('hi')],
        tools: [tool],
        toolChoice: 'required' as const,
      };
      await assert.rejects(chats.ask(request, quiet), /called no tool, which was required/);
    });
  });

  it('stops when its program does not wait any more', async () => {
    const gone = new AbortController();
    const model: Model = () => {
      gone.abort();
      return Promise.reject(new Error('called off'));
    };
    await inWorld({ model }, async ({ chats, view, begun }) => {
      const asking = chats.ask(
        { route: 'code', messages: [user('hi')], tools: [] },
        { ...quiet, signal: gone.signal },
      );
      await assert.rejects(asking, (error) => isStrataError(error) && error.code === 'stopped');
      assert.equal((await view(begun[0]?.run ?? '')).status, 'stopped');
    });
  });

  it('stops where it waits for its program, too', async () => {
    await inWorld({ model: () => call('look', 'c1') }, async ({ chats, view, begun }) => {
      await chats.ask({ route: 'code', messages: [user('hi')], tools: [tool] }, quiet);
      begun[0]?.stop();
      assert.equal((await view(begun[0]?.run ?? '')).status, 'stopped');
    });
  });

  it('ends with the answer that it has when the program does not come back', async () => {
    await inWorld({ model: () => call('look', 'c1') }, async ({ chats, world, timers, view }) => {
      const { run } = await chats.ask({ route: 'code', messages: [user('hi')], tools: [tool] }, quiet);
      while (timers.length === 0) await Promise.resolve();
      for (const timer of timers) timer();
      assert.equal((await view(run)).status, 'succeeded');
      assert.equal((await replayRun(world.store, run, () => undefined)).verdict, 'equal');
    });
  });

  it('can be asked again as it was, and cannot be forked', async () => {
    let asked = 0;
    await inWorld({ model: () => say(`answer ${(asked += 1)}`) }, async ({ chats, world, view }) => {
      const { run } = await chats.ask({ route: 'code', messages: [user('hi')], tools: [] }, quiet);
      await view(run);
      const again = await rerunRun(world.environment, run).ended;
      assert.equal('answer' in again ? again.answer : '', 'answer 2');
      assert.throws(() => forkRun(world.environment, { run, step: '1' }), /answers the chat of another/);
    });
  });

  it('is saved as a recording that replays, and diverges nowhere when a message is edited', async () => {
    const model: Model = (messages) => (messages.at(-1)?.role === 'tool' ? say('seen') : call('look', 'c1'));
    await inWorld({ model }, async ({ chats, world, view }) => {
      const asked = [user('look at the harbour')];
      const first = await chats.ask({ route: 'code', messages: asked, tools: [tool] }, quiet);
      const then = [...asked, first.message, result('c1', 'a picture')];
      await chats.ask({ route: 'code', messages: then, tools: [tool] }, quiet);
      await view(first.run);
      const text = writeRecording(world.store, first.run);
      assert.doesNotMatch(text, /[0-9a-f]{64}/);
      const check = async (file: string): Promise<string> =>
        (await checkRecording(readRecording(file, 'x.strata-run'), () => undefined)).verdict;
      assert.equal(await check(text), 'equal');
      assert.equal(await check(text.replaceAll('a picture', 'a painting')), 'equal');
      assert.equal(await check(text.replace('route: code', 'route: fast')), 'equal');
    });
  });
});

describe('what a chat is called in a list of runs', () => {
  const titles: readonly (readonly [string, string])[] = [
    ['What is this?\nAnd that?', 'What is this?'],
    ['<context>\nThe date is today.\n</context>\n<userRequest>\nFix it\n</userRequest>', 'Fix it'],
    ['\n\n  first words', 'first words'],
    ['', 'a chat'],
  ];
  for (const [said, title] of titles) {
    it(JSON.stringify(title), async () => {
      await inWorld({ model: () => say('ok') }, async ({ chats, view }) => {
        const { run } = await chats.ask({ route: 'code', messages: [user(said)], tools: [] }, quiet);
        assert.equal((await view(run)).task, title);
      });
    });
  }
});

type Model = WorldOptions['model'];

const quiet = { signal: never, onText: () => undefined, onReasoning: () => undefined };

interface Scene {
  readonly world: SmallWorld;
  readonly chats: LentChats;
  readonly begun: readonly RunHandle[];
  /** What waits for time to pass. */
  readonly timers: readonly (() => void)[];
  /** When it has ended. */
  readonly view: (run: string) => Promise<RunView>;
}

async function inWorld(options: WorldOptions, play: (scene: Scene) => Promise<void>): Promise<void> {
  const world = smallWorld(options);
  const begun: RunHandle[] = [];
  const timers: (() => void)[] = [];
  const chats = createLentChats(
    {
      ...world.environment,
      after: (ms, callback) => {
        if (ms === 15 * 60_000) timers.push(callback);
        return { dispose: () => undefined };
      },
    },
    'vscode',
    (handle) => begun.push(handle),
  );
  try {
    await play({
      ...{ world, chats, begun, timers },
      view: async (run) => {
        await begun.find((handle) => handle.run === run)?.ended;
        const view = foldRun(world.store.read(run));
        assert.ok(view);
        return view;
      },
    });
  } finally {
    for (const handle of begun) handle.stop();
    await Promise.all(begun.map(({ ended }) => ended));
    world.dispose();
  }
}

function steps({ steps: all }: RunView): string[] {
  return all.map(({ kind, name }) => `${kind} ${name}`);
}

function size({ store }: SmallWorld): number {
  return store.list({ limit: 100 }).reduce((sum, { bytes }) => sum + bytes, 0);
}

function user(text: string): Message {
  return { role: 'user', content: [{ type: 'text', text }] };
}

function say(text: string): AssistantMessage {
  return { role: 'assistant', content: [{ type: 'text', text }] };
}

function call(name: string, callId: string): AssistantMessage {
  return { role: 'assistant', content: [{ type: 'tool-call', callId, tool: name, arguments: {} }] };
}

function result(callId: string, text: string): Message {
  return { role: 'tool', callId, content: [{ type: 'text', text }], isError: false };
}
