import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { replayRun, resumeRun, startRun } from '../../extension/src/core/orchestration/index.ts';
import type { AssistantMessage } from '../../extension/src/protocol/message.ts';
import { textOf } from '../../extension/src/protocol/message.ts';
import { applyEvent, foldRun } from '../../extension/src/protocol/run-view.ts';
import type { RunView } from '../../extension/src/protocol/run-view.ts';
import { dyingLog } from '../support/dying-log.ts';
import { playScenario, scenarioNames, scenarioWorld } from '../support/kill-scenarios.ts';
import { agentNamed, callsAll, inputFor, says, smallWorld } from '../support/small-world.ts';
import type { SmallWorld, WorldOptions } from '../support/small-world.ts';

for (const name of scenarioNames) {
  test(`${name}: what was shown after each event is what the log says up to there`, async (t) => {
    const world = scenarioWorld(name);
    t.after(() => world.dispose());
    const shown = new Map<string, string[]>();
    const views = new Map<string, RunView>();
    world.store.onDidAppend((events) => {
      for (const event of events) {
        const view = applyEvent(views.get(event.run), event);
        views.set(event.run, view);
        shown.set(event.run, [...(shown.get(event.run) ?? []), JSON.stringify(view)]);
      }
    });
    await playScenario(world, name);
    let prefixes = 0;
    for (const [run, states] of shown) {
      const events = world.store.read(run);
      assert.equal(states.length, events.length);
      for (let length = 1; length <= events.length; length += 1) {
        const folded: unknown = JSON.parse(JSON.stringify(foldRun(events.slice(0, length))));
        assert.deepEqual(folded, JSON.parse(states[length - 1] ?? ''));
        prefixes += 1;
      }
    }
    t.diagnostic(`${prefixes} prefixes of ${shown.size} runs`);
  });
}

/** Numbers in [0, 1) that a seed decides. Mulberry32, by Tommy Ettinger, in the public domain. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A team that does this and that side by side, at speeds that differ from time to time and not from seed to seed. */
function generated(
  seed: number,
  more: Partial<WorldOptions> = {},
): { world: SmallWorld; input: ReturnType<typeof inputFor> } {
  const names = ['ann', 'bob', 'cid'];
  const team = names.map((name, index) => agentNamed(name, { agents: names.slice(index + 1) }));
  const decide = (agent: string, task: string, done: number): AssistantMessage => {
    const random = randomFrom(
      seed * 1000 + [...`${agent}${task}${done}`].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7),
    );
    const below = names.slice(names.indexOf(agent) + 1);
    if (done >= 1 + Math.floor(random() * 3)) return says(`${agent} did ${task}`);
    const calls = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, index) => {
      const what = random();
      const label = `${task}.${done}.${index}`;
      if (what < 0.35 && below.length > 0) {
        const chosen = below[Math.floor(random() * below.length)] ?? '';
        return ['agents_run', { agent: chosen, task: label }] as const;
      }
      if (what < 0.6) return ['files_append', { path: `${label}.txt`, text: label }] as const;
      if (what < 0.75) return ['files_append', { path: 'a.txt', text: label }] as const;
      return ['files_read', { path: 'a.txt', label }] as const;
    });
    return callsAll(...calls);
  };
  const world = smallWorld({
    model: async (messages) => {
      for (let turns = Math.floor(Math.random() * 4); turns > 0; turns -= 1) await turn();
      const agent = /You are the (\w+)\./.exec(textOf(messages[0] ?? says('')))?.[1] ?? '';
      const done = messages.filter(({ role }) => role === 'assistant').length;
      return decide(agent, textOf(messages[1] ?? says('')), done);
    },
    ...more,
  });
  const [leader] = team;
  assert.ok(leader);
  return { world, input: inputFor('t', { '*': 'allow' }, leader, team) };
}

const SEEDS = 40;

test('a replay of any run with parallel branches is the run', async (t) => {
  let steps = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { world, input } = generated(seed);
    try {
      const { run, ended } = startRun(world.environment, input);
      const end = await ended;
      assert.equal(end.status, 'succeeded', `seed ${seed}: ${String(end.error)}`);
      const report = await replayRun(world.store, run, () => undefined);
      assert.equal(report.verdict, 'equal', `seed ${seed}: ${JSON.stringify(report)}`);
      steps += report.steps;
    } finally {
      world.dispose();
    }
  }
  t.diagnostic(`${steps} steps of ${SEEDS} runs`);
});

test('killed at any commit, a run with parallel branches ends as one that was not', async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const whole = generated(seed);
    const first = startRun(whole.world.environment, whole.input);
    const expected = await first.ended;
    const files = [...whole.world.files].sort();
    const commits = whole.world.store.read(first.run).length;
    whole.world.dispose();
    const at = 2 + Math.floor(randomFrom(seed)() * (commits - 2));
    let alive = false;
    const log = dyingLog(at, seed % 2 === 0 ? 'before' : 'after', () => {
      if (!alive) throw new Error('storage-crash');
    });
    const { world, input } = generated(seed, { wrapStore: log.wrap });
    try {
      const { run, ended } = startRun(world.environment, input);
      await ended.catch(() => undefined);
      alive = true;
      if (world.store.statusOf(run) !== 'succeeded') {
        const end = await resumeRun(world.environment, run).ended;
        assert.equal(end.status, 'succeeded', `seed ${seed} commit ${at}: ${String(end.error)}`);
        assert.deepEqual(end, expected, `seed ${seed} commit ${at}`);
      }
      assert.deepEqual([...world.files].sort(), files, `seed ${seed} commit ${at}`);
    } finally {
      world.dispose();
    }
  }
});
