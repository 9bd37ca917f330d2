import type { Mistake } from '../../definition-file/index.ts';
import type { WorkflowCondition, WorkflowDefinition, WorkflowEdge } from './definition.ts';
import { opposite, type ReadEdge } from './parse-edges.ts';
import type { ReadNode } from './parse-nodes.ts';

/** Nodes that a run begins with: those that no edge leads to; if there are none, the first of the file. */
export function startNodes({ nodes, edges }: Pick<WorkflowDefinition, 'nodes' | 'edges'>): readonly string[] {
  const starts = nodes.filter(({ id }) => !edges.some(({ to }) => to === id));
  return (starts.length > 0 ? starts : nodes.slice(0, 1)).map(({ id }) => id);
}

/** All nodes that come after one by way of at least one edge; a node comes after itself when it is part of a circle. */
export function nodesAfter(id: string, edges: readonly WorkflowEdge[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [id];
  for (let from = waiting.pop(); from !== undefined; from = waiting.pop()) {
    for (const edge of edges) {
      if (edge.from !== from || reached.has(edge.to)) continue;
      reached.add(edge.to);
      waiting.push(edge.to);
    }
  }
  return reached;
}

/** What the edges of a file get wrong between them. Every name in them is known to exist. */
export function checkGraph(nodes: readonly ReadNode[], read: readonly ReadEdge[]): Mistake[] {
  const edges = read.map(({ edge }) => edge);
  return [
    ...doubleEdges(read),
    ...endlessCircles(nodes, read, edges),
    ...conditionsTooEarly(read, edges),
    ...unreachable(nodes, edges),
    ...deadEnds(nodes, edges),
  ];
}

function doubleEdges(read: readonly ReadEdge[]): Mistake[] {
  return read.flatMap(({ edge, range }, index) => {
    const before = read.slice(0, index).some((one) => isSameEdge(one.edge, edge));
    const message = `edges: ${edge.from} -> ${edge.to} stands here already`;
    return before ? [{ code: 'double-edge', severity: 'error' as const, message, range }] : [];
  });
}

/** Two conditions on one way are two reasons to take it; the same condition twice is none. */
function isSameEdge(a: WorkflowEdge, b: WorkflowEdge): boolean {
  return a.from === b.from && a.to === b.to && isSameCondition(a.when, b.when);
}

/** Every circle needs an edge with a limit. It is asked of the edge that leads back, against the order of the file. */
function endlessCircles(
  nodes: readonly ReadNode[],
  read: readonly ReadEdge[],
  edges: readonly WorkflowEdge[],
): Mistake[] {
  const order = nodes.map(({ node }) => node.id);
  const endless = edges.filter(({ limit }) => limit === undefined);
  return read.flatMap(({ edge: { from, to, limit }, range }) => {
    if (limit !== undefined || order.indexOf(to) > order.indexOf(from)) return [];
    if (to !== from && !nodesAfter(to, endless).has(from)) return [];
    const message = `edges: ${from} -> ${to} leads back, so the run may go in a circle without end. Give it a limit.`;
    return [{ code: 'endless', severity: 'error', message, range }];
  });
}

function conditionsTooEarly(read: readonly ReadEdge[], edges: readonly WorkflowEdge[]): Mistake[] {
  return read.flatMap(({ edge: { from, when }, whenRange }) => {
    if (!when || !whenRange || when.node === from || nodesAfter(when.node, edges).has(from)) return [];
    const message = `when: “${when.node}” cannot have run when “${from}” has ended.`;
    return [{ code: 'not-yet-run', severity: 'error', message, range: whenRange }];
  });
}

function unreachable(nodes: readonly ReadNode[], edges: readonly WorkflowEdge[]): Mistake[] {
  const starts = startNodes({ nodes: nodes.map(({ node }) => node), edges });
  const reached = new Set(starts.flatMap((id) => [id, ...nodesAfter(id, edges)]));
  return nodes.flatMap(({ node: { id }, idRange: range }): Mistake[] => {
    if (!reached.has(id)) {
      const message = `nodes.${id}: is never reached: only what comes after it leads to it.`;
      return [{ code: 'unreachable', severity: 'error', message, range }];
    }
    if (edges.length > 0 && !edges.some(({ from, to }) => from === id || to === id)) {
      const message = `nodes.${id}: no edge leads to it or from it, so it runs at the start, by itself.`;
      return [{ code: 'unconnected', severity: 'warning', message, range }];
    }
    return [];
  });
}

/** A run that finds no edge to take ends there, which may be meant: hence a warning. */
function deadEnds(nodes: readonly ReadNode[], edges: readonly WorkflowEdge[]): Mistake[] {
  return nodes.flatMap(({ node: { id }, idRange: range }) => {
    const conditions = edges.filter(({ from }) => from === id).map(({ when }) => when);
    if (conditions.length === 0 || conditions.includes(undefined)) return [];
    const given = conditions.filter((when) => when !== undefined);
    if (given.some((one) => given.some((other) => isEither(one, other)))) return [];
    const message = `nodes.${id}: when none of its conditions holds, the run ends here. Add an edge with “when: else”.`;
    return [{ code: 'dead-end', severity: 'warning' as const, message, range }];
  });
}

/** Whether one of the two always holds. */
function isEither(one: WorkflowCondition, other: WorkflowCondition): boolean {
  if (isSameCondition(one, opposite(other))) return true;
  const outcomes = [one, other].every(
    ({ field, test, negated }) => field === 'outcome' && test === 'equals' && !negated,
  );
  return outcomes && one.node === other.node && one.value !== other.value;
}

function isSameCondition(a: WorkflowCondition | undefined, b: WorkflowCondition | undefined): boolean {
  if (!a || !b) return a === b;
  return (
    a.node === b.node &&
    a.field === b.field &&
    a.test === b.test &&
    a.value === b.value &&
    a.negated === b.negated
  );
}
