/** OTLP/JSON as `opentelemetry/proto/trace/v1/trace.proto` 1.x maps to it: ids in hex, 64-bit integers as strings. */
export interface TracesData {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string; readonly version: string };
      readonly spans: readonly Span[];
    }[];
  }[];
}

export interface Span {
  /** 16 bytes. */
  readonly traceId: string;
  /** 8 bytes. */
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: typeof SPAN_KIND_INTERNAL | typeof SPAN_KIND_CLIENT;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly SpanEvent[];
  readonly links?: readonly SpanLink[];
  readonly status: { readonly code: 0 | 1 | 2; readonly message?: string };
}

export interface SpanEvent {
  readonly timeUnixNano: string;
  readonly name: string;
  readonly attributes: readonly KeyValue[];
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: readonly KeyValue[];
}

export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

export type AnyValue =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly boolValue: boolean };

export const SPAN_KIND_INTERNAL = 1;
export const SPAN_KIND_CLIENT = 3;
export const STATUS_UNSET = 0;
export const STATUS_OK = 1;
export const STATUS_ERROR = 2;

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Attributes in the order given; undefined ones are left out, whole numbers are integers. */
export function keyValues(attributes: Attributes): KeyValue[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined || (typeof value === 'number' && !Number.isFinite(value))
      ? []
      : [{ key, value: anyValue(value) }],
  );
}

/** A number that stays a double even when it happens to be whole, as dollars and seconds must. */
export function double(key: string, value: number | undefined): KeyValue[] {
  return value === undefined || !Number.isFinite(value) ? [] : [{ key, value: { doubleValue: value } }];
}

/** Nanoseconds since 1970 for milliseconds since 1970. */
export function nanos(ms: number): string {
  return String(BigInt(Math.max(0, Math.round((Number.isFinite(ms) ? ms : 0) * 1000))) * 1000n);
}

function anyValue(value: string | number | boolean): AnyValue {
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'string') return { stringValue: value.toWellFormed() };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
