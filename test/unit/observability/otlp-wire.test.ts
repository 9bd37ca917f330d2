import assert from 'node:assert/strict';
import { test } from 'node:test';
import root from '@opentelemetry/otlp-transformer/build/src/generated/root.js';
import { toOtlpJson } from '../../../extension/src/core/observability/index.ts';
import {
  decodeMessage,
  encodeMessage,
  LOGS,
  TRACES,
} from '../../../extension/src/core/observability/otlp-wire/index.ts';
import * as runs from '../../support/sample-runs.ts';

/** The part of OpenTelemetry's own generated protobuf code that is used here; its types do not name it. */
interface MessageType {
  fromObject(object: unknown): unknown;
  encode(message: unknown): { finish(): Uint8Array };
}
interface Service {
  readonly v1: Readonly<Record<string, MessageType>>;
}
const { opentelemetry } = root as unknown as {
  readonly opentelemetry: {
    readonly proto: { readonly collector: Readonly<Record<'trace' | 'logs', Service>> };
  };
};
const official = {
  traces: opentelemetry.proto.collector.trace.v1['ExportTraceServiceRequest'],
  logs: opentelemetry.proto.collector.logs.v1['ExportLogsServiceRequest'],
};

/** The bytes that OpenTelemetry's own code makes of the same JSON, whose ids it wants in base64. */
function theirs(kind: keyof typeof official, json: unknown): Uint8Array {
  const type = official[kind];
  assert.ok(type);
  const text = JSON.stringify(json, (key, value: unknown) =>
    /^(trace|span|parentSpan)Id$/.test(key) ? Buffer.from(String(value), 'hex').toString('base64') : value,
  );
  return type.encode(type.fromObject(JSON.parse(text))).finish();
}

const everything = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'ünï 🜁' } }] },
      scopeSpans: [
        {
          scope: { name: 'test', version: '1', attributes: [{ key: 'a', value: { boolValue: true } }] },
          spans: [
            {
              traceId: '0123456789abcdef0123456789abcdef',
              spanId: '0123456789abcdef',
              traceState: 'a=b',
              parentSpanId: 'fedcba9876543210',
              name: 'chat',
              kind: 3,
              startTimeUnixNano: '1791192602270000001',
              endTimeUnixNano: '18446744073709551615',
              attributes: [
                { key: 'least', value: { intValue: '-9223372036854775808' } },
                { key: 'most', value: { intValue: '9223372036854775807' } },
                { key: 'minus', value: { intValue: '-1' } },
                { key: 'double', value: { doubleValue: -0.1 } },
                { key: 'bytes', value: { bytesValue: 'AAH/' } },
                { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }, { intValue: '2' }] } } },
                {
                  key: 'map',
                  value: { kvlistValue: { values: [{ key: 'k', value: { doubleValue: 1.5 } }] } },
                },
              ],
              events: [
                { timeUnixNano: '1', name: 'e', attributes: [{ key: 'x', value: { boolValue: false } }] },
              ],
              links: [
                {
                  traceId: 'ffffffffffffffffffffffffffffffff',
                  spanId: 'eeeeeeeeeeeeeeee',
                  attributes: [{ key: 'y', value: { stringValue: '' } }],
                },
              ],
              status: { message: 'no', code: 2 },
            },
          ],
        },
      ],
    },
  ],
};
const logs = {
  resourceLogs: [
    {
      resource: { attributes: [] as unknown[] },
      scopeLogs: [
        {
          scope: { name: 'l' },
          logRecords: [
            {
              timeUnixNano: '1791192602270000001',
              severityNumber: 9,
              severityText: 'INFO',
              body: { stringValue: 'claude_code.api_request' },
              attributes: [{ key: 'cost_usd', value: { doubleValue: 0.25 } }],
              traceId: '0123456789abcdef0123456789abcdef',
              spanId: '0123456789abcdef',
              observedTimeUnixNano: '2',
            },
          ],
        },
      ],
    },
  ],
};

test('what is written are the bytes that OpenTelemetry’s own code writes', () => {
  assert.deepEqual(Buffer.from(encodeMessage(TRACES, everything)), Buffer.from(theirs('traces', everything)));
  assert.deepEqual(Buffer.from(encodeMessage(LOGS, logs)), Buffer.from(theirs('logs', logs)));
});

test('a whole run, with content', () => {
  const run = runs.succeeded();
  const traces = toOtlpJson(run.events, { includeContent: true, getBlob: (id) => run.getBlob(id) });
  assert.deepEqual(Buffer.from(encodeMessage(TRACES, traces)), Buffer.from(theirs('traces', traces)));
});

test('what OpenTelemetry wrote is read as it was', () => {
  assert.deepEqual(decodeMessage(TRACES, theirs('traces', everything)), everything);
  const { resource: _, ...rest } = logs.resourceLogs[0] ?? assert.fail();
  assert.deepEqual(decodeMessage(LOGS, theirs('logs', logs)), {
    resourceLogs: [{ resource: {}, ...rest }],
  });
});

test('cut in half, it is an error at every length and never a guess', () => {
  const bytes = encodeMessage(TRACES, everything);
  for (let length = 1; length < bytes.length; length += 1) {
    assert.throws(() => decodeMessage(TRACES, bytes.subarray(0, length)), { code: 'otlp-damaged' });
  }
});

test('fields of later versions are skipped', () => {
  // Field 99 as a varint, a text, 8 and 4 bytes.
  const unknown = Uint8Array.of(
    0x98,
    6,
    5,
    0x9a,
    6,
    1,
    65,
    0x99,
    6,
    ...new Uint8Array(8).fill(1),
    0x9d,
    6,
    1,
    1,
    1,
    1,
  );
  assert.deepEqual(decodeMessage(TRACES, unknown), {});
});

test('what is no protocol buffer, or nested without an end, is refused', () => {
  const refused = (bytes: Uint8Array) =>
    assert.throws(() => decodeMessage(TRACES, bytes), { code: 'otlp-damaged' });
  refused(new TextEncoder().encode('<!doctype html><p>Not found</p>'));
  refused(Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01));
  let value: object = { stringValue: 'deep' };
  for (let depth = 0; depth < 200; depth += 1) value = { arrayValue: { values: [value] } };
  const spans = [{ attributes: [{ key: 'k', value }] }];
  refused(encodeMessage(TRACES, { resourceSpans: [{ scopeSpans: [{ spans }] }] }));
});
