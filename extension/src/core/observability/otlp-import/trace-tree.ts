import type { IncomingSpan } from './incoming.ts';

export interface TraceNode {
  readonly span: IncomingSpan;
  /** By their start. */
  readonly children: TraceNode[];
}

/** Deeper ones are shown beside the deepest: each level makes the ids of all below it longer. */
const DEEPEST = 1_000;

/**
 * The spans of one trace by their parents. Whatever it was given is in the tree once: a span without its parent is a root, one
 * in a circle breaks it, and of several with one id the last counts.
 */
export function traceTree(spans: readonly IncomingSpan[]): readonly TraceNode[] {
  const nodes = new Map<string, TraceNode>();
  for (const span of spans) nodes.set(span.id, { span, children: [] });
  const parents = new Map<string, string>();
  for (const { span } of nodes.values())
    if (span.parent !== undefined && span.parent !== span.id && nodes.has(span.parent))
      parents.set(span.id, span.parent);
  breakCircles(nodes, parents);

  const roots: TraceNode[] = [];
  for (const node of nodes.values()) {
    const parent = parents.get(node.span.id);
    (parent === undefined ? roots : (nodes.get(parent)?.children ?? roots)).push(node);
  }
  return flattened(roots);
}

/** Walks up from every span; one that comes upon itself loses its parent. */
function breakCircles(nodes: ReadonlyMap<string, TraceNode>, parents: Map<string, string>): void {
  const safe = new Set<string>();
  for (const start of nodes.keys()) {
    const path = new Set<string>();
    let id: string | undefined = start;
    while (id !== undefined && !safe.has(id)) {
      if (path.has(id)) {
        parents.delete(earliest(circleFrom(id, parents), nodes));
        break;
      }
      path.add(id);
      id = parents.get(id);
    }
    for (const one of path) safe.add(one);
  }
}

function circleFrom(id: string, parents: ReadonlyMap<string, string>): readonly string[] {
  const circle = [id];
  for (let next = parents.get(id); next !== undefined && next !== id; next = parents.get(next))
    circle.push(next);
  return circle;
}

function earliest(ids: readonly string[], nodes: ReadonlyMap<string, TraceNode>): string {
  const startOf = (id: string): number => nodes.get(id)?.span.start ?? Infinity;
  return ids.reduce((first, id) => (startOf(id) < startOf(first) ? id : first));
}

/** Sorted by start, and no deeper than can be shown. Without recursion, since a trace may be a chain of any length. */
function flattened(roots: TraceNode[]): readonly TraceNode[] {
  let level = [roots];
  for (let depth = 1; level.length > 0; depth += 1) {
    for (const siblings of level) {
      if (depth >= DEEPEST)
        for (const node of [...siblings]) for (const below of allBelow(node)) siblings.push(below);
      siblings.sort(byStart);
    }
    level = level
      .flatMap((siblings) => siblings.map(({ children }) => children))
      .filter((one) => one.length > 0);
  }
  return roots;
}

/** Takes everything below it away from it. */
function allBelow(node: TraceNode): readonly TraceNode[] {
  const found: TraceNode[] = [];
  const open = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const children = next.children.splice(0);
    found.push(...children);
    open.push(...children);
  }
  return found;
}

/** Those that began in the same moment stay as they came: many clocks tell milliseconds alone. */
function byStart(a: TraceNode, b: TraceNode): number {
  return a.span.start - b.span.start;
}
