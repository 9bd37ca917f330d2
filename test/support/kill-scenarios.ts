import assert from 'node:assert/strict';
import {
  fromPayload,
  newestTree,
  resumeRun,
  startRun,
} from '../../extension/src/core/orchestration/index.ts';
import type { RunEnd, RunHandle, RunInput } from '../../extension/src/core/orchestration/index.ts';
import { STEP_KINDS } from '../../extension/src/protocol/run-event.ts';
import type { StepKind } from '../../extension/src/protocol/run-event.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import { textOf } from '../../extension/src/protocol/message.ts';
import { agentNamed, calls, callsAll, inputFor, says, smallWorld } from './small-world.ts';
import type { SmallWorld, WorldOptions } from './small-world.ts';
import { cast, lastHeard } from './transcript.ts';

/** A run with many kinds of step, and what must be true at its end whatever happened to its process on the way. */
export interface Scenario {
  readonly input: RunInput;
  readonly model: WorldOptions['model'];
  readonly answer: string;
  readonly files: readonly (readonly [string, string])[];
}

const rules = { mail_send: 'ask', '*': 'allow' } as const;
const left = agentNamed('left');
const right = agentNamed('right');
const closer = agentNamed('closer');
const critic = agentNamed('critic');

const long = (of: string): string => `${of} `.repeat(700);

const parts = cast({
  planner: [
    callsAll(
      ['files_read', { path: 'a.txt' }],
      ['agents_run', { agent: 'left', task: 'write l' }],
      ['agents_run', { agent: 'right', task: 'write r' }],
    ),
    callsAll(['mail_send', { text: 'draft' }], ['files_append', { path: 'a.txt', text: ' two' }]),
    calls('files_append', { path: 'long.txt', text: long('long') }),
    calls('files_read', { path: 'long.txt' }),
  ],
  left: [calls('files_append', { path: 'l.txt', text: 'L' }), says('left')],
  right: [calls('files_append', { path: 'r.txt', text: 'R' }), says('right')],
});

/** Goes by what has happened, not by how many replies are left of it: older ones are condensed away. */
const teamModel: WorldOptions['model'] = (messages, call, request) => {
  const system = textOf(messages[0] ?? says(''));
  const done = messages.some(
    (message) => message.role === 'assistant' && JSON.stringify(message).includes('closed'),
  );
  if (request.tools.length === 0 && system.includes('condense'))
    return says(
      '## Decided\n- It goes well.\n## Tried and failed\nNone.\n## Facts found\nNone.\n## Open points\nNone.',
    );
  if (system.includes('closer'))
    return done ? says('all done') : calls('files_append', { path: 'c.txt', text: 'closed !' });
  if (system.includes('planner') && messages.some((message) => textOf(message).includes('It goes well.'))) {
    return lastHeard(messages).includes('There is no tool')
      ? calls('agents_hand_over', { agent: 'closer', message: 'close it' })
      : calls('no_such_tool', {});
  }
  return parts(messages, call, request);
};

