import type { WorkflowGraph } from '../../../extension/src/protocol/panel.ts';
import type { RunView } from '../../../extension/src/protocol/run-view.ts';
import { createAgentFlow } from './agent-flow.ts';
import type { Flow } from './flow.ts';
import { workflowFlow } from './workflow-flow.ts';

interface Drawn {
  readonly run: RunView;
  /** Of a workflow's run. */
  readonly graph: WorkflowGraph | undefined;
}

/** The graph of what is shown; undefined where there is none. */
export function createFlows(): (shown: Drawn) => Flow | undefined {
  const agents = createAgentFlow();
  let drawn: { readonly graph: WorkflowGraph; readonly flow: Flow } | undefined;
  return ({ run, graph }) => {
    if (!graph) return agents(run);
    if (drawn?.graph !== graph) drawn = { graph, flow: workflowFlow(graph) };
    return drawn.flow;
  };
}
