import type { Json } from '../../../base/json.ts';
import { genAi, operation } from '../genai-names.ts';
import { agentInName } from './agent-logs.ts';
import { names } from './foreign-names.ts';
import { firstOf, textOf } from './incoming.ts';
import type { IncomingSpan } from './incoming.ts';
import { messagesOf, plainText } from './span-messages.ts';
import type { NodeFacts } from './trace-nodes.ts';
import type { TraceNode } from './trace-tree.ts';

export function agentOf(root: TraceNode | undefined, nodes: readonly NodeFacts[]): string {
  const spans = [
    ...(root ? [root.span] : []),
    ...nodes.filter(({ facts }) => facts.kind === 'agent').map(({ span }) => span),
  ];
  for (const span of spans) {
    const name = textOf(span.attributes, genAi.agentName) ?? textOf(span.attributes, ...names.workflow);
    if (name !== undefined) return name;
  }
  const [first] = nodes;
  const prefix = new RegExp(`^${operation.invokeAgent} `);
  const own = root && (agentInName(root.span.name) ?? root.span.name.replace(prefix, ''));
  return own || first?.span.service || first?.span.name || 'trace';
}

export function taskOf(root: TraceNode | undefined, nodes: readonly NodeFacts[]): string {
  const own = root && plainText(firstOf(root.span, ['gen_ai.input.messages', ...names.anyInput]), 'user');
  if (own !== undefined && own !== '') return own;
  for (const { span, facts } of nodes) {
    const prompt = facts.kind === 'node' ? textOf(span.attributes, 'prompt', 'user_prompt') : undefined;
    if (prompt !== undefined) return prompt;
    if (facts.kind !== 'chat') continue;
    const asked = messagesOf(span).input.find(({ role }) => role === 'user');
    const text = asked && plainText([asked as unknown as Json], 'user');
    if (text !== undefined && text !== '') return text;
  }
  return root?.span.name ?? nodes[0]?.span.name ?? '';
}

export function answerOf(root: TraceNode | undefined, nodes: readonly NodeFacts[]): string | undefined {
  const own =
    root && plainText(firstOf(root.span, ['gen_ai.output.messages', ...names.anyOutput]), 'assistant');
  if (own !== undefined && own !== '') return own;
  const last = nodes.findLast(({ facts }) => facts.kind === 'chat');
  const output = last && messagesOf(last.span).output;
  return output && (plainText([output as unknown as Json], 'assistant') || undefined);
}

/** Whom it was done for, as whoever told of it says. */
export function userOf(nodes: readonly NodeFacts[]): string | undefined {
  for (const { span } of nodes) {
    const user = textOf(span.attributes, ...names.user);
    if (user !== undefined) return user;
  }
  return undefined;
}

/** What stands in the place of an input. */
export function importedFacts(first: IncomingSpan | undefined, nodes: readonly NodeFacts[]): Json {
  const session = nodes.flatMap(({ span }) => textOf(span.attributes, ...names.conversation) ?? []);
  return {
    trace: first?.trace ?? '',
    service: first?.service ?? '',
    ...(session[0] === undefined ? {} : { session: session[0] }),
    spans: nodes.length,
  };
}
