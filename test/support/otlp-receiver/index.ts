import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import root from '@opentelemetry/otlp-transformer/build/src/generated/root.js';
import * as z from 'zod';

/** The part of OpenTelemetry's own generated protobuf code that is used here; its types do not name it. */
interface MessageType {
  decode(bytes: Uint8Array): unknown;
  fromObject(object: unknown): unknown;
  verify(message: unknown): string | null;
  toObject(message: unknown, options: object): unknown;
}
const { opentelemetry } = root as unknown as {
  readonly opentelemetry: {
    readonly proto: {
      readonly collector: {
        readonly trace: { readonly v1: { readonly ExportTraceServiceRequest: MessageType } };
      };
    };
  };
};
const { ExportTraceServiceRequest } = opentelemetry.proto.collector.trace.v1;

const attributes = z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) }));
const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().default(''),
  name: z.string(),
  attributes: attributes.default([]),
});
const traces = z.object({
  resourceSpans: z
    .array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(span).default([]) })).default([]) }))
    .default([]),
});
export type ReceivedSpan = z.infer<typeof span>;

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly spans: readonly ReceivedSpan[];
  /** Everything that came, unpacked, as text. */
  readonly text: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface Receiver {
  readonly origin: string;
  readonly port: number;
  /** Those that were answered with a success, in order. */
  readonly accepted: readonly ReceivedRequest[];
  readonly all: readonly ReceivedRequest[];
  close(): Promise<void>;
}

/** A back end that reads traces with OpenTelemetry's own code, and answers what the test says: the request and its number, from 1. */
export async function startReceiver(
  answer: (request: ReceivedRequest, number: number) => Answer = () => ({}),
  port = 0,
): Promise<Receiver> {
  const all: ReceivedRequest[] = [];
  const accepted: ReceivedRequest[] = [];
  const server = createServer((incoming, response) => {
    void bodyOf(incoming).then((raw) => {
      const bytes = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      const request: ReceivedRequest = {
        path: incoming.url ?? '',
        headers: incoming.headers,
        spans: spansOf(bytes, incoming.headers['content-type'] ?? ''),
        text: bytes.toString('latin1'),
      };
      all.push(request);
      const {
        status = 200,
        headers = { 'content-type': 'application/json' },
        body = '{}',
      } = answer(request, all.length);
      if (status < 300) accepted.push(request);
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${bound}`,
    port: bound,
    all,
    accepted,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function spansOf(bytes: Buffer, contentType: string): readonly ReceivedSpan[] {
  if (contentType === 'application/json') return flat(JSON.parse(bytes.toString()));
  const message = ExportTraceServiceRequest.decode(bytes);
  const wrong = ExportTraceServiceRequest.verify(message);
  if (wrong !== null) throw new Error(wrong);
  return flat(ExportTraceServiceRequest.toObject(message, { longs: String, bytes: String })).map((one) => ({
    ...one,
    traceId: hex(one.traceId),
    spanId: hex(one.spanId),
    parentSpanId: hex(one.parentSpanId),
  }));
}

function flat(value: unknown): readonly ReceivedSpan[] {
  return traces
    .parse(value)
    .resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

function hex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}
