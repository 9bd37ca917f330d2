import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  agentsOfWorkflow,
  parseWorkflowFile,
  readDefinitions,
} from '../../extension/src/core/orchestration/agent-file/index.ts';
import { shown } from '../support/mistakes.ts';

const file = '.strata/workflows/w.workflow.yaml';

function finds(name: string, lines: readonly string[], expected: readonly string[]): void {
  test(name, () => {
    const { mistakes, workflow } = parseWorkflowFile(file, lines.join('\n'));
    assert.deepEqual(shown(mistakes), expected);
    assert.equal(
      workflow === undefined,
      expected.some((line) => line.includes(' error ')),
    );
  });
}

const three = ['nodes:', '  a: { agent: coder }', '  b: { agent: coder }', '  c: { agent: coder }'];

test('every kind of node, with what holds when nothing is said', () => {
  const text = [
    'description: Plan, do, check.',
    'budget: 5',
    'nodes:',
    '  plan: { agent: planner, retries: 2, timeLimit: 1h30m }',
    '  fix:',
    '    map: { over: plan.answer, agent: coder, task: "{{ item }} of {{task}}" }',
    '  check:',
    '    critic: { author: coder, critic: reviewer, task: "Mend {{fix.answer}}" }',
    '  talk:',
    '    discussion: { chair: planner, members: [coder, reviewer], rounds: 5 }',
  ].join('\n');
  const { workflow, mistakes } = parseWorkflowFile(file, text);
  assert.deepEqual(mistakes, []);
  assert.deepEqual(workflow, {
    name: 'w',
    description: 'Plan, do, check.',
    budget: 5,
    nodes: [
      { id: 'plan', kind: 'agent', agent: 'planner', task: '{{task}}', retries: 2, timeLimitMs: 5_400_000 },
      {
        id: 'fix',
        kind: 'map',
        over: '{{plan.answer}}',
        agent: 'coder',
        task: '{{item}} of {{task}}',
        parallel: 4,
        retries: 0,
      },
      {
        id: 'check',
        kind: 'critic',
        author: 'coder',
        critic: 'reviewer',
        task: 'Mend {{fix.answer}}',
        rounds: 3,
        retries: 0,
      },
      {
        id: 'talk',
        kind: 'discussion',
        chair: 'planner',
        members: ['coder', 'reviewer'],
        task: '{{task}}',
        rounds: 5,
        retries: 0,
      },
    ],
    edges: [
      { from: 'plan', to: 'fix' },
      { from: 'fix', to: 'check' },
      { from: 'check', to: 'talk' },
    ],
  });
  assert.deepEqual(agentsOfWorkflow(workflow), ['planner', 'coder', 'reviewer']);
});

test('edges in their short and their long form, and “else” as the opposite of a condition', () => {
  const text = [
    ...three,
    'edges:',
    '  - a -> b',
    '  - { from: b, to: a, when: not b.answer contains "APPROVED", limit: 2 }',
    '  - from: b',
    '    to: c',
    '    when: else',
  ].join('\n');
  const { workflow, mistakes } = parseWorkflowFile(file, text);
  assert.deepEqual(mistakes, []);
  const when = { node: 'b', field: 'answer', test: 'contains', value: 'APPROVED' };
  assert.deepEqual(workflow?.edges, [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'a', when: { ...when, negated: true }, limit: 2 },
    { from: 'b', to: 'c', when: { ...when, negated: false } },
  ]);
});

