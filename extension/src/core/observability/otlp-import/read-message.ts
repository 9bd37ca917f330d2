import * as z from 'zod';
import type { Json } from '../../../base/json.ts';
import { notOtlp } from './errors.ts';
import type { Attributes, Incoming, IncomingEvent, IncomingLog, IncomingSpan } from './incoming.ts';

type Plain = Readonly<Record<string, unknown>>;

/** Deeper than any attribute means something by. */
const DEEPEST = 50;

/**
 * Reads `TracesData`, `LogsData` or a request of the collector, as OTLP/JSON says or as others write it: names with
 * underscores, ids in base64, numbers as numbers. One span that makes no sense costs no other. Throws `not-otlp`.
 */
export function readMessage(value: unknown): Incoming {
  const messages = Array.isArray(value) ? (value as unknown[]).map(camel) : [camel(value)];
  if (!messages.some(isOtlp)) throw notOtlp(whatElse(value));
  const spans: IncomingSpan[] = [];
  const logs: IncomingLog[] = [];
  let unreadable = 0;
  for (const message of messages) {
    for (const one of listOf(message['resourceSpans'])) {
      const service = serviceOf(one);
      for (const group of [...listOf(one['scopeSpans']), ...listOf(one['instrumentationLibrarySpans'])]) {
        const name = camel(group['scope'] ?? group['instrumentationLibrary'])['name'];
        const scope = typeof name === 'string' ? name : '';
        for (const raw of listOf(group['spans'])) {
          const span = readSpan(raw, { service, scope });
          if (span) spans.push(span);
          else unreadable += 1;
        }
      }
    }
    for (const one of listOf(message['resourceLogs'])) {
      const service = serviceOf(one);
      for (const group of listOf(one['scopeLogs']))
        for (const raw of listOf(group['logRecords'])) {
          const log = readLog(raw, service);
          if (log) logs.push(log);
        }
    }
  }
  return { spans, logs, unreadable };
}

function isOtlp(message: Plain): boolean {
  return Array.isArray(message['resourceSpans']) || Array.isArray(message['resourceLogs']);
}

/** What a file is that is no OTLP, in the words after "There is no OTLP trace in it". */
function whatElse(value: unknown): string {
  const message = camel(Array.isArray(value) ? (value as unknown[])[0] : value);
  if (Array.isArray(message['resourceMetrics'])) return 'it holds metrics alone';
  const inner = camel(listOf(message['data'])[0]);
  if (Array.isArray(inner['spans']) || 'traceID' in message) return 'it looks like a trace of Jaeger';
  if ('traceId' in message && ('localEndpoint' in message || 'timestamp' in message))
    return 'it looks like a trace of Zipkin';
  if ('runType' in message) return 'it looks like runs of LangSmith';
  if (Array.isArray(message['observations'])) return 'it looks like a trace of Langfuse';
  if ('traceEvents' in message) return 'it looks like a profile of Chrome';
  return 'nothing in it is called resourceSpans';
}

const time = z.union([z.string(), z.number()]).transform((value, context) => {
  // A double holds nanoseconds of today to a quarter of a microsecond, which is far below a step's length.
  const ms = Number(value) / 1e6;
  // 253402300800000 is the year 10000: what stands in no calendar cannot be shown.
  if (Number.isFinite(ms) && ms >= 0 && ms < 253402300800000) return ms;
  context.addIssue('no time');
  return z.NEVER;
});

/** Hex, or base64 as the usual JSON of protocol buffers has it. */
const id = (bytes: number) =>
  z.string().transform((text, context) => {
    if (text.length === bytes * 2 && /^[0-9a-f]+$/i.test(text)) return text.toLowerCase();
    const decoded = Buffer.from(text, 'base64');
    if (decoded.length === bytes && text.length <= bytes * 2) return decoded.toString('hex');
    context.addIssue('no id');
    return z.NEVER;
  });

const spanSchema = z.object({
  traceId: id(16),
  spanId: id(8),
  parentSpanId: z.union([z.literal(''), id(8)]).optional(),
  name: z.string().default(''),
  startTimeUnixNano: time,
  endTimeUnixNano: time.optional(),
});

const eventSchema = z.object({ name: z.string().default(''), timeUnixNano: time.optional() });
const statusSchema = z.object({
  code: z.union([z.number(), z.string()]).default(0),
  message: z.string().default(''),
});
const NO_PARENT = '0000000000000000';

