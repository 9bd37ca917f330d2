import { edgeHolds } from './condition.ts';
import type { NodeResult } from './condition.ts';
import type { WorkflowDefinition, WorkflowEdge, WorkflowNode } from './definition.ts';

/** Which nodes run next, as the results of those before come in. */
export interface Route {
  /** Nodes that may run now, side by side, in the order of the file. Empty when the workflow is over. */
  ready(): readonly WorkflowNode[];
  /** What a wave of nodes came to. Returns those that cannot go on: no way out of them was taken, or they failed. */
  ended(results: ReadonlyMap<string, NodeResult>): readonly WorkflowNode[];
  /** Nodes that ran and from which nothing went on. */
  ends(): readonly WorkflowNode[];
}

type EdgeState = 'open' | 'taken' | 'skipped';

/**
 * A node runs once every edge to it is decided and one of them taken; where none is, it is skipped, and so are the edges
 * that leave it. An edge with a limit leads back: taking it makes everything after its target open again.
 */
export function createRoute({ nodes, edges }: WorkflowDefinition): Route {
  const forward = edges.filter(({ limit }) => limit === undefined);
  const back = edges.filter(({ limit }) => limit !== undefined);
  const state = new Map<WorkflowEdge, EdgeState>(forward.map((edge) => [edge, 'open']));
  const taken = new Map<WorkflowEdge, number>();
  const results = new Map<string, NodeResult>();
  /** Nodes whose turn has been and is not to come again. */
  const over = new Set<string>();
  const ended = new Set<string>();
  const called = new Set<string>();

  const into = (id: string): WorkflowEdge[] => forward.filter(({ to }) => to === id);
  const outOf = (id: string): WorkflowEdge[] => forward.filter(({ from }) => from === id);

  const isReady = ({ id }: WorkflowNode): boolean => {
    if (over.has(id)) return false;
    if (called.has(id)) return true;
    const incoming = into(id);
    if (incoming.length === 0) return true;
    return (
      incoming.every((edge) => state.get(edge) !== 'open') &&
      incoming.some((edge) => state.get(edge) === 'taken')
    );
  };

  const skipDeadWays = (): void => {
    for (let again = true; again;) {
      again = false;
      for (const { id } of nodes) {
        const incoming = into(id);
        if (over.has(id) || called.has(id) || incoming.length === 0) continue;
        if (!incoming.every((edge) => state.get(edge) === 'skipped')) continue;
        over.add(id);
        for (const edge of outOf(id)) state.set(edge, 'skipped');
        again = true;
      }
    }
  };

  /** The target of an edge that leads back, and all that follows from it, has its turn once more. */
  const reopen = (id: string, seen = new Set<string>()): void => {
    if (seen.has(id)) return;
    seen.add(id);
    over.delete(id);
    ended.delete(id);
    for (const edge of outOf(id)) {
      state.set(edge, 'open');
      reopen(edge.to, seen);
    }
  };

  const leave = ({ id }: WorkflowNode): boolean => {
    const failed = results.get(id)?.outcome === 'failed';
    const holds = (edge: WorkflowEdge): boolean =>
      // What a node failed with is for edges that ask about it.
      !(failed && !edge.when) && edgeHolds(edge.when, results);
    let went = false;
    for (const edge of outOf(id)) {
      const taking = holds(edge);
      state.set(edge, taking ? 'taken' : 'skipped');
      went ||= taking;
    }
    for (const edge of back.filter(({ from }) => from === id)) {
      const times = taken.get(edge) ?? 0;
      if (times >= (edge.limit ?? 0) || !holds(edge)) continue;
      taken.set(edge, times + 1);
      reopen(edge.to);
      called.add(edge.to);
      went = true;
    }
    return went;
  };

  return {
    ready: () => nodes.filter(isReady),
    ended: (wave) => {
      const stuck: WorkflowNode[] = [];
      const ran = nodes.filter(({ id }) => wave.has(id));
      for (const node of ran) {
        const result = wave.get(node.id);
        if (!result) continue;
        results.set(node.id, result);
        over.add(node.id);
        called.delete(node.id);
      }
      for (const node of ran) {
        const went = leave(node);
        // One whose ways all lead back is done when none of them is taken.
        const hasWays = outOf(node.id).length > 0;
        if (!went) {
          ended.add(node.id);
          if (hasWays || results.get(node.id)?.outcome === 'failed') stuck.push(node);
        }
      }
      skipDeadWays();
      return stuck;
    },
    ends: () => nodes.filter(({ id }) => ended.has(id)),
  };
}
