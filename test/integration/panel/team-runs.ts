import type { Json } from '../../../extension/src/base/json.ts';
import { childRunId } from '../../../extension/src/protocol/run-event.ts';
import { RecordedRun } from '../../support/recorded-run.ts';

const START = Date.UTC(2026, 9, 5, 9, 30);
const ID = 'r-0001mb3kq7xw2d70';

const workflow: Json = {
  name: 'write-and-review',
  description: 'A draft, judged from two sides.',
  nodes: [
    { id: 'outline', kind: 'agent', agent: 'planner', task: '{{task}}', retries: 0 },
    { id: 'draft', kind: 'agent', agent: 'writer', task: '{{outline.answer}}', retries: 1 },
    {
      id: 'facts',
      kind: 'map',
      over: '{{draft.answer}}',
      agent: 'checker',
      task: '{{item}}',
      parallel: 3,
      retries: 0,
    },
    { id: 'style', kind: 'agent', agent: 'reviewer', task: '{{draft.answer}}', retries: 0 },
    { id: 'polish', kind: 'agent', agent: 'writer', task: '{{facts.answer}}', retries: 0 },
    { id: 'publish', kind: 'agent', agent: 'coder', task: '{{polish.answer}}', retries: 0 },
  ],
  edges: [
    { from: 'outline', to: 'draft' },
    { from: 'draft', to: 'facts' },
    { from: 'draft', to: 'style' },
    { from: 'facts', to: 'polish' },
    { from: 'style', to: 'polish' },
    {
      ...{ from: 'style', to: 'draft', limit: 2 },
      when: { node: 'style', field: 'answer', test: 'contains', value: 'REWRITE', negated: false },
    },
    {
      ...{ from: 'polish', to: 'publish' },
      when: { node: 'polish', field: 'answer', test: 'contains', value: 'READY', negated: false },
    },
  ],
};

const rollUp = {
  steps: 9,
  calls: 3,
  inputTokens: 5200,
  outputTokens: 410,
  usd: 0.0214,
  unpriced: 0,
  priced: 3,
  estimated: false,
};

/** A workflow's run: the second draft is done, one of the two that judge it is at work and asks for a call. */
export function workflowRun(): RecordedRun {
  const run = new RecordedRun(ID, START).start('Write the release notes', 'write-and-review', {
    route: '',
    input: { inline: { task: 'Write the release notes', program: { kind: 'workflow', workflow } } },
  });
  run.live = true;
  const node = (step: string, name: string, agent: string, answer: string): void => {
    run.begin(step, 'node', name, { node: name });
    run.begin(`${step}.1`, 'agent', agent, { task: name }, { child: childRunId(ID, `${step}.1`, 0) });
    run.finish(`${step}.1`, 4200, { outcome: 'succeeded', answer }, { rollUp });
    run.finish(step, 30, { outcome: 'succeeded', answer, usd: 0.02 });
  };
  run.begin('1', 'snapshot', 'workspace', {}).finish('1', 180, { tree: 'a'.repeat(40), files: 42 });
  node('2', 'outline', 'planner', 'Three sections.');
  node('3', 'draft', 'writer', 'A first draft.');
  node('4', 'style', 'reviewer', 'REWRITE: too long.');
  node('5', 'draft', 'writer', 'A second draft.');
  run.begin('6', 'node', 'facts', { node: 'facts' });
  run.begin('6.1', 'agent', 'checker', { task: 'facts' }, { child: childRunId(ID, '6.1', 0) });
  node('7', 'style', 'reviewer', 'Good.');
  run.waiting = [
    { run: childRunId(ID, '6.1', 0), step: '7', tool: 'shell_run', arguments: '{"command":"npm test"}' },
  ];
  return run;
}

/** An agent's run that was forked, steered, helped by another agent, and paused by a breaker. */
export function teamRun(): RecordedRun {
  const run = new RecordedRun('r-0001mb3kq7xw2d71', START).start('Make the tests pass', 'coder', {
    origin: { kind: 'fork', run: 'r-0001mb3kq7xw2d5f', step: '2' },
  });
  run.begin('1', 'snapshot', 'workspace', {}).finish('1', 180, { tree: 'a'.repeat(40), files: 42 });
  run
    .begin('2', 'tool', 'shell_run', { arguments: { command: 'npm test' } })
    .finish(
      '2',
      900,
      { content: [{ type: 'text', text: 'All tests pass.' }], isError: false },
      { edited: true },
    );
  run.begin('3', 'steer', 'user', {}).finish('3', 0, { text: 'Leave the tests as they are.' });
  run
    .begin('4', 'agent', 'helper', { task: 'Look' }, { child: `${run.id}-4`, retry: 1, attempt: 2 })
    .finish('4', 5200, { outcome: 'succeeded', answer: 'Looked.' }, { rollUp });
  run.begin('5', 'merge', 'helper', {}).finish(
    '5',
    40,
    {
      tree: 'c'.repeat(40),
      paths: ['src/a.ts'],
      conflicts: [{ path: 'src/b.ts', reason: 'You and the run changed the same lines.' }],
    },
    { isError: true },
  );
  run
    .begin('6', 'hand-over', 'tester', { from: 'coder', to: 'tester', message: 'Go on.' })
    .finish('6', 0, { agent: 'tester', message: 'Go on.' });
  run.begin('7', 'breaker', 'repeated-call', { message: 'The agent has called shell_run 5 times.' });
  const reason = {
    code: 'repeated-call',
    message: 'The agent has called shell_run 5 times with the same result.',
    action: 'Look at what it tries, and resume the run to let it go on.',
  };
  return run.append({ type: 'step.interrupted', step: '7', reason }).append({ type: 'run.paused', reason });
}
