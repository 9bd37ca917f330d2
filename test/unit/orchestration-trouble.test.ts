import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { StrataError } from '../../extension/src/base/errors.ts';
import type { JsonObject } from '../../extension/src/base/json.ts';
import { replayRun, resumeRun, startRun } from '../../extension/src/core/orchestration/index.ts';
import type { AssistantMessage } from '../../extension/src/protocol/message.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import { calls, inputFor, says, smallWorld } from '../support/small-world.ts';
import type { SmallWorld, WorldOptions } from '../support/small-world.ts';

function moves(...script: readonly AssistantMessage[]): WorldOptions['model'] {
  return (messages) => script[messages.filter(({ role }) => role === 'assistant').length] ?? says('done');
}

function world(t: TestContext, options: WorldOptions): SmallWorld {
  const made = smallWorld(options);
  t.after(() => made.dispose());
  return made;
}

test('a failure after the person has said stop is part of stopping, wherever it comes from', async (t) => {
  const small = world(t, { model: moves(calls('mail_send', { text: 'hello' })) });
  const { open } = small.environment;
  const handle = startRun(
    {
      ...small.environment,
      open: (...given) => {
        queueMicrotask(() => handle.stop());
        return open(...given).then(() => Promise.reject(new Error('the question was closed')));
      },
    },
    inputFor('do it'),
  );
  assert.equal((await handle.ended).status, 'stopped');
  assert.equal((await resumeRun(small.environment, handle.run).ended).status, 'succeeded');
});

test('a copy that vanished pauses the run, which goes on with a new one', async (t) => {
  let gone = true;
  const small = world(t, { model: moves(calls('files_append', { path: 'a.txt', text: ' two' })) });
  const { open } = small.environment;
  const environment = {
    ...small.environment,
    open: async (...given: Parameters<typeof open>) => {
      const resources = await open(...given);
      const snapshot: typeof resources.files.snapshot = (signal) =>
        gone
          ? Promise.reject(
              new StrataError('copy-missing', 'The copy is gone.', 'Resume the run.', { passing: true }),
            )
          : resources.files.snapshot(signal);
      return { ...resources, files: { ...resources.files, snapshot } };
    },
  };
  const { run, ended } = startRun(environment, inputFor('do it'));
  assert.equal((await ended).status, 'paused');
  gone = false;
  assert.equal((await resumeRun(environment, run).ended).status, 'succeeded');
  assert.equal(small.files.get('a.txt'), 'one two', 'the step was undone before it was done again');
});

test('a resume that cannot begin shuts nobody out', async (t) => {
  let full = false;
  const small = world(t, {
    model: moves(calls('mail_send', { text: 'hello' })),
    wrapStore: (store) => ({
      ...store,
      append: (lease, bodies) => {
        if (full) throw new StrataError('storage-full', 'The disk is full.', 'Free some space.');
        return store.append(lease, bodies);
      },
    }),
  });
  const first = startRun(small.environment, inputFor('do it'));
  first.stop();
  await first.ended;
  full = true;
  assert.throws(() => resumeRun(small.environment, first.run), { code: 'storage-full' });
  full = false;
  assert.equal((await resumeRun(small.environment, first.run).ended).status, 'succeeded');
});

test('an argument named like a prototype is an argument like any other', async (t) => {
  const given = JSON.parse('{"__proto__":{"a":1},"path":"a.txt"}') as JsonObject;
  const small = world(t, { model: moves(calls('files_read', given)) });
  const { run, ended } = startRun(small.environment, inputFor('do it'));
  await ended;
  const input = foldRun(small.store.read(run))?.steps.find(({ kind }) => kind === 'tool')?.input;
  assert.match(JSON.stringify(input), /__proto__/);
  assert.equal((await replayRun(small.store, run, () => undefined)).verdict, 'equal');
});

for (const [name, damage] of [
  ['an event that is no JSON', "UPDATE event SET body = 'garbage' WHERE seq = 4"],
  ['an event that is missing', 'DELETE FROM event WHERE seq = 4'],
] as const) {
  test(`${name} makes one message, and takes no other run with it`, async (t) => {
    const small = world(t, { model: moves(says('done')) });
    const damaged = startRun(small.environment, inputFor('do it'));
    await damaged.ended;
    const database = new DatabaseSync(small.log);
    database.exec(damage);
    database.close();
    assert.throws(() => small.store.read(damaged.run), {
      code: 'run-damaged',
      message: /^Event 4 of run r-1 is missing or cannot be read/,
    });
    const other = startRun(small.environment, inputFor('do it'));
    assert.equal((await other.ended).status, 'succeeded');
    assert.equal(small.store.list().length, 2);
    assert.equal(small.store.read(other.run).length > 0, true);
  });
}

test('a log that cannot be written calls the step off, and throws in nobody’s callback', async (t) => {
  let full = false;
  const thrown: unknown[] = [];
  const small = world(t, {
    model: moves(says('done')),
    wrapStore: (store) => ({
      ...store,
      append: (lease, bodies) => {
        if (full) throw new StrataError('storage-full', 'The disk is full.', 'Free some space.');
        return store.append(lease, bodies);
      },
    }),
  });
  const { open } = small.environment;
  const environment: typeof small.environment = {
    ...small.environment,
    open: async (...given) => {
      const resources = await open(...given);
      const index: typeof resources.memory.index = ({ signal, onProgress }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('called off')));
          queueMicrotask(() => {
            full = true;
            try {
              for (let done = 0; done < 1000; done += 1) onProgress?.({ done, total: 1000 });
            } catch (error) {
              thrown.push(error);
            }
          });
        });
      return { ...resources, memory: { ...resources.memory, index } };
    },
  };
  const { run, ended } = startRun(environment, inputFor('do it'));
  await assert.rejects(ended, { code: 'storage-full' });
  assert.deepEqual(thrown, []);
  full = false;
  assert.equal((await resumeRun(small.environment, run).ended).status, 'succeeded');
});
