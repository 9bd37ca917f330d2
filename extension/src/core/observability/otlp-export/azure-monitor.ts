import { CONTENT_NAMES, strata } from '../genai-names.ts';
import { nanos } from '../otlp-shape.ts';
import type { KeyValue, Span } from '../otlp-shape.ts';
import { linkedSpanId } from '../span-ids.ts';

/** Application Insights cuts the custom dimensions of an item at about 64 KB; names and the rest need room too. */
const MOST_CHARACTERS = 48_000;
const MOST_OF_ONE = 8_000;

const HOUR_MS = 3_600_000;
/** Azure refuses spans that are longer, or began longer ago, than 48 hours. */
const LONGEST_MS = 24 * HOUR_MS;
const OLDEST_MS = 47 * HOUR_MS;

export interface ForAzure {
  readonly spans: readonly Span[];
  /** Spans that Azure would refuse because they are too old. */
  readonly tooOld: number;
}

/** Usage first and content last, each with a limit; long spans as several that are linked; what is too old left out. */
export function forAzureMonitor(spans: readonly Span[], now: number): ForAzure {
  const parts = linkedParts(spans);
  const young = parts.filter((span) => msOf(span.startTimeUnixNano) >= now - OLDEST_MS);
  return { spans: young.map(withLimits), tooOld: parts.length - young.length };
}

const isContent = ({ key }: KeyValue): boolean => CONTENT_NAMES.has(key);

function withLimits(span: Span): Span {
  const facts = span.attributes.filter((one) => !isContent(one));
  let left = MOST_CHARACTERS - lengthOf(facts);
  const content = span.attributes.filter(isContent).map((one): KeyValue => {
    const text = 'stringValue' in one.value ? one.value.stringValue : '';
    const kept = text.slice(0, Math.max(0, Math.min(MOST_OF_ONE, left)));
    left -= kept.length + one.key.length;
    return { key: one.key, value: { stringValue: cutTo(text, kept) } };
  });
  return { ...span, attributes: [...facts, ...content] };
}

function cutTo(text: string, kept: string): string {
  return kept.length === text.length ? text : `${kept.toWellFormed()}…`;
}

function lengthOf(attributes: readonly KeyValue[]): number {
  return attributes.reduce((sum, one) => sum + JSON.stringify(one).length, 0);
}

/**
 * A span of more than a day becomes one for each day, each linked to the one before; those inside a day belong to the part in
 * which they began.
 */
function linkedParts(spans: readonly Span[]): readonly Span[] {
  const starts = new Map<string, number>();
  for (const span of spans) {
    const start = msOf(span.startTimeUnixNano);
    if (msOf(span.endTimeUnixNano) - start > LONGEST_MS) starts.set(span.spanId, start);
  }
  if (starts.size === 0) return spans;
  return spans.flatMap((span) => {
    const { parentSpanId } = span;
    const start = msOf(span.startTimeUnixNano);
    const parentStart = parentSpanId === undefined ? undefined : starts.get(parentSpanId);
    const placed =
      parentSpanId === undefined || parentStart === undefined
        ? span
        : { ...span, parentSpanId: partId(parentSpanId, Math.floor((start - parentStart) / LONGEST_MS)) };
    return starts.has(span.spanId) ? partsOf(placed) : [placed];
  });
}

function partsOf(span: Span): readonly Span[] {
  const start = msOf(span.startTimeUnixNano);
  const end = msOf(span.endTimeUnixNano);
  const count = Math.ceil((end - start) / LONGEST_MS);
  return Array.from({ length: count }, (_, index): Span => {
    const from = start + index * LONGEST_MS;
    const isLast = index === count - 1;
    const part = { key: strata.part, value: { stringValue: `${index + 1}/${count}` } };
    return {
      ...span,
      spanId: partId(span.spanId, index),
      startTimeUnixNano: index === 0 ? span.startTimeUnixNano : nanos(from),
      endTimeUnixNano: isLast ? span.endTimeUnixNano : nanos(from + LONGEST_MS),
      // Usage, cost and content would count once for each part.
      attributes: isLast ? [...span.attributes, part] : [...span.attributes.filter(isIdentity), part],
      events: span.events.filter(({ timeUnixNano }) => {
        const at = msOf(timeUnixNano);
        return (index === 0 || at >= from) && (isLast || at < from + LONGEST_MS);
      }),
      ...(index === 0
        ? {}
        : { links: [{ traceId: span.traceId, spanId: partId(span.spanId, index - 1), attributes: [] }] }),
      status: isLast ? span.status : { code: 0 },
    };
  });
}

/** The first part keeps the id of the whole, so that what is linked to it finds it. */
function partId(spanId: string, index: number): string {
  return index <= 0 ? spanId : linkedSpanId(spanId, index);
}

const IDENTITY: ReadonlySet<string> = new Set([
  ...['gen_ai.operation.name', 'gen_ai.agent.name', 'gen_ai.conversation.id'],
  ...[strata.run, strata.step, strata.stepKind],
]);

function isIdentity({ key }: KeyValue): boolean {
  return IDENTITY.has(key);
}

function msOf(time: string): number {
  return Number(BigInt(time) / 1_000_000n);
}
