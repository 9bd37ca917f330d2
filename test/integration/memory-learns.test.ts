import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fromPayload, replayRun } from '../../extension/src/core/orchestration/index.ts';
import type { RunView } from '../../extension/src/protocol/run-view.ts';
import { learningWorld } from '../support/learning-world.ts';
import type { LearningWorld } from '../support/learning-world.ts';
import { limit } from './memory-fixture.ts';

const TASK = 'Make the failing test pass';
const CORRECTION = 'Standard shipping costs 49: it has to be `standard: 49`, and the test is right.';

test('a run that failed and was corrected goes right the second time, and only by recall', async (t) => {
  const world = learningWorld(t);
  const first = await world.run(TASK);
  assert.match(
    answerOf(world, first),
    /^The tests still fail: “standard shipping has its price”\. I could not repair this/,
  );
  assert.deepEqual(recallOf(world, first), []);

  await world.keeper.rate(first.id, { verdict: 'down', correction: CORRECTION });
  const [episode] = await world.keeper.memory.episodes({ limit: 1 });
  assert.equal(episode?.correction, CORRECTION);
  assert.equal(episode.verdict, 'down');
  assert.ok(episode.tried?.includes('files_read 3 times'), episode.tried?.join());

  const second = await world.run(TASK);
  assert.deepEqual(recallOf(world, second), [
    { run: first.id, why: { words: ['failing', 'test', 'pass'], verdict: 'corrected' } },
  ]);
  assert.match(answerOf(world, second), /^One change made the failing tests pass:[\s\S]*all 1 tests pass/);
  assert.ok(second.steps.filter(({ name }) => name === 'files_edit').length === 1, 'its first try');
  assert.equal((await replayRun(world.store, second.id, () => undefined)).verdict, 'equal');

  const without = await world.run(TASK, { memory: false });
  assert.match(answerOf(world, without), /^The tests still fail/);
  assert.ok(!without.steps.some(({ kind }) => kind === 'recall'));

  await world.keeper.forget([first.id, second.id], limit());
  const left = await world.keeper.memory.recall(TASK, { limit: 3, signal: limit() });
  assert.ok(!JSON.stringify(left).includes('49'), 'what is forgotten helps nobody');
});

test('every end of a run is kept, whatever it was, and what is said of it later', async (t) => {
  const world = learningWorld(t);
  const stopped = world.start('Look for the failing test');
  await begun(world, stopped.run);
  stopped.stop();
  assert.equal((await stopped.ended).status, 'stopped');
  await world.run(TASK);
  const { memory } = world.keeper;
  const outcomes = async (): Promise<string[]> =>
    (await memory.episodes({ limit: 9 })).map(({ task, outcome }) => `${outcome}: ${task}`);
  await world.keeper.settled();
  const all = ['succeeded: Make the failing test pass', 'stopped: Look for the failing test'];
  assert.deepEqual(await outcomes(), all);

  // As if this process had died before it could keep anything.
  const runs = world.store.list().map(({ id }) => id);
  await memory.forget({ runs });
  assert.deepEqual(await outcomes(), []);
  assert.ok((await memory.recall(TASK, { limit: 3, signal: limit() })).length > 0, 'caught up with at once');
  assert.deepEqual(await outcomes(), all);
  await memory.forget({ runs });
  assert.deepEqual(await world.keeper.rebuildEpisodes(limit()), { kept: 2 });

  await world.keeper.rate(stopped.run, { verdict: 'up', memory: 'pinned' });
  const [pinned] = await memory.episodes({ limit: 1, run: stopped.run });
  assert.deepEqual([pinned?.verdict, pinned?.pinned], ['up', true]);
  await world.keeper.forget([stopped.run], limit());
  assert.deepEqual(await world.keeper.rebuildEpisodes(limit()), { kept: 1 }, 'forgotten for good');

  // The log of a run may be gone before its episode is.
  const [left] = await memory.episodes({ limit: 1 });
  assert.ok(left);
  await memory.remember({ ...left, run: 'r-gone' });
  await world.keeper.rate('r-gone', { correction: 'Only the log is gone.' });
  assert.equal((await memory.episodes({ limit: 1, run: 'r-gone' }))[0]?.correction, 'Only the log is gone.');
  await assert.rejects(world.keeper.rate('r-nobody', { verdict: 'up' }), { code: 'run-not-remembered' });
});

