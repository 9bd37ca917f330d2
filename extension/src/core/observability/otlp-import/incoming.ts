import type { Json } from '../../../base/json.ts';

export type Attributes = ReadonlyMap<string, Json>;

/** A span as somebody sent it, whatever the form. Times are milliseconds since 1970, with fractions. */
export interface IncomingSpan {
  /** 32 hex digits. */
  readonly trace: string;
  /** 16 hex digits. */
  readonly id: string;
  readonly parent: string | undefined;
  readonly name: string;
  readonly start: number;
  /** Undefined while it goes on, or when nobody told of its end. */
  readonly end: number | undefined;
  readonly attributes: Attributes;
  readonly events: readonly IncomingEvent[];
  readonly failed: boolean;
  /** What went wrong. */
  readonly message: string;
  /** `service.name`, or empty. */
  readonly service: string;
  /** The library that wrote the span. */
  readonly scope: string;
}

export interface IncomingEvent {
  readonly name: string;
  readonly at: number;
  readonly attributes: Attributes;
}

/** A record of the logs signal: what some agents tell of themselves in the place of spans. */
export interface IncomingLog {
  readonly at: number;
  readonly name: string;
  readonly attributes: Attributes;
  readonly service: string;
}

export interface Incoming {
  readonly spans: readonly IncomingSpan[];
  readonly logs: readonly IncomingLog[];
  /** Spans that make no sense and were left out. */
  readonly unreadable: number;
}

export function textOf(attributes: Attributes, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = attributes.get(key);
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  }
  return undefined;
}

/** Numbers may come as texts. */
export function numberOf(attributes: Attributes, ...keys: readonly string[]): number | undefined {
  for (const key of keys) {
    const value = attributes.get(key);
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
  }
  return undefined;
}

/** A value that may be JSON as a text. */
export function jsonOf(value: Json | undefined): Json | undefined {
  if (typeof value !== 'string' || !/^\s*[[{"]/.test(value)) return value;
  try {
    return JSON.parse(value) as Json;
  } catch {
    // Cut off by a limit of its sender, or only begins like JSON: it is shown as the text that it is.
    return value;
  }
}

/** The value of the first of the names that is there. */
export function firstOf({ attributes }: IncomingSpan, keys: readonly string[]): Json | undefined {
  const key = keys.find((one) => attributes.has(one));
  return key === undefined ? undefined : attributes.get(key);
}