function readSpan(
  raw: Plain,
  from: { readonly service: string; readonly scope: string },
): IncomingSpan | undefined {
  const read = spanSchema.safeParse(raw);
  if (!read.success) return undefined;
  const { traceId, spanId, parentSpanId = '', name, startTimeUnixNano: start } = read.data;
  const { endTimeUnixNano: end = 0 } = read.data;
  const status = statusSchema.safeParse(camel(raw['status']));
  const { code, message } = status.success ? status.data : { code: 0, message: '' };
  const events = listOf(raw['events']).flatMap((one): IncomingEvent[] => {
    const event = eventSchema.safeParse(one);
    if (!event.success) return [];
    return [
      {
        name: event.data.name,
        at: event.data.timeUnixNano ?? start,
        attributes: attributesIn(one['attributes']),
      },
    ];
  });
  const attributes = attributesIn(raw['attributes']);
  return {
    trace: traceId,
    id: spanId,
    parent: parentSpanId === '' || parentSpanId === NO_PARENT ? undefined : parentSpanId,
    name,
    start,
    end: end === 0 ? undefined : end,
    attributes,
    events,
    failed: code === 2 || code === 'STATUS_CODE_ERROR' || hasFailedAfterOk(attributes, events),
    message,
    ...from,
  };
}

/** LangSmith says OK when a run begins, which OpenTelemetry lets nobody take back: a failure leaves its exception alone. */
function hasFailedAfterOk(attributes: Attributes, events: readonly IncomingEvent[]): boolean {
  return attributes.has('langsmith.span.kind') && events.some(({ name }) => name === 'exception');
}

const logSchema = z.object({
  timeUnixNano: time.optional(),
  observedTimeUnixNano: time.optional(),
  eventName: z.string().default(''),
});

function readLog(raw: Plain, service: string): IncomingLog | undefined {
  const read = logSchema.safeParse(raw);
  if (!read.success) return undefined;
  const { timeUnixNano, observedTimeUnixNano, eventName } = read.data;
  const attributes = attributesIn(raw['attributes']);
  const body = plainValue(raw['body'], 0);
  const named = attributes.get('event.name');
  const stamp = attributes.get('event.timestamp');
  const told = typeof stamp === 'string' ? Date.parse(stamp) : NaN;
  // Codex leaves the time at 0.
  const at = timeUnixNano || observedTimeUnixNano || (Number.isFinite(told) ? told : 0);
  const name = typeof named === 'string' ? named : eventName || (typeof body === 'string' ? body : '');
  return at > 0 && name !== '' ? { at, name, attributes, service } : undefined;
}

function serviceOf(one: Plain): string {
  const name = attributesIn(camel(one['resource'])['attributes']).get('service.name');
  return typeof name === 'string' && !name.startsWith('unknown_service') ? name : '';
}

function attributesIn(value: unknown): Attributes {
  const attributes = new Map<string, Json>();
  for (const one of listOf(value)) {
    const { key } = one;
    if (typeof key !== 'string') continue;
    const read = plainValue(one['value'], 0);
    if (read !== undefined) attributes.set(key, read);
  }
  return attributes;
}

/** An `AnyValue` as the value that it stands for. */
function plainValue(value: unknown, depth: number): Json | undefined {
  if (depth > DEEPEST) return '…';
  const any = camel(value);
  const { stringValue, boolValue, intValue, doubleValue, bytesValue } = any;
  if (typeof stringValue === 'string') return stringValue.toWellFormed();
  if (typeof boolValue === 'boolean') return boolValue;
  if (typeof doubleValue === 'number') return doubleValue;
  if (typeof intValue === 'number') return intValue;
  if (typeof intValue === 'string') {
    const number = Number(intValue);
    return Number.isSafeInteger(number) ? number : intValue;
  }
  if (typeof bytesValue === 'string') return bytesValue;
  if ('arrayValue' in any)
    return listOf(camel(any['arrayValue'])['values']).map((one) => plainValue(one, depth + 1) ?? null);
  if (!('kvlistValue' in any)) return undefined;
  const members = listOf(camel(any['kvlistValue'])['values']).flatMap((one) => {
    const { key } = one;
    return typeof key === 'string' ? [[key, plainValue(one['value'], depth + 1)] as const] : [];
  });
  return Object.fromEntries(members);
}

/** The objects of a list, or of what is no list none. */
function listOf(value: unknown): readonly Plain[] {
  return Array.isArray(value) ? (value as unknown[]).map(camel) : [];
}

/** An object's members by their names in OTLP/JSON; what is no object has none. */
function camel(value: unknown): Plain {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  const plain = value as Plain;
  if (!Object.keys(plain).some((key) => key.includes('_'))) return plain;
  return Object.fromEntries(
    Object.entries(plain).map(([key, member]) => [
      key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      member,
    ]),
  );
}
