import { messageOf } from '../../base/errors.ts';
import { otlpDamaged } from '../../core/observability/otlp-wire/index.ts';
import {
  noSpans,
  notOtlp,
  readMessage,
  spansOfLogs,
  tooManySpans,
} from '../../core/observability/otlp-import/index.ts';
import type { IncomingSpan } from '../../core/observability/otlp-import/index.ts';
import { tooMuchText } from './errors.ts';

export const MOST_SPANS = 250_000;
/** Characters of all spans together. */
const MOST_TEXT = 300 * 1024 ** 2;

export interface Gathered {
  readonly spans: readonly IncomingSpan[];
  /** Spans, or lines of the file, that make no sense and were left out. */
  readonly unreadable: number;
}

/** Collects what the parts of a file hold, within limits. */
export function gatherer() {
  const spans: IncomingSpan[] = [];
  let unreadable = 0;
  let text = 0;
  let problem: Error | undefined;

  const add = (message: unknown): void => {
    const read = readMessage(message);
    for (const span of read.spans) spans.push(span);
    for (const span of spansOfLogs(read.logs)) spans.push(span);
    unreadable += read.unreadable;
    if (spans.length > MOST_SPANS) throw tooManySpans(MOST_SPANS);
  };
  const addText = (line: string): void => {
    const before = spans.length;
    add(parsed(line));
    if (spans.length > before) text += line.length;
    if (text > MOST_TEXT) throw tooMuchText(MOST_TEXT);
  };

  return {
    add,
    addDocument: addText,
    /** A line that cannot be read costs the others nothing; the last one of a file is often cut. */
    addLine: (line: string): void => {
      if (line.trim() === '') return;
      try {
        addText(line);
      } catch (error) {
        if (!isOfLine(error)) throw error;
        problem ??= error instanceof Error ? error : undefined;
        unreadable += 1;
      }
    },
    end: (): Gathered => {
      if (spans.length === 0) throw problem ?? noSpans();
      return { spans, unreadable };
    },
  };
}

function isOfLine(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && ['not-otlp', 'otlp-damaged'].includes(String(error.code))
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/^\uFEFF?\s*[[{]/.test(text)) throw notOtlp('it is neither JSON nor protobuf');
    throw otlpDamaged(`it is no JSON, or it was cut off (${messageOf(error)})`, error);
  }
}
