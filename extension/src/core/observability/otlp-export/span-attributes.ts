import type { AnyValue, KeyValue, Span, TracesData } from '../otlp-shape.ts';

/** Attributes of one span while a profile works on them: in order, each key once. */
export type SpanAttributes = Map<string, AnyValue>;

export function attributesOf({ attributes }: Pick<Span, 'attributes'>): SpanAttributes {
  return new Map(attributes.map(({ key, value }) => [key, value]));
}

export function listOf(attributes: SpanAttributes): KeyValue[] {
  return [...attributes].map(([key, value]) => ({ key, value }));
}

export function textAt(attributes: SpanAttributes, key: string): string | undefined {
  const value = attributes.get(key);
  return value && 'stringValue' in value ? value.stringValue : undefined;
}

export function numberAt(attributes: SpanAttributes, key: string): number | undefined {
  const value = attributes.get(key);
  if (!value) return undefined;
  if ('intValue' in value) return Number(value.intValue);
  return 'doubleValue' in value ? value.doubleValue : undefined;
}

export function setText(attributes: SpanAttributes, key: string, text: string | undefined): void {
  if (text !== undefined) attributes.set(key, { stringValue: text });
}

/** The same traces with other spans. */
export function withSpans(
  traces: TracesData,
  change: (spans: readonly Span[]) => readonly Span[],
): TracesData {
  return {
    resourceSpans: traces.resourceSpans.map(({ resource, scopeSpans }) => ({
      resource,
      scopeSpans: scopeSpans.map(({ scope, spans }) => ({ scope, spans: change(spans) })),
    })),
  };
}
