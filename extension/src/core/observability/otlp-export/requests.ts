import type { Span, TracesData } from '../otlp-shape.ts';
import { encodeMessage, TRACES } from '../otlp-wire/index.ts';
import type { Destination, Protocol } from './destination.ts';
import { forAzureMonitor } from './azure-monitor.ts';
import { forLangfuse } from './langfuse.ts';
import { forLangsmith } from './langsmith.ts';
import { withSpans } from './span-attributes.ts';

/** Most collectors take 20 MB, Langfuse 4.5 MB and some proxies 1 MB; what is still too large is split when it is refused. */
const MOST_CHARACTERS = 2_000_000;
const MOST_SPANS = 1_000;

export interface Shaped {
  readonly traces: TracesData;
  /** Spans that the back end would refuse for their age. */
  readonly tooOld: number;
}

/** A trace as the back end of this destination wants it. */
export function shapeFor(
  { profile, user }: Pick<Destination, 'profile' | 'user'>,
  traces: TracesData,
  now: number,
): Shaped {
  let tooOld = 0;
  const shaped = withSpans(traces, (spans) => {
    switch (profile) {
      case 'generic':
        return spans;
      case 'langfuse':
        return forLangfuse(spans, user);
      case 'langsmith':
        return forLangsmith(spans, user);
      case 'azure-monitor': {
        const azure = forAzureMonitor(spans, now);
        tooOld += azure.tooOld;
        return azure.spans;
      }
    }
  });
  return { traces: shaped, tooOld };
}

/** Pieces in order, none of them above the limits unless it is a single span. */
export function inPieces(traces: TracesData): TracesData[] {
  return traces.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      grouped(spans).map((some) => ({
        resourceSpans: [{ resource, scopeSpans: [{ scope, spans: some }] }],
      })),
    ),
  );
}

/** Two halves of what was too large; undefined when it is a single span. */
export function halves(piece: TracesData): readonly [TracesData, TracesData] | undefined {
  const spans = spansIn(piece);
  if (spans.length < 2) return undefined;
  const middle = Math.ceil(spans.length / 2);
  return [withSpans(piece, () => spans.slice(0, middle)), withSpans(piece, () => spans.slice(middle))];
}

export function spansIn({ resourceSpans }: TracesData): readonly Span[] {
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

export function bodyFor(
  protocol: Protocol,
  traces: TracesData,
): { readonly contentType: string; readonly body: Uint8Array } {
  return protocol === 'http/json'
    ? { contentType: 'application/json', body: new TextEncoder().encode(JSON.stringify(traces)) }
    : { contentType: 'application/x-protobuf', body: encodeMessage(TRACES, traces) };
}

function grouped(spans: readonly Span[]): Span[][] {
  const groups: Span[][] = [];
  let size = 0;
  for (const span of spans) {
    const length = JSON.stringify(span).length;
    const last = groups.at(-1);
    if (!last || last.length >= MOST_SPANS || size + length > MOST_CHARACTERS) {
      groups.push([span]);
      size = length;
    } else {
      last.push(span);
      size += length;
    }
  }
  return groups;
}
