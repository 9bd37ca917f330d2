import type { IncomingSpan } from './incoming.ts';
import { factsOf } from './span-facts.ts';
import type { SpanFacts } from './span-facts.ts';
import type { TraceNode } from './trace-tree.ts';

export interface NodeFacts extends TraceNode {
  readonly facts: SpanFacts;
}

/** All spans, each before those below it. */
export function allNodes(roots: readonly TraceNode[]): readonly NodeFacts[] {
  const found: NodeFacts[] = [];
  const open = [...roots].reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    found.push({ ...next, facts: factsOf(next.span) });
    for (const child of [...next.children].reverse()) open.push(child);
  }
  return found;
}

/** One that goes on, or whose clock went back, ends where it begins. */
export function endOf({ start, end = start }: IncomingSpan): number {
  return Math.max(start, end);
}
