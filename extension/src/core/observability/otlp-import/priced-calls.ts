import type { Cost } from '../../../protocol/message.ts';
import type { ModelUse } from '../../../protocol/run-event.ts';
import type { IncomingSpan } from './incoming.ts';
import type { SpanFacts } from './span-facts.ts';
import { allNodes } from './trace-nodes.ts';
import type { NodeFacts } from './trace-nodes.ts';
import { traceTree } from './trace-tree.ts';

/** A model call without a cost, for whoever knows prices. */
export interface UnpricedUse {
  readonly span: string;
  readonly use: Omit<ModelUse, 'cost'>;
}

/** Where usage and no cost is told. Sums of a whole are no calls. */
export function unpricedIn(spans: readonly IncomingSpan[]): readonly UnpricedUse[] {
  const nodes = allNodes(traceTree(spans));
  const leaves = leavesWithUsage(nodes);
  return nodes.flatMap(({ span, facts }) => {
    const use =
      leaves.has(span.id) && facts.cost === undefined ? useOf(facts, new Map(), span.id) : undefined;
    return use ? [{ span: span.id, use }] : [];
  });
}

/** Usage counts once: where a span and spans below it tell of it, that of the span is their sum. */
export function leavesWithUsage(nodes: readonly NodeFacts[]): ReadonlySet<string> {
  const found = new Set<string>();
  const above = new Map<string, string>();
  for (const { span, children } of nodes) for (const child of children) above.set(child.span.id, span.id);
  const sums = new Set<string>();
  for (const { span, facts } of [...nodes].reverse()) {
    if (facts.usage === undefined && !sums.has(span.id)) continue;
    if (!sums.has(span.id)) found.add(span.id);
    const parent = above.get(span.id);
    if (parent !== undefined) sums.add(parent);
  }
  return found;
}

export function useOf(
  facts: SpanFacts,
  costs: ReadonlyMap<string, Cost>,
  span: string,
): ModelUse | undefined {
  const { usage, model, provider, firstTokenMs } = facts;
  if (!usage) return undefined;
  return {
    ...{ provider, model: model ?? facts.name, usage },
    cost: facts.cost ?? costs.get(span) ?? { kind: 'unknown' },
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
  };
}
