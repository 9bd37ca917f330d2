import { genAi, general, langsmith, operation, strata } from '../genai-names.ts';
import type { Span } from '../otlp-shape.ts';
import { attributesOf, listOf, setText, textAt } from './span-attributes.ts';

const KINDS: Readonly<Record<string, string>> = {
  [operation.chat]: 'llm',
  [operation.executeTool]: 'tool',
  [operation.searchMemory]: 'retriever',
};

/** Facts that LangSmith lists and filters by. */
const METADATA = [strata.run, strata.step, strata.stepKind, strata.route, strata.runStatus] as const;

/** What LangSmith reads: the kind of each span, the session, metadata, and messages under its own names. */
export function forLangsmith(spans: readonly Span[], user: string | undefined): readonly Span[] {
  const root = spans.find(({ parentSpanId }) => parentSpanId === undefined);
  const shown = user ?? (root && textAt(attributesOf(root), general.user));
  return spans.map((span) => {
    const attributes = attributesOf(span);
    setText(attributes, langsmith.kind, KINDS[textAt(attributes, genAi.operation) ?? ''] ?? 'chain');
    setText(attributes, langsmith.session, textAt(attributes, genAi.conversationId));
    setText(attributes, langsmith.traceName, root?.name);
    setText(attributes, `${langsmith.metadata}user_id`, shown);
    for (const key of METADATA)
      setText(attributes, `${langsmith.metadata}${key.replaceAll('.', '_')}`, textAt(attributes, key));
    setText(
      attributes,
      langsmith.input,
      textAt(attributes, genAi.inputMessages) ??
        textAt(attributes, genAi.toolArguments) ??
        textAt(attributes, strata.task),
    );
    setText(
      attributes,
      langsmith.output,
      textAt(attributes, genAi.outputMessages) ??
        textAt(attributes, genAi.toolResult) ??
        textAt(attributes, strata.answer),
    );
    return { ...span, attributes: listOf(attributes) };
  });
}
