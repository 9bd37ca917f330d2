import type { MessageTable } from './protobuf.ts';

/** Field numbers of opentelemetry-proto 1.x (common, resource, trace, logs, and the collector's requests). */

const anyValue: MessageTable = {
  stringValue: { number: 1, type: 'string' },
  boolValue: { number: 2, type: 'bool' },
  intValue: { number: 3, type: 'int64' },
  doubleValue: { number: 4, type: 'double' },
  arrayValue: { number: 5, type: () => arrayValue },
  kvlistValue: { number: 6, type: () => keyValueList },
  bytesValue: { number: 7, type: 'base64' },
};
const arrayValue: MessageTable = { values: { number: 1, type: () => anyValue, repeated: true } };
const keyValueList: MessageTable = { values: { number: 1, type: () => keyValue, repeated: true } };
const keyValue: MessageTable = {
  key: { number: 1, type: 'string' },
  value: { number: 2, type: () => anyValue },
};

const resource: MessageTable = { attributes: { number: 1, type: () => keyValue, repeated: true } };
const scope: MessageTable = {
  name: { number: 1, type: 'string' },
  version: { number: 2, type: 'string' },
  attributes: { number: 3, type: () => keyValue, repeated: true },
};

const event: MessageTable = {
  timeUnixNano: { number: 1, type: 'fixed64' },
  name: { number: 2, type: 'string' },
  attributes: { number: 3, type: () => keyValue, repeated: true },
};
const link: MessageTable = {
  traceId: { number: 1, type: 'hex' },
  spanId: { number: 2, type: 'hex' },
  traceState: { number: 3, type: 'string' },
  attributes: { number: 4, type: () => keyValue, repeated: true },
};
const status: MessageTable = {
  message: { number: 2, type: 'string' },
  code: { number: 3, type: 'uint32' },
};
const span: MessageTable = {
  traceId: { number: 1, type: 'hex' },
  spanId: { number: 2, type: 'hex' },
  traceState: { number: 3, type: 'string' },
  parentSpanId: { number: 4, type: 'hex' },
  name: { number: 5, type: 'string' },
  kind: { number: 6, type: 'uint32' },
  startTimeUnixNano: { number: 7, type: 'fixed64' },
  endTimeUnixNano: { number: 8, type: 'fixed64' },
  attributes: { number: 9, type: () => keyValue, repeated: true },
  events: { number: 11, type: () => event, repeated: true },
  links: { number: 13, type: () => link, repeated: true },
  status: { number: 15, type: () => status },
};
const scopeSpans: MessageTable = {
  scope: { number: 1, type: () => scope },
  spans: { number: 2, type: () => span, repeated: true },
};
const resourceSpans: MessageTable = {
  resource: { number: 1, type: () => resource },
  scopeSpans: { number: 2, type: () => scopeSpans, repeated: true },
};

const logRecord: MessageTable = {
  timeUnixNano: { number: 1, type: 'fixed64' },
  severityNumber: { number: 2, type: 'uint32' },
  severityText: { number: 3, type: 'string' },
  body: { number: 5, type: () => anyValue },
  attributes: { number: 6, type: () => keyValue, repeated: true },
  traceId: { number: 9, type: 'hex' },
  spanId: { number: 10, type: 'hex' },
  observedTimeUnixNano: { number: 11, type: 'fixed64' },
  eventName: { number: 12, type: 'string' },
};
const scopeLogs: MessageTable = {
  scope: { number: 1, type: () => scope },
  logRecords: { number: 2, type: () => logRecord, repeated: true },
};
const resourceLogs: MessageTable = {
  resource: { number: 1, type: () => resource },
  scopeLogs: { number: 2, type: () => scopeLogs, repeated: true },
};

/** `TracesData` and `ExportTraceServiceRequest` are the same on the wire. */
export const TRACES: MessageTable = {
  resourceSpans: { number: 1, type: () => resourceSpans, repeated: true },
};
/** `LogsData` and `ExportLogsServiceRequest`. */
export const LOGS: MessageTable = { resourceLogs: { number: 1, type: () => resourceLogs, repeated: true } };

/** Of traces; for logs the first member is called otherwise and has the same number. */
const partialSuccess: MessageTable = {
  rejectedSpans: { number: 1, type: 'int64' },
  errorMessage: { number: 2, type: 'string' },
};
export const EXPORT_RESPONSE: MessageTable = {
  partialSuccess: { number: 1, type: () => partialSuccess },
};

/** `google.rpc.Status`, the body of a refusal. */
export const RPC_STATUS: MessageTable = {
  code: { number: 1, type: 'uint32' },
  message: { number: 2, type: 'string' },
};
