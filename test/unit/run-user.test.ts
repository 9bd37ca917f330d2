import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { forkRun, rerunRun, startRun } from '../../extension/src/core/orchestration/index.ts';
import { readRunEvent } from '../../extension/src/protocol/modernize.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import { agentNamed, calls, inputFor, says, smallWorld } from '../support/small-world.ts';
import type { SmallWorld, WorldOptions } from '../support/small-world.ts';
import { cast } from '../support/transcript.ts';

function world(t: TestContext, options: WorldOptions): SmallWorld {
  const made = smallWorld(options);
  t.after(() => made.dispose());
  return made;
}

const allow = { '*': 'allow' } as const;

test('a run has the user who started it, and so have its sub-runs; a fork and a rerun have their own', async (t) => {
  const small = world(t, {
    model: cast({
      planner: [calls('agents_run', { agent: 'left', task: 'look' }), says('done')],
      left: [says('seen')],
    }),
  });
  let user: string | undefined = 'Ada';
  const environment = { ...small.environment, user: () => user };
  const userOf = (run: string): string | undefined => foldRun(small.store.read(run))?.user;
  const input = inputFor('do it', allow, agentNamed('planner', { agents: ['left'] }), [agentNamed('left')]);

  const first = startRun(environment, input);
  assert.equal((await first.ended).status, 'succeeded');
  const [below] = small.store.list({ parent: first.run });
  assert.deepEqual([userOf(first.run), below && userOf(below.id)], ['Ada', 'Ada']);

  user = 'Bo';
  const step = foldRun(small.store.read(first.run))?.steps.find(({ kind }) => kind === 'chat')?.id ?? '';
  const fork = forkRun(environment, { run: first.run, step });
  await fork.ended;
  const again = rerunRun(environment, first.run);
  await again.ended;
  assert.deepEqual([userOf(fork.run), userOf(again.run), userOf(first.run)], ['Bo', 'Bo', 'Ada']);

  user = undefined;
  const nobody = startRun(environment, inputFor('do it', allow, agentNamed('left')));
  await nobody.ended;
  const [started] = small.store.read(nobody.run);
  assert.ok(started && !('user' in started));
});

test('a start without a user is one of today, and what a later version adds to it costs nothing', () => {
  const file = new URL('../fixtures/run-log/v4.jsonl', import.meta.url);
  const started = JSON.parse(readFileSync(file, 'utf8').split('\n')[0] ?? '') as { user?: string };
  assert.equal(started.user, 'Ada');
  const { user: _, ...without } = started;
  assert.deepEqual(readRunEvent(without), without);
  assert.deepEqual(readRunEvent({ ...started, weather: 'fine' }), started);
  assert.throws(() => readRunEvent({ ...started, user: 7 }), { name: /ZodError/ });
});
