import assert from 'node:assert/strict';
import type { Json } from '../../extension/src/base/json.ts';
import { readMessage, runOfTrace } from '../../extension/src/core/observability/otlp-import/index.ts';
import type { IncomingSpan } from '../../extension/src/core/observability/otlp-import/index.ts';
import { readRunEvent } from '../../extension/src/protocol/modernize.ts';
import { readPayload } from '../../extension/src/protocol/payload.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import type { Payload } from '../../extension/src/protocol/run-event.ts';
import type { StepView } from '../../extension/src/protocol/run-view.ts';

/** Spans and log records as other agents send them, and the runs that are made of them. */

export const TRACE = '0af7651916cd43dd8448eb211c80319c';
export const START = Date.UTC(2026, 9, 5, 9, 30);

export type Value = string | number | boolean | readonly string[];
export interface Given {
  readonly id: number | string;
  readonly parent?: number | string;
  readonly name?: string;
  /** Milliseconds after the start of the trace. */
  readonly at?: number;
  readonly ms?: number | null;
  readonly is?: Readonly<Record<string, Value>>;
  readonly events?: readonly { readonly name: string; readonly is: Readonly<Record<string, Value>> }[];
  readonly error?: string;
}
export const spanId = (id: number | string) =>
  typeof id === 'string' ? id : id.toString(16).padStart(16, '0');
const anyValue = (value: Value): Json => {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value !== 'number') return { arrayValue: { values: value.map(anyValue) } };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
};
export const attributes = (is: Readonly<Record<string, Value>> = {}) =>
  Object.entries(is).map(([key, value]) => ({ key, value: anyValue(value) }));
const nanos = (ms: number) => `${START + ms}000000`;

/** OTLP/JSON as it is sent. */
export function message(given: readonly Given[], service = 'svc', scope = 'lib') {
  const spans = given.map(({ id, parent, name = `span ${id}`, at = 0, ms = 10, is, events = [], error }) => ({
    traceId: TRACE,
    spanId: spanId(id),
    ...(parent === undefined ? {} : { parentSpanId: spanId(parent) }),
    name,
    startTimeUnixNano: nanos(at),
    ...(ms === null ? {} : { endTimeUnixNano: nanos(at + ms) }),
    attributes: attributes(is),
    events: events.map((event) => ({
      name: event.name,
      timeUnixNano: nanos(at),
      attributes: attributes(event.is),
    })),
    status: error === undefined ? {} : { code: 2, message: error },
  }));
  return {
    resourceSpans: [
      {
        resource: { attributes: attributes({ 'service.name': service }) },
        scopeSpans: [{ scope: { name: scope }, spans }],
      },
    ],
  };
}

/** The run that is made of it, folded from events that went through their schema. */
export function runOf(spans: readonly IncomingSpan[], more: { readonly isComing?: boolean } = {}) {
  const { events, blobs } = runOfTrace(spans, {
    ...{ run: 'r-0001mb3kq7xw2d5f', folder: '/w', version: '0.1.0', costs: new Map() },
    ...more,
  });
  const view = foldRun(events.map((event) => readRunEvent(JSON.parse(JSON.stringify(event)))));
  assert.ok(view);
  const read = (payload: Payload | undefined): Json =>
    payload === undefined
      ? null
      : readPayload((id) => blobs.get(id) ?? assert.fail(`no blob ${id}`), payload);
  for (const step of view.steps) read(step.input);
  return { view, read, events };
}
export const imported = (given: readonly Given[], service?: string, scope?: string) =>
  runOf(readMessage(message(given, service, scope)).spans);
export const tree = (steps: readonly StepView[]) =>
  steps.map(({ id, kind, name }) => `${id} ${kind} ${name}`);

/** The one model call of a trace. */
export const callOf = (is: Readonly<Record<string, Value>>, more: Partial<Given> = {}) => {
  const { view, read } = imported([
    { id: 1, name: 'root' },
    { id: 2, parent: 1, is, ...more },
  ]);
  const [step] = view.steps;
  assert.ok(step);
  return {
    step,
    kind: step.kind,
    name: step.name,
    use: step.model,
    input: read(step.input),
    output: read(step.output),
  };
};
/** Log records in OTLP/JSON: name, milliseconds after the start, attributes. */
export const logs = (
  service: string,
  records: readonly (readonly [string, number, Readonly<Record<string, Value>>])[],
) => ({
  resourceLogs: [
    {
      resource: { attributes: attributes({ 'service.name': service }) },
      scopeLogs: [
        {
          logRecords: records.map(([name, at, is]) => ({
            timeUnixNano: nanos(at),
            body: { stringValue: name },
            attributes: attributes({ 'event.name': name, ...is }),
          })),
        },
      ],
    },
  ],
});
