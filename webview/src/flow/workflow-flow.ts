import type { WorkflowGraph } from '../../../extension/src/protocol/panel.ts';
import type { RunView, StepView } from '../../../extension/src/protocol/run-view.ts';
import { stepStatus } from '../kinds.ts';
import type { StatusLook } from '../kinds.ts';
import type { Flow } from './flow.ts';

/** The nodes of a workflow, also those that were not reached. */
export function workflowFlow({ nodes, edges }: WorkflowGraph): Flow {
  return {
    ...{ name: 'Workflow', beside: 'graph' },
    nodes: nodes.map(({ id, detail }) => ({ id, title: id, detail })),
    edges: edges.map((edge) => ({ ...edge, said: edge.label && `when ${edge.label}` })),
    steps: ({ steps }) => stepsByNode(steps),
    wasTaken: ({ from, to }, steps) => steps.has(from) && steps.has(to),
    look: (_, own, { run }) => {
      const last = own.at(-1);
      return last ? stepStatus(last) : notReached(run);
    },
  };
}

function stepsByNode(steps: readonly StepView[]): Map<string, readonly StepView[]> {
  const found = new Map<string, StepView[]>();
  for (const step of steps) {
    if (step.kind !== 'node') continue;
    const list = found.get(step.name);
    if (list) list.push(step);
    else found.set(step.name, [step]);
  }
  return found;
}

function notReached({ endedAt }: RunView): StatusLook {
  return endedAt !== undefined
    ? { icon: 'circle-slash', text: 'Not taken', tone: 'quiet' }
    : { icon: 'circle-large', text: 'Not reached yet', tone: 'quiet' };
}
