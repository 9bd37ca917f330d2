import type { Mistake } from '../../definition-file/index.ts';
import type { WorkflowCondition, WorkflowEdge } from './definition.ts';
import { opposite, type ReadEdge } from './parse-edges.ts';
import type { ReadNode } from './parse-nodes.ts';

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
    ...limitsForward(read, edges),
    ...conditionsTooEarly(read, edges),
    ...unconnected(nodes, edges),
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

/** A node waits for the edges without a limit; one with a limit calls it once more. So a limit elsewhere is misread. */
function limitsForward(read: readonly ReadEdge[], edges: readonly WorkflowEdge[]): Mistake[] {
  const forward = edges.filter(({ limit }) => limit === undefined);
  return read.flatMap(({ edge: { from, to, limit }, range }) => {
    if (limit === undefined || to === from || nodesAfter(to, forward).has(from)) return [];
    const message = `edges: ${from} -> ${to} does not lead back, and only an edge that does may have a limit.`;
    return [{ code: 'limit-forward', severity: 'error', message, range }];
  });
}

/** What nothing ties to the first node starts at once beside it: mostly an edge that was forgotten. */
function unconnected(nodes: readonly ReadNode[], edges: readonly WorkflowEdge[]): Mistake[] {
  const first = nodes[0]?.node.id;
  if (first === undefined) return [];
  const both = [...edges, ...edges.map((edge) => ({ ...edge, from: edge.to, to: edge.from }))];
  const tied = nodesAfter(first, both);
  return nodes.flatMap(({ node: { id }, idRange: range }) => {
    if (id === first || tied.has(id)) return [];
    const message = `nodes.${id}: no edge ties it to “${first}”, so both start at once.`;
    return [{ code: 'unconnected', severity: 'warning', message, range }];
  });
}

/** A run that finds no edge to take from a node that has some stops there. That may be meant: hence a warning. */
function deadEnds(nodes: readonly ReadNode[], edges: readonly WorkflowEdge[]): Mistake[] {
  return nodes.flatMap(({ node: { id }, idRange: range }) => {
    const ways = edges.filter(({ from }) => from === id);
    const forward = ways.filter(({ limit }) => limit === undefined);
    if (ways.length === 0 || forward.some(({ when }) => when === undefined)) return [];
    if (forward.some((one) => ways.some((other) => isEither(one.when, other.when)))) return [];
    const message = `nodes.${id}: when none of its edges is taken, the run stops here. Add an edge with “when: else”, or one without a condition.`;
    return [{ code: 'dead-end', severity: 'warning', message, range }];
  });
}

/** Whether one of the two always holds. */
function isEither(one: WorkflowCondition | undefined, other: WorkflowCondition | undefined): boolean {
  if (!one || !other) return false;
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
