import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { ChangeQueue } from '../../extension/src/vscode/memory/keep/change-queue.ts';

/** A queue on a clock that is turned by hand; `log` tells what it asked the memory for, and when. */
function queueOn() {
  let now = 0;
  let timers: { readonly at: number; readonly callback: () => void }[] = [];
  const log: string[] = [];
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const asked = (what: string): Promise<void> => {
    log.push(`${now} ${what}`);
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  };
  const queue = new ChangeQueue({
    after: (ms, callback) => {
      const timer = { at: now + ms, callback };
      timers.push(timer);
      return { dispose: () => (timers = timers.filter((one) => one !== timer)) };
    },
    update: (paths) => asked(paths.length > 3 ? `${paths.length} paths` : paths.join(' ')),
    index: () => asked('all'),
    onFailure: (error) => log.push(`${now} ${error instanceof Error ? error.message : String(error)}`),
  });
  const turn = async (ms: number): Promise<void> => {
    const until = now + ms;
    for (;;) {
      const [next] = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (!next) break;
      now = next.at;
      timers = timers.filter((one) => one !== next);
      next.callback();
      await settle();
    }
    now = until;
  };
  const answer = async (error?: string): Promise<void> => {
    const next = waiting.shift();
    assert.ok(next, 'nothing is under way');
    if (error === undefined) next.resolve();
    else next.reject(new Error(error));
    await settle();
  };
  return { queue, log, turn, answer };
}

test('the events of a save are one update, a moment after the last', async () => {
  const { queue, log, turn } = queueOn();
  queue.add('a');
  await turn(20);
  queue.add('a');
  queue.add('b');
  await turn(1000);
  assert.deepEqual(log, ['60 a b']);
});

test('changes that never cease do not wait for ever', async () => {
  const { queue, log, turn } = queueOn();
  for (let at = 0; at < 2000; at += 30) {
    queue.add('a');
    await turn(30);
  }
  assert.equal(log[0], '1000 a');
});

test('one batch at a time: what changes meanwhile is the next', async () => {
  const { queue, log, turn, answer } = queueOn();
  queue.add('a');
  await turn(100);
  queue.add('b');
  queue.add('c');
  await turn(5000);
  assert.deepEqual(log, ['40 a']);
  await answer();
  await turn(100);
  assert.deepEqual(log, ['40 a', '5140 b c']);
});

test('a storm is one look at the whole folder, when it has ceased', async () => {
  const { queue, log, turn } = queueOn();
  for (let file = 0; file < 1000; file += 1) queue.add(`file-${file}`);
  await turn(300);
  queue.add('one more');
  await turn(10_000);
  assert.deepEqual(log, ['800 all']);
});

test('a switch of the branch is a look at the whole folder, and takes the paths with it', async () => {
  const { queue, log, turn, answer } = queueOn();
  queue.add('a');
  queue.addAll();
  await turn(1000);
  await answer();
  await turn(10_000);
  assert.deepEqual(log, ['500 all']);
});

test('while it is held nothing is asked for; afterwards what has changed', async () => {
  const { queue, log, turn } = queueOn();
  queue.hold(true);
  queue.add('a');
  await turn(10_000);
  assert.deepEqual(log, []);
  queue.hold(false);
  await turn(100);
  assert.deepEqual(log, ['10040 a']);
});

test('a batch that failed is followed by a look at everything, later and later', async () => {
  const { queue, log, turn, answer } = queueOn();
  queue.add('a');
  await turn(100);
  await answer('no disk');
  queue.add('b');
  await turn(5000);
  await answer('no disk');
  await turn(9_000);
  assert.deepEqual(log, ['40 a', '100 no disk', '5100 all', '5100 no disk']);
  await turn(1_000);
  assert.equal(log.at(-1), '15100 all');
  await answer();
  queue.add('c');
  await turn(100);
  assert.equal(log.at(-1), '15140 c');
});

test('when it is over nothing is asked for or told', async () => {
  const { queue, log, turn, answer } = queueOn();
  queue.add('a');
  await turn(100);
  queue.add('b');
  queue.dispose();
  await answer('it was called off');
  await turn(100_000);
  assert.deepEqual(log, ['40 a']);
});