test('what a person says twice becomes a note, which runs are told of and people can edit', async (t) => {
  const world = learningWorld(t);
  const { keeper, notes } = world;
  const rule = 'Round money half up, never down.';
  const corrected = async (task: string): Promise<string> => {
    const handle = world.start(task);
    handle.stop();
    await handle.ended;
    await keeper.rate(handle.run, { correction: rule });
    return handle.run;
  };
  const texts = async (): Promise<string[]> => (await notes.list()).map(({ text }) => text);
  const one = await corrected('Print the total of an invoice');
  assert.deepEqual(await texts(), []);
  const two = await corrected('Round the tax on shipping');
  assert.deepEqual(await texts(), [rule]);
  const today = new Date().toISOString().slice(0, 10);
  assert.match(
    readFileSync(notes.file, 'utf8'),
    new RegExp(`^- ${rule}\n {2}<!-- said by a person · ${today} · 2 times · in ${two}, ${one} -->\n$`, 'm'),
  );

  const [told] = await keeper.memory.recall('How is money rounded?', { limit: 3, signal: limit() });
  assert.deepEqual(told?.kind === 'note' ? told.text : undefined, rule);

  const [note] = await notes.list();
  assert.ok(note);
  await notes.edit(note.id, 'Round money half up.');
  await corrected('Round the discount of a line');
  assert.deepEqual(await texts(), ['Round money half up.'], 'in the person’s own words');
  await keeper.forget([one, two], limit());
  assert.deepEqual(await texts(), ['Round money half up.'], 'one run is left that told it');
  const [edited] = await notes.list();
  await notes.remove(edited?.id ?? '');
  await corrected('Round the deposit on bottles');
  assert.deepEqual(await texts(), [], 'what was removed does not come back');
  await assert.rejects(notes.remove('n-nobody'), { code: 'note-not-found' });

  await notes.add('By hand.');
  writeFileSync(notes.file, `${readFileSync(notes.file, 'utf8')}- Smuggled in.\n`);
  const [byHand] = (await notes.list()).filter(({ text }) => text === 'By hand.');
  await notes.adopt('r-agent', byHand ? [byHand] : []);
  assert.deepEqual(
    (await notes.list()).map(({ text, by, confirmed }) => [text, by, confirmed]),
    [
      ['By hand.', 'person', true],
      ['Smuggled in.', 'agent', false],
    ],
  );
  assert.ok(!path.relative(world.folder, notes.file).startsWith('..'));
});

/** Its first step has been asked for. */
async function begun({ store }: LearningWorld, run: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const listening = store.onDidAppend((events) => {
      if (!events.some((event) => event.run === run && event.type === 'step.started')) return;
      listening.dispose();
      resolve();
    });
  });
}

function answerOf(world: LearningWorld, { answer }: RunView): string {
  const text = answer === undefined ? '' : fromPayload(world.store, answer);
  return typeof text === 'string' ? text : '';
}

/** What the step of the trace holds. */
function recallOf(world: LearningWorld, { steps }: RunView): unknown[] {
  const output = steps.find(({ kind }) => kind === 'recall')?.output;
  const list = output === undefined ? [] : fromPayload(world.store, output);
  assert.ok(Array.isArray(list));
  return list.map((one: unknown) => {
    assert.ok(typeof one === 'object' && one !== null && 'run' in one && 'why' in one);
    return { run: one.run, why: one.why };
  });
}
