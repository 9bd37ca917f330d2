import type { Json } from '../../../base/json.ts';
import { canonicalJson } from '../../../base/json.ts';
import type { Cost } from '../../../protocol/message.ts';
import type { ErrorInfo, Payload, RunEventBody } from '../../../protocol/run-event.ts';
import { sha256 } from '../../orchestration/hash.ts';
import { general, strata, TOOL_ERROR } from '../genai-names.ts';
import { textOf } from './incoming.ts';
import type { IncomingSpan } from './incoming.ts';
import { useOf } from './priced-calls.ts';
import type { SpanFacts } from './span-facts.ts';
import { contentOf } from './step-content.ts';
import type { ContentParts } from './step-content.ts';
import { endOf } from './trace-nodes.ts';
import type { TraceNode } from './trace-tree.ts';

export interface Timed {
  readonly at: number;
  /** Where it stands in the log: its time, but never before what must stand before it. */
  readonly order: number;
  readonly body: RunEventBody;
}

export interface StepParts extends ContentParts {
  readonly payload: (value: Json) => Payload;
  readonly leaves: ReadonlySet<string>;
  readonly costs: ReadonlyMap<string, Cost>;
}

/** What the log says of a span: that it began, what was noted in it, and how it ended. */
export function stepEvents(
  { span }: TraceNode,
  facts: SpanFacts,
  step: string,
  from: number,
  parts: StepParts,
): readonly Timed[] {
  const { kind, name } = facts;
  const { input, output } = contentOf(span, facts, parts);
  // To the microsecond, which is what is left of a nanosecond in a double of today's time.
  const durationMs = Math.round((endOf(span) - span.start) * 1000) / 1000;
  const to = Math.max(from, endOf(span));
  const model = parts.leaves.has(span.id) ? useOf(facts, parts.costs, span.id) : undefined;
  const started: RunEventBody = {
    type: 'step.started',
    ...{ step, kind, name, effect: 'read', attempt: 1 },
    inputHash: sha256(canonicalJson({ kind, name, input })),
    input: parts.payload(input),
  };
  const notes = notesOf(span).map((text): RunEventBody => ({ type: 'step.note', step, level: 'info', text }));
  const isToolError = textOf(span.attributes, general.errorType) === TOOL_ERROR;
  const ended = ((): RunEventBody => {
    if (span.end === undefined)
      return {
        type: 'step.interrupted',
        step,
        reason: { code: 'not-ended', message: 'Nobody told of its end.' },
      };
    if (span.failed && !isToolError && model === undefined)
      return { type: 'step.failed', step, error: errorOf(span), durationMs };
    return {
      type: 'step.finished',
      ...{ step, output: parts.payload(output), durationMs },
      ...(span.failed ? { isError: true } : {}),
      ...(model ? { model } : {}),
    };
  })();
  return [
    { at: span.start, order: from, body: started },
    ...notes.map((body) => ({ at: span.start, order: from, body })),
    { at: Math.max(span.start, endOf(span)), order: to, body: ended },
  ];
}

/** What was wrong with the span itself, and events that somebody wrote into it. */
function notesOf(span: IncomingSpan): readonly string[] {
  const odd =
    span.end !== undefined && span.end < span.start ? ['Its end is told to be before its start.'] : [];
  const written = span.events.flatMap(({ name, attributes }) => {
    if (name === '' || name.startsWith('gen_ai.') || name === 'exception') return [];
    const text = textOf(attributes, strata.noteText, 'message', 'body');
    return [text === undefined ? name : `${name}: ${text}`];
  });
  return [...odd, ...written.slice(0, MOST_NOTES)];
}

const MOST_NOTES = 100;

export function errorOf(span: IncomingSpan): ErrorInfo {
  const thrown = span.events.find(({ name }) => name === 'exception')?.attributes ?? new Map<string, Json>();
  const code = textOf(span.attributes, general.errorType) ?? textOf(thrown, general.exceptionType) ?? 'error';
  const message = span.message || (textOf(thrown, general.exceptionMessage) ?? '');
  const plain = withoutStack(message);
  // Said once: some write the kind of the error before its message.
  const isTwice = plain.startsWith(`${code}: `);
  return { code, message: (isTwice ? plain.slice(code.length + 2) : plain) || 'It failed.' };
}

/** Some libraries write the stack behind the message, begun by the message once more. */
function withoutStack(message: string): string {
  const [before = ''] = message.split(/\n\s+at /, 1);
  if (before === message) return message;
  const lines = before.split('\n');
  return (lines.length > 1 ? lines.slice(0, -1) : lines).join('\n').trim();
}
