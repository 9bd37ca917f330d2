import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { replayRun, startRun } from '../../extension/src/core/orchestration/index.ts';
import type { RunInput, WorkflowDefinition } from '../../extension/src/core/orchestration/index.ts';
import { textOf } from '../../extension/src/protocol/message.ts';
import { agentNamed, calls, says, smallWorld } from '../support/small-world.ts';
import type { WorldOptions } from '../support/small-world.ts';
import { cast, story } from '../support/transcript.ts';

type Nodes = WorkflowDefinition['nodes'];
type Edges = WorkflowDefinition['edges'];

function workflow(nodes: Nodes, edges: Edges, ...agents: readonly string[]): RunInput {
  return {
    program: { kind: 'workflow', workflow: { name: 'flow', description: '', nodes, edges } },
    task: 'the task',
    approval: { '*': 'allow' },
    agents: Object.fromEntries(agents.map((name) => [name, agentNamed(name)])),
    depth: 0,
  };
}

interface Played {
  readonly status: string;
  readonly answer: string;
  /** Without the sub-runs' own steps. */
  readonly story: readonly string[];
  readonly files: Record<string, string>;
  readonly tasks: readonly string[];
}

async function play(t: TestContext, input: RunInput, model: WorldOptions['model']): Promise<Played> {
  const tasks: string[] = [];
  const small = smallWorld({
    model: (messages, call, request) => {
      if (messages.length === 2) tasks.push(textOf(messages[1] ?? says('')));
      return model(messages, call, request);
    },
  });
  t.after(() => small.dispose());
  const { run, ended } = startRun(small.environment, input);
  const end = await ended;
  const report = await replayRun(small.store, run, () => undefined);
  assert.equal(report.verdict, 'equal', JSON.stringify(report.divergence));
  const merges = small.store
    .read(run)
    .flatMap((event) =>
      event.type === 'step.finished' && !event.step.includes('.') && event.files ? [event.files.after] : [],
    );
  return {
    status: end.status,
    answer: end.status === 'succeeded' ? (end.answer ?? '') : String(end.error),
    story: story(small.store, run).filter((line) => !line.startsWith(' ')),
    files: Object.fromEntries(small.trees.get(merges.at(-1) ?? '') ?? []),
    tasks,
  };
}

const agent = (id: string, name: string, task: string, retries = 0): Nodes[number] => ({
  id,
  kind: 'agent',
  agent: name,
  task,
  retries,
});

test('in sequence: each node has the answer and the files of the one before', async (t) => {
  const played = await play(
    t,
    workflow(
      [agent('plan', 'ann', 'plan {{task}}'), agent('work', 'bob', 'do {{plan.answer}}')],
      [{ from: 'plan', to: 'work' }],
      'ann',
      'bob',
    ),
    cast({
      ann: [calls('files_append', { path: 'plan.md', text: 'plan' }), says('the plan')],
      bob: [calls('files_append', { path: 'plan.md', text: ' done' }), says('worked')],
    }),
  );
  assert.equal(played.answer, 'worked');
  assert.deepEqual(played.tasks, ['plan the task', 'do the plan']);
  assert.equal(played.files['plan.md'], 'plan done');
  assert.deepEqual(played.story, [
    '3 node plan',
    '3.1 agent ann',
    '3.2 merge ann',
    '4 merge plan',
    '5 node work',
    '5.1 agent bob',
    '5.2 merge bob',
    '6 merge work',
  ]);
});

