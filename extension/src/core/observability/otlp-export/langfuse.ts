import type { Json } from '../../../base/json.ts';
import { genAi, general, langfuse, operation, strata } from '../genai-names.ts';
import type { Span } from '../otlp-shape.ts';
import { attributesOf, listOf, numberAt, setText, textAt } from './span-attributes.ts';
import type { SpanAttributes } from './span-attributes.ts';

/** Operations that Langfuse turns into a type of its own; it shows the rest as plain spans unless it is told. */
const MAPPED: ReadonlySet<string> = new Set([
  ...['chat', 'completion', 'text_completion', 'generate_content', 'generate'],
  ...['embeddings', 'invoke_agent', 'create_agent', 'execute_tool'],
]);

const TYPES: Readonly<Record<string, string>> = {
  [operation.searchMemory]: 'retriever',
  agent: 'agent',
  node: 'chain',
  approval: 'guardrail',
};

/**
 * What Langfuse reads: session and user on every span, the type where it would not know it, its older name for what was
 * written to a cache, and the cost, which it would work out anew by prices of its own.
 */
export function forLangfuse(spans: readonly Span[], user: string | undefined): readonly Span[] {
  const root = spans.find(({ parentSpanId }) => parentSpanId === undefined);
  const shown = user ?? (root && textAt(attributesOf(root), general.user));
  return spans.map((span) => {
    const attributes = attributesOf(span);
    setText(attributes, langfuse.session, textAt(attributes, genAi.conversationId));
    setText(attributes, langfuse.user, shown);
    setText(attributes, langfuse.traceName, root?.name);
    setText(attributes, langfuse.type, typeOf(attributes));
    const written = attributes.get(genAi.cacheWriteTokens);
    if (written) {
      attributes.delete(genAi.cacheWriteTokens);
      attributes.set(genAi.cacheCreationTokens, written);
    }
    const cost = numberAt(attributes, genAi.cost);
    if (cost !== undefined) setText(attributes, langfuse.cost, JSON.stringify({ total: cost }));
    if (span === root) {
      setText(attributes, langfuse.traceInput, textAt(attributes, strata.task));
      setText(attributes, langfuse.traceOutput, textAt(attributes, strata.answer));
    }
    for (const [key, value] of attributes)
      if ('stringValue' in value) attributes.set(key, { stringValue: withoutDroppedKeys(value.stringValue) });
    return { ...span, attributes: listOf(attributes) };
  });
}

function typeOf(attributes: SpanAttributes): string | undefined {
  const does = textAt(attributes, genAi.operation);
  if (does !== undefined && MAPPED.has(does)) return undefined;
  return TYPES[does ?? ''] ?? TYPES[textAt(attributes, strata.stepKind) ?? ''] ?? 'span';
}

/** Langfuse drops a member whose key holds one of these words, with all that it holds; spelled so, it stays. */
const DROPPED: readonly (readonly [string, string])[] = [
  ['__proto__', '(proto)'],
  ['constructor', '(constr.)'],
  ['prototype', '(prot.)'],
];

function withoutDroppedKeys(text: string): string {
  if (!/^\s*[[{]/.test(text) || !DROPPED.some(([word]) => text.includes(word))) return text;
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    // It only begins like JSON, so Langfuse keeps it as the text that it is.
    return text;
  }
  return JSON.stringify(renamed(value));
}

function renamed(value: Json): Json {
  if (Array.isArray(value)) return value.map(renamed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => {
    const kept = DROPPED.reduce((name, [word, instead]) => name.replaceAll(word, instead), key);
    return [kept, member === undefined ? undefined : renamed(member)] as const;
  });
  return Object.fromEntries(entries);
}
