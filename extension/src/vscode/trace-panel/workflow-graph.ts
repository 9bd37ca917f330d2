import * as z from 'zod';
import type { Json } from '../../base/json.ts';
import type {
  WorkflowCondition,
  WorkflowEdge,
  WorkflowNode,
} from '../../core/orchestration/workflow/definition.ts';
import { workflowSchema } from '../../core/orchestration/workflow/schema.ts';
import type { WorkflowGraph } from '../../protocol/panel.ts';

const input = z.object({ program: z.object({ kind: z.literal('workflow'), workflow: workflowSchema }) });

/** The picture of the workflow that a run was started with; undefined for an agent's run. */
export function workflowGraph(runInput: Json): WorkflowGraph | undefined {
  const parsed = input.safeParse(runInput);
  if (!parsed.success) return undefined;
  const { nodes, edges } = parsed.data.program.workflow;
  return {
    nodes: nodes.map((node) => ({ id: node.id, detail: detailOf(node) })),
    edges: edges.map((edge) => ({ from: edge.from, to: edge.to, label: labelOf(edge) })),
  };
}

function detailOf(node: WorkflowNode): string {
  switch (node.kind) {
    case 'agent':
      return node.agent;
    case 'map':
      return `${node.agent} on each part`;
    case 'critic':
      return `${node.author}, judged by ${node.critic}`;
    case 'discussion':
      return `${node.members.join(', ')}, chaired by ${node.chair}`;
  }
}

function labelOf({ from, when, limit }: WorkflowEdge): string {
  const words = [
    ...(when ? [conditionText(when, from)] : []),
    ...(limit === undefined ? [] : [`at most ${String(limit)}×`]),
  ];
  return words.join(', ');
}

/** The line begins at `from`, so that its name need not be said again. */
function conditionText({ node, field, test, value, negated }: WorkflowCondition, from: string): string {
  const subject = node === from ? field : `${node}.${field}`;
  return `${negated ? 'not ' : ''}${subject} ${test} ${JSON.stringify(value)}`;
}