finds('no nodes', ['name: w'], ['1:1-8 error missing-key nodes: is missing']);
finds(
  'an empty file',
  [''],
  ['1:1-1 error wrong-value a workflow must be lines of “key: value”, with “nodes:” among them'],
);
finds(
  'nodes that are none',
  ['nodes: {}'],
  ['1:8-10 error wrong-value nodes: there is no node to start with'],
);
finds(
  'nodes with mistakes',
  [
    'nodes:',
    '  a: { agent: coder, tsk: x, retries: many }',
    '  2b: { agent: coder }',
    '  item: { agent: coder }',
    '  c: { agent: coder, map: {} }',
    '  d: 3',
    '  e: { map: { over: a.answer, agnt: coder } }',
    '  f: { agent: coder, timeLimit: soon }',
  ],
  [
    '2:22-25 error unknown-key nodes.a.tsk: is not known here. Did you mean “task”?',
    '2:39-43 error wrong-value nodes.a.retries: must be a whole number from 0 to 10',
    '3:3-5 error node-name nodes.2b: must be one word of letters, digits, _ and -',
    '4:3-7 error node-name nodes.item: has a meaning of its own; choose another name',
    '5:3-4 error node-form nodes.c: can be agent or map, not both',
    '6:3-4 error node-form nodes.d: must have one of agent, map, critic and discussion',
    '7:8-11 error missing-key nodes.e.map.agent: is missing',
    '7:31-35 error unknown-key nodes.e.map.agnt: is not known here. Did you mean “agent”?',
    '8:33-37 error wrong-value nodes.f.timeLimit: must be a time such as 90s, 10m or 1h30m',
  ],
);
finds(
  'a text that begins with braces and has no quotes',
  ['nodes:', '  a:', '    agent: coder', '    task: {{task}}'],
  [
    '4:11-19 error wrong-value nodes.a.task: put quotes around a text that begins with “{{”, which is a mapping in YAML',
  ],
);
finds(
  'and goes on after them',
  ['nodes:', '  a:', '    agent: coder', '    task: {{task}} and more'],
  ['4:20-28 error yaml put quotes around a text that begins with “{{”, which is a mapping in YAML'],
);
finds(
  'templates that name nothing, or too early',
  [
    'nodes:',
    '  a: { agent: coder, task: "{{b.answer}} {{item}}" }',
    '  b:',
    '    agent: coder',
    '    task: |',
    '      From {{a.answr}}',
    '      and {{ zz.answer }}',
  ],
  [
    '2:31-39 error not-yet-run nodes.a.task: “b” cannot have run before this node.',
    '2:44-48 error item-outside nodes.a.task: {{item}} is known in the task of a map only.',
    '6:14-21 error unknown-template nodes.b.task: {{a.answr}} is not known here. Did you mean “a.answer”?',
    '7:14-23 error unknown-template nodes.b.task: {{zz.answer}} is not known here. Did you mean “a.answer”?',
  ],
);
finds(
  'edges with mistakes',
  [
    ...three,
    'edges:',
    '  - a -> bb',
    '  - a',
    '  - { from: a, to: b, when: a.answer contain "x" }',
    '  - { from: a, to: b, when: at.answer contains "x", limt: 2 }',
    '  - { from: a, to: b, when: t.answer contains "x" }',
    '  - { from: a, to: c, when: else }',
  ],
  [
    '6:10-12 error unknown-node there is no node “bb”. Did you mean “b”?',
    '7:5-6 error edge-form edges: must be such as “a -> b”, or { from: a, to: b }',
    '8:38-45 error condition when: “contain” must be contains, is or matches. Did you mean “contains”?',
    '9:53-57 error unknown-key edges.3.limt: is not known here. Did you mean “limit”?',
    '10:29-30 error unknown-node there is no node “t”.',
    '11:29-33 error else when: “else” is the opposite of the one other condition of its node, and there must be exactly one',
  ],
);
finds(
  'the same edge twice',
  [...three, 'edges:', '  - a -> b -> c', '  - a -> b'],
  ['7:5-11 error double-edge edges: a -> b stands here already'],
);
finds(
  'a circle without a limit',
  [...three, 'edges:', '  - a -> b -> c', '  - c -> a'],
  [
    '7:5-11 error endless edges: c -> a leads back, so the run may go in a circle without end. Give it a limit.',
  ],
);
finds(
  'a circle of one node, and a limit where nothing leads back',
  [...three, 'edges:', '  - a -> b -> b', '  - { from: b, to: c, limit: 2 }'],
  [
    '6:5-16 error endless edges: b -> b leads back, so the run may go in a circle without end. Give it a limit.',
    '7:5-33 error limit-forward edges: b -> c does not lead back, and only an edge that does may have a limit.',
  ],
);
finds(
  'a condition on what cannot have run',
  [...three, 'edges:', '  - { from: a, to: b, when: c.answer contains "x" }', '  - b -> c', '  - a -> c'],
  ['6:29-30 error not-yet-run when: “c” cannot have run when “a” has ended.'],
);
finds(
  'a node that nothing ties to the others, and one that may find no way on',
  [...three, 'edges:', '  - { from: a, to: b, when: a.outcome is "succeeded" }'],
  [
    '2:3-4 warning dead-end nodes.a: when none of its edges is taken, the run stops here. Add an edge with “when: else”, or one without a condition.',
    '4:3-4 warning unconnected nodes.c: no edge ties it to “a”, so both start at once.',
  ],
);
finds(
  'both outcomes leave no dead end',
  [
    ...three,
    'edges:',
    '  - { from: a, to: b, when: a.outcome is "succeeded" }',
    '  - { from: a, to: c, when: a.outcome is "failed" }',
  ],
  [],
);

test('names are those of existing agents, and of no other agent or workflow', () => {
  const text =
    'nodes:\n  a: { agent: codr }\n  b: { discussion: { chair: coder, members: [reviewer, nobody] } }';
  const { files, workflows, agents } = readDefinitions([
    { path: '.strata/workflows/coder.workflow.yaml', text: 'nodes:\n  a: { agent: explorer }' },
    { path: file, text },
    { path: '.strata/workflows/x.workflow.yml', text: 'name: y\nnodes:\n  a: { agent: explorer }' },
    { path: '.strata/workflows/y.workflow.yml', text: 'nodes:\n  a: { agent: explorer }' },
  ]);
  assert.deepEqual(
    files.flatMap(({ path, mistakes }) => shown(mistakes).map((line) => `${path.slice(18)}:${line}`)),
    [
      'coder.workflow.yaml:1:1-7 error name-taken name: “coder” is an agent already.',
      'w.workflow.yaml:2:15-19 error unknown-agent there is no agent “codr”. Did you mean “coder”?',
      'w.workflow.yaml:3:56-62 error unknown-agent there is no agent “nobody”.',
      'y.workflow.yml:1:1-7 error name-taken name: “y” is the workflow of .strata/workflows/x.workflow.yml already.',
    ],
  );
  assert.deepEqual([...workflows.keys()], ['y']);
  assert.ok(agents.has('coder'));
});