export const scenarios: Readonly<Record<'team' | 'workflow', Scenario>> = {
  team: {
    input: {
      ...inputFor(
        'do it',
        rules,
        agentNamed('planner', {
          agents: ['left', 'right'],
          handOvers: ['closer'],
          memory: true,
          maxSteps: 4,
        }),
        [left, right, closer],
      ),
      contextTokens: 1600,
    },
    model: teamModel,
    answer: 'all done',
    files: [
      ['a.txt', 'one two'],
      ['c.txt', 'closed !'],
      ['l.txt', 'L'],
      ['long.txt', long('long')],
      ['r.txt', 'R'],
    ],
  },
  workflow: {
    input: {
      task: 'do it',
      approval: rules,
      agents: { left, right, critic },
      depth: 0,
      program: {
        kind: 'workflow',
        workflow: {
          name: 'flow',
          description: '',
          nodes: [
            { id: 'plan', kind: 'agent', agent: 'right', task: '{{task}}', retries: 0 },
            {
              id: 'each',
              kind: 'map',
              over: '- one\n- two',
              agent: 'left',
              task: '{{item}}',
              parallel: 2,
              retries: 0,
            },
            {
              id: 'judge',
              kind: 'critic',
              author: 'left',
              critic: 'critic',
              task: 'x',
              rounds: 2,
              retries: 0,
            },
          ],
          edges: [
            { from: 'plan', to: 'each' },
            { from: 'plan', to: 'judge' },
          ],
        },
      },
    },
    model: cast({
      right: [calls('files_append', { path: 'r.txt', text: 'R' }), says('right')],
      left: [
        (messages) => {
          const task = textOf(messages[1] ?? says('')).slice(0, 3);
          return calls('files_append', { path: `${task}.txt`, text: task });
        },
        says('left'),
      ],
      critic: [says('APPROVED')],
    }),
    answer: '## each\n\n### one\n\nleft\n\n### two\n\nleft\n\n## judge\n\nleft',
    files: [
      ['a.txt', 'one'],
      ['one.txt', 'one'],
      ['r.txt', 'R'],
      ['two.txt', 'two'],
      ['x.txt', 'x'],
    ],
  },
};

export type ScenarioName = keyof typeof scenarios;

export function scenarioWorld(name: ScenarioName, more: Partial<WorldOptions> = {}): SmallWorld {
  const { model } = scenarios[name];
  const made: SmallWorld = smallWorld({
    model,
    approve: (_tool, { run }) => {
      steerOnce(made, run);
      return { allowed: true, arguments: { text: 'hello' } };
    },
    // Whoever is asked looks whether the letter went out.
    decideUnknown: () => (made.sent.includes('hello') ? 'skip' : 'again'),
    ...more,
  });
  return made;
}

/** Handles of what runs in this process, to say something to it in the middle. */
const handles = new WeakMap<SmallWorld, RunHandle>();

function steerOnce(world: SmallWorld, run: string): void {
  const said = foldRun(world.store.read(run))?.steering.length ?? 0;
  if (said === 0) handles.get(world)?.steer({ text: 'be brief' });
}

/** Begins the scenario's run, or goes on with it, and lets it go on whenever it pauses, as a person would. */
export async function playScenario(world: SmallWorld, name: ScenarioName): Promise<RunEnd> {
  const begun = world.store.has('r-1');
  let handle = begun
    ? resumeRun(world.environment, 'r-1')
    : startRun(world.environment, scenarios[name].input);
  handles.set(world, handle);
  let end = await handle.ended;
  for (let pauses = 0; end.status === 'paused' && pauses < 20; pauses += 1) {
    handle = resumeRun(world.environment, 'r-1');
    handles.set(world, handle);
    end = await handle.ended;
  }
  return end;
}

/** Kinds that a run and its sub-runs hold. */
export function kindsOf(world: SmallWorld, run = 'r-1'): ReadonlySet<StepKind> {
  const steps = foldRun(world.store.read(run))?.steps ?? [];
  return new Set([
    ...steps.map(({ kind }) => kind),
    ...steps.flatMap(({ child }) => (child === undefined ? [] : [...kindsOf(world, child)])),
  ]);
}

export const ALL_KINDS: ReadonlySet<StepKind> = new Set(STEP_KINDS);

export const scenarioNames = Object.keys(scenarios) as readonly ScenarioName[];

/** The same answer, the same files, and every letter sent once, whatever happened on the way. */
export function assertScenarioEnd(world: SmallWorld, name: ScenarioName, point: string): void {
  const { answer, files } = scenarios[name];
  const view = foldRun(world.store.read('r-1'));
  assert.equal(view?.status, 'succeeded', point);
  assert.deepEqual(view.answer && fromPayload(world.store, view.answer), answer, point);
  const tree = newestTree(view);
  const left = [...(world.trees.get(tree ?? '') ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  assert.deepEqual(left, files, point);
  assert.deepEqual(world.sent, name === 'team' ? ['hello'] : [], point);
}
