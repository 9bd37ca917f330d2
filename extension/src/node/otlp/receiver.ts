import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { isStrataError, messageOf } from '../../base/errors.ts';
import { readMessage, spansOfLogs } from '../../core/observability/otlp-import/index.ts';
import type { IncomingSpan } from '../../core/observability/otlp-import/index.ts';
import {
  decodeMessage,
  encodeMessage,
  EXPORT_RESPONSE,
  LOGS,
  RPC_STATUS,
  TRACES,
} from '../../core/observability/otlp-wire/index.ts';
import type { MessageTable } from '../../core/observability/otlp-wire/index.ts';
import { noPort } from './errors.ts';

export interface Receiver {
  /** `http://127.0.0.1:4318`, for OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly origin: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface ReceiverPorts {
  /** Rejects when the spans could not be kept; the sender then tries again. */
  readonly onSpans: (spans: readonly IncomingSpan[]) => void;
  /** The usual port, unless a test has another one. */
  readonly port?: number;
}

/** OTLP/HTTP has it from the registry of ports. */
const USUAL_PORT = 4318;
/** Others listen on 4318 too, such as collectors and the AI Toolkit. */
const MOST_PORTS = 50;
const MOST_BYTES = 16 * 1024 ** 2;
const MOST_UNZIPPED = 64 * 1024 ** 2;
const LIMIT_MS = 30_000;

const unzipped = promisify(gunzip);

/**
 * Takes traces over OTLP/HTTP on the loopback address alone. Web pages are kept out: they would come with an origin, or under
 * another host's name. Throws `receiver-no-port` when none of the ports from 4318 on is free.
 */
export async function openReceiver({ onSpans, port: first = USUAL_PORT }: ReceiverPorts): Promise<Receiver> {
  const server = createServer((request, response) => {
    answer(request, onSpans).then(
      (reply) => send(response, reply),
      (error: unknown) => send(response, { status: 500, type: 'text/plain', body: messageOf(error) }),
    );
  });
  server.requestTimeout = LIMIT_MS;
  server.headersTimeout = LIMIT_MS;
  const port = await listen(server, first);
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, first: number): Promise<number> {
  for (let port = first; ; port += 1) {
    try {
      return await tryPort(server, port);
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || port >= first + MOST_PORTS) throw noPort(error);
    }
  }
}

function tryPort(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
}

async function answer(request: IncomingMessage, onSpans: ReceiverPorts['onSpans']): Promise<Reply> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const isJson = type === 'application/json';
  const refuse = (status: number, message: string): Reply =>
    replyWith(isJson, status, RPC_STATUS, { message });
  if (request.headers.origin !== undefined || !isLoopback(request.headers.host))
    return refuse(403, 'Only programs of this machine may send traces.');
  const table = { '/v1/traces': TRACES, '/v1/logs': LOGS, '/v1/metrics': undefined }[request.url ?? ''];
  const isMetrics = request.url === '/v1/metrics';
  if (!table && !isMetrics) return refuse(404, 'Traces go to /v1/traces.');
  if (request.method !== 'POST') return refuse(405, 'Traces are sent with POST.');
  if (!isJson && type !== 'application/x-protobuf')
    return refuse(415, 'OTLP comes as application/json or application/x-protobuf.');
  const body = await bodyOf(request);
  if (!body) return refuse(413, 'The request is too large; send fewer spans at once.');
  // Nothing is made of metrics, and senders of them must not be told to try again.
  if (!table) return replyWith(isJson, 200, EXPORT_RESPONSE, {});
  try {
    const bytes = await unpacked(body, request.headers['content-encoding']);
    const message = isJson
      ? (JSON.parse(new TextDecoder().decode(bytes)) as unknown)
      : decodeMessage(table, bytes);
    return replyWith(isJson, 200, EXPORT_RESPONSE, take(message, onSpans));
  } catch (error) {
    if (error instanceof SyntaxError || isStrataError(error) || isZipError(error))
      return refuse(400, messageOf(error));
    throw error;
  }
}

/** The answer to a request whose spans were taken: how many of them made no sense. */
function take(message: unknown, onSpans: ReceiverPorts['onSpans']): object {
  // An empty request is a question whether somebody listens.
  if (typeof message === 'object' && message !== null && Object.keys(message).length === 0) return {};
  const { spans, logs, unreadable } = readMessage(message);
  const all = [...spans, ...spansOfLogs(logs)];
  if (all.length > 0) onSpans(all);
  if (unreadable === 0) return {};
  return {
    partialSuccess: { rejectedSpans: String(unreadable), errorMessage: 'Some spans have no id or no time.' },
  };
}

function replyWith(isJson: boolean, status: number, table: MessageTable, message: object): Reply {
  return isJson
    ? { status, type: 'application/json', body: JSON.stringify(message) }
    : { status, type: 'application/x-protobuf', body: encodeMessage(table, message) };
}

function send(response: ServerResponse, { status, type, body }: Reply): void {
  // The rest of a request that was not read would be taken for the next one.
  response.writeHead(status, { 'content-type': type, ...(status === 200 ? {} : { connection: 'close' }) });
  response.end(body);
}

/** Undefined when it is too large. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > MOST_BYTES) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function unpacked(body: Buffer, encoding: string | undefined): Promise<Buffer> {
  return encoding === 'gzip' ? unzipped(body, { maxOutputLength: MOST_UNZIPPED }) : body;
}

function isZipError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(Z_|ERR_BUFFER_TOO_LARGE)/.test(String(error.code));
}

/** A page could reach this address under a name of its own that leads here. */
function isLoopback(host: string | undefined): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host ?? '');
}
