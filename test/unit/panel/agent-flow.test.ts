import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAgentFlow } from '../../../webview/src/flow/agent-flow.ts';
import type { Flow } from '../../../webview/src/flow/flow.ts';
import { applyEvent, foldRun } from '../../../extension/src/protocol/run-view.ts';
import type { RunView } from '../../../extension/src/protocol/run-view.ts';
import { RecordedRun } from '../../support/recorded-run.ts';

const START = Date.UTC(2026, 9, 5, 9, 30);

const said = (flow: Flow | undefined): string =>
  flow
    ? [
        flow.nodes.map(({ title, detail }) => `${title} (${detail})`).join(', '),
        ...flow.edges.map(({ from, to, said: how }) => `${from} → ${to} ${how}`),
      ].join('\n')
    : 'no graph';

function run(): RecordedRun {
  return new RecordedRun('r-1', START).start('Make the tests pass', 'coder');
}

function viewOf(recorded: RecordedRun): RunView {
  const view = foldRun(recorded.events);
  assert.ok(view);
  return view;
}

test('an agent that is alone is no graph, however much it does', () => {
  const recorded = run().begin('1', 'chat', 'code', {}).begin('2', 'tool', 'shell_run', {});
  assert.equal(said(createAgentFlow()(viewOf(recorded))), 'no graph');
});

test('sub-agents of one name are one node, that of each agent that asked', () => {
  const recorded = run();
  for (const step of ['1', '2', '2.1']) recorded.begin(step, 'agent', 'helper', {});
  recorded.begin('3', 'hand-over', 'tester', {}).begin('4', 'agent', 'helper', {});
  const flow = createAgentFlow()(viewOf(recorded));
  assert.equal(
    said(flow),
    [
      'coder (began), helper (sub-agent), tester (took over)',
      'lead coder → sub helper as a sub-agent',
      'lead coder → lead tester by a hand-over',
      'lead tester → sub helper as a sub-agent',
    ].join('\n'),
  );
  assert.equal(flow?.steps(viewOf(recorded)).get('sub helper')?.length, 4);
});

test('it grows with the run, and is the same object while nobody joins', () => {
  const recorded = run().begin('1', 'agent', 'helper', {});
  const view = viewOf(recorded);
  // The page's view changes in place.
  recorded.onDidAppend((events) => {
    for (const event of events) applyEvent(view, event);
  });
  const flows = createAgentFlow();
  const first = flows(view);
  recorded.begin('2', 'chat', 'code', {}).begin('3', 'agent', 'helper', {});
  assert.equal(flows(view), first);
  recorded.begin('4', 'agent', 'coder', {});
  assert.match(said(flows(view)), /coder \(began\), helper \(sub-agent\), coder \(sub-agent\)/);
});

test('another run begins anew', () => {
  const flows = createAgentFlow();
  flows(viewOf(run().begin('1', 'agent', 'helper', {})));
  assert.equal(said(flows(viewOf(run()))), 'no graph');
});