test('map and reduce: one agent on each part side by side, and one that joins them', async (t) => {
  const played = await play(
    t,
    workflow(
      [
        agent('list', 'ann', 'list'),
        {
          id: 'each',
          kind: 'map',
          over: '{{list.answer}}',
          agent: 'bob',
          task: 'read {{item}} for {{task}}',
          parallel: 2,
          retries: 0,
        },
        agent('join', 'ann2', 'join {{each.answer}}'),
      ],
      [
        { from: 'list', to: 'each' },
        { from: 'each', to: 'join' },
      ],
      'ann',
      'bob',
      'ann2',
    ),
    cast({
      ann: [says('Here they are: ["one", "two", "three"]')],
      bob: [(messages) => says(`answer to ${textOf(messages[1] ?? says(''))}`)],
      ann2: [(messages) => says(textOf(messages[1] ?? says('')))],
    }),
  );
  assert.deepEqual(played.tasks.slice(1, 4), [
    'read one for the task',
    'read two for the task',
    'read three for the task',
  ]);
  assert.match(played.answer, /^join ### one\n\nanswer to read one for the task\n\n### two\n\n/);
});

test('an edge is taken when its condition holds, and the way not taken is skipped', async (t) => {
  const when = (value: string, negated: boolean): NonNullable<Edges[number]['when']> => ({
    node: 'judge',
    field: 'answer',
    test: 'contains',
    value,
    negated,
  });
  const input = workflow(
    [
      agent('judge', 'ann', 'judge'),
      agent('good', 'bob', 'praise'),
      agent('bad', 'bob', 'mend'),
      agent('end', 'ann', 'end {{good.answer}}{{bad.answer}}'),
    ],
    [
      { from: 'judge', to: 'good', when: when('YES', false) },
      { from: 'judge', to: 'bad', when: when('YES', true) },
      { from: 'good', to: 'end' },
      { from: 'bad', to: 'end' },
    ],
    'ann',
    'bob',
  );
  const model = cast({
    ann: [
      (messages) =>
        says(textOf(messages[1] ?? says('')).startsWith('judge') ? 'NO' : textOf(messages[1] ?? says(''))),
    ],
    bob: [(messages) => says(textOf(messages[1] ?? says('')))],
  });
  const played = await play(t, input, model);
  assert.equal(played.answer, 'end mend');
  assert.ok(!played.story.some((line) => line.includes('good')));
});

test('an edge that leads back is taken as often as its limit says', async (t) => {
  const again = { node: 'check', field: 'answer', test: 'contains', value: 'AGAIN', negated: false } as const;
  const input = workflow(
    [agent('work', 'bob', 'work {{check.answer}}'), agent('check', 'ann', 'check')],
    [
      { from: 'work', to: 'check' },
      { from: 'check', to: 'work', when: again, limit: 2 },
    ],
    'ann',
    'bob',
  );
  const played = await play(t, input, cast({ bob: [says('worked')], ann: [says('AGAIN')] }));
  assert.deepEqual(
    played.story.filter((line) => line.includes('node')),
    ['3 node work', '4 node check', '5 node work', '6 node check', '7 node work', '8 node check'],
  );
  assert.equal(played.status, 'succeeded');
  assert.equal(played.answer, 'AGAIN');
});

test('a node that fails is tried again, then takes the edge for failures, or ends the run', async (t) => {
  let failures = 0;
  const failing: WorldOptions['model'] = (messages, call, request) => {
    if (textOf(messages[0] ?? says('')).includes('bob')) {
      failures += 1;
      throw new Error('no luck');
    }
    return cast({ ann: [says('rescued')] })(messages, call, request);
  };
  const failed = { node: 'try', field: 'outcome', test: 'equals', value: 'failed', negated: false } as const;
  const rescued = await play(
    t,
    workflow(
      [agent('try', 'bob', 'try', 2), agent('rescue', 'ann', 'rescue')],
      [{ from: 'try', to: 'rescue', when: failed }],
      'ann',
      'bob',
    ),
    failing,
  );
  assert.equal(failures, 3);
  assert.equal(rescued.answer, 'rescued');
  const lost = await play(t, workflow([agent('try', 'bob', 'try')], [], 'bob'), failing);
  assert.equal(lost.status, 'failed');
  assert.match(lost.answer, /Node try of the workflow failed: no luck/);
});

test('a node without a way on ends the run with a reason', async (t) => {
  const never = { node: 'one', field: 'answer', test: 'contains', value: 'NEVER', negated: false } as const;
  const played = await play(
    t,
    workflow(
      [agent('one', 'ann', 'x'), agent('two', 'ann', 'y')],
      [{ from: 'one', to: 'two', when: never }],
      'ann',
    ),
    cast({ ann: [says('done')] }),
  );
  assert.equal(played.status, 'failed');
  assert.match(played.answer, /No edge that leaves node one holds/);
});

test('a loop with a critic goes on until the critic approves, and both see each other’s files', async (t) => {
  let judged = 0;
  const played = await play(
    t,
    workflow(
      [{ id: 'w', kind: 'critic', author: 'ann', critic: 'bob', task: 'write', rounds: 3, retries: 0 }],
      [],
      'ann',
      'bob',
    ),
    cast({
      ann: [
        (messages) =>
          calls('files_append', {
            path: 'w.md',
            text: textOf(messages[1] ?? says('')).includes('too short') ? 'more' : 'some',
          }),
        says('written'),
      ],
      bob: [
        calls('files_read', { path: 'w.md' }),
        (messages) =>
          says((judged += 1) > 1 ? `APPROVED ${textOf(messages.at(-1) ?? says(''))}` : 'It is too short.'),
      ],
    }),
  );
  assert.equal(played.answer, 'written');
  assert.equal(played.files['w.md'], 'somemore');
  assert.deepEqual(
    played.story.filter((line) => line.includes('agent')),
    ['3.1 agent ann', '3.3 agent bob', '3.4 agent ann', '3.6 agent bob'],
  );
});

test('a critic that never approves makes the node fail, with its last remarks', async (t) => {
  const played = await play(
    t,
    workflow(
      [{ id: 'w', kind: 'critic', author: 'ann', critic: 'bob', task: 'write', rounds: 2, retries: 0 }],
      [],
      'ann',
      'bob',
    ),
    cast({ ann: [says('written')], bob: [says('Not yet.')] }),
  );
  assert.match(played.answer, /bob did not approve after 2 rounds\. Its last remarks:\n\nNot yet\./);
});

test('a discussion goes as its chair says, and ends with the chair’s word', async (t) => {
  const chaired = ['NEXT: bob what do you think?', 'NEXT: cid and you?', 'DONE: we agree'];
  let words = 0;
  const played = await play(
    t,
    workflow(
      [
        {
          id: 'd',
          kind: 'discussion',
          chair: 'ann',
          members: ['bob', 'cid'],
          task: 'tabs or spaces',
          rounds: 5,
          retries: 0,
        },
      ],
      [],
      'ann',
      'bob',
      'cid',
    ),
    cast({
      ann: [() => says(chaired[words++] ?? 'DONE: nothing')],
      bob: [says('tabs')],
      cid: [(messages) => says(textOf(messages[1] ?? says('')).includes('bob: tabs') ? 'tabs too' : 'what?')],
    }),
  );
  assert.equal(played.answer, 'we agree');
  assert.deepEqual(
    played.story.filter((line) => line.includes('agent')),
    ['3.1 agent ann', '3.2 agent bob', '3.3 agent ann', '3.4 agent cid', '3.5 agent ann'],
  );
  assert.match(played.tasks[3] ?? '', /The chair calls on you: and you\?/);
});
