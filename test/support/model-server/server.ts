import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { JsonObject } from '../../../extension/src/base/json.ts';
import { anthropicWire } from './anthropic-wire.ts';
import { openaiWire } from './openai-wire.ts';
import { parseObject } from './read-json.ts';
import { responsesWire } from './responses-wire.ts';
import {
  WireMistake,
  type Fault,
  type Script,
  type ScriptedReply,
  type Understood,
  type Wire,
  type WireEvent,
  type WireFormat,
  type WireRequest,
} from './script.ts';

export interface ModelServer {
  /** Such as `http://127.0.0.1:40123`, without a path. */
  readonly url: string;
  /** Every understood request so far, the refused ones of a wrong key included. */
  readonly requests: readonly WireRequest[];
  /** Closes every connection, also those in the middle of a stream. */
  close(): Promise<void>;
}

export interface ModelServerOptions {
  /** The only key that is accepted; without it every key is. */
  readonly key?: string;
  /** Models of `/api/tags`: name → capabilities, as Ollama's `/api/show` lists them. */
  readonly ollama?: Readonly<Record<string, readonly string[]>>;
}

const WIRES: Readonly<Record<string, { readonly format: WireFormat; readonly wire: Wire }>> = {
  '/v1/chat/completions': { format: 'openai', wire: openaiWire },
  '/v1/responses': { format: 'responses', wire: responsesWire },
  '/v1/messages': { format: 'anthropic', wire: anthropicWire },
};

/** A model API on a free local port that answers by a script. */
export async function startModelServer(
  script: Script,
  options: ModelServerOptions = {},
): Promise<ModelServer> {
  const requests: WireRequest[] = [];
  const sockets = new Set<Socket>();

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (message.url ?? '').split('?')[0] ?? '';
    const source = await readAll(message);
    const known = message.method === 'POST' ? WIRES[path] : undefined;
    if (known === undefined) {
      serveOllama(`${message.method ?? ''} ${path}`, source, response);
      return;
    }
    const { format, wire } = known;
    const body = parseObject(source);
    if (body === undefined) {
      sendJson(response, 400, wire.error(400, 'We could not parse the JSON body of your request.'));
      return;
    }
    const request = understand(wire, {
      format,
      path,
      headers: headersOf(message),
      body,
      signal: hangUpSignal(response),
    });
    if (request instanceof WireMistake) {
      sendJson(response, 400, wire.error(400, request.message));
      return;
    }
    const call = requests.push(request);
    if (options.key !== undefined && wire.keyOf(request.headers) !== options.key) {
      sendJson(
        response,
        401,
        wire.error(401, `Incorrect API key provided: ${wire.keyOf(request.headers) ?? ''}.`),
      );
      return;
    }
    await act(await script(request, call), { request, call, wire, response });
  }

  function serveOllama(what: string, source: string, response: ServerResponse): void {
    const models = options.ollama ?? {};
    const asked = JSON.stringify(parseObject(source)?.model ?? '').slice(1, -1);
    if (what === 'GET /api/tags' && options.ollama !== undefined) {
      sendJson(response, 200, {
        models: Object.keys(models).map((name) => ({ name, model: name, size: 1 })),
      });
    } else if (what === 'POST /api/show' && models[asked] !== undefined) {
      sendJson(response, 200, { details: {}, model_info: {}, capabilities: models[asked] });
    } else {
      sendJson(response, 404, {
        error: { message: `Invalid URL (${what})`, type: 'invalid_request_error', param: null, code: null },
      });
    }
  }

  const server = createServer((message, response) => {
    serve(message, response).catch((error: unknown) => {
      // A script that throws must be seen in the test that wrote it, not as a silent 500.
      if (!response.destroyed)
        sendJson(response, 500, { error: { message: `The script failed: ${String(error)}` } });
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

type Received = Omit<WireRequest, keyof Understood>;

function understand(wire: Wire, received: Received): WireRequest | WireMistake {
  try {
    return { ...received, ...wire.parse(received.body) };
  } catch (error) {
    if (error instanceof WireMistake) return error;
    throw error;
  }
}

interface Exchange {
  readonly request: WireRequest;
  readonly call: number;
  readonly wire: Wire;
  readonly response: ServerResponse;
}

async function act(outcome: ScriptedReply | Fault, exchange: Exchange): Promise<void> {
  const { request, call, wire, response } = exchange;
  if (!('fault' in outcome)) {
    if (request.stream) await stream(outcome, wire.events(outcome, request, call), exchange, 'end');
    else sendJson(response, 200, wire.whole(outcome, request, call));
    return;
  }
  switch (outcome.fault) {
    case 'status': {
      const body = outcome.body ?? wire.error(outcome.status, `Scripted failure ${outcome.status}.`);
      if (typeof body !== 'string') sendJson(response, outcome.status, body, outcome.headers);
      else response.writeHead(outcome.status, { 'content-type': 'text/html', ...outcome.headers }).end(body);
      return;
    }
    case 'garbage':
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end('event: message_start\ndata: {"choices": [oops\n\n');
      return;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>');
      return;
    case 'close':
      response.destroy();
      return;
    case 'cut':
    case 'short':
      await stream(
        outcome.reply,
        first(outcome, exchange),
        exchange,
        outcome.fault === 'cut' ? 'destroy' : 'end',
      );
      return;
    case 'stall':
      if (outcome.afterEvents > 0)
        await stream(outcome.reply ?? {}, first(outcome, exchange), exchange, 'hold');
      return;
    case 'error-event': {
      const events = [
        ...first(outcome, exchange),
        wire.errorEvent(outcome.type, 'Scripted failure within the stream.'),
      ];
      await stream(outcome.reply, events, exchange, 'end');
      return;
    }
  }
}

function first(
  fault: { readonly reply?: ScriptedReply; readonly afterEvents: number },
  { wire, request, call }: Exchange,
): readonly WireEvent[] {
  return wire.events(fault.reply ?? { text: 'unfinished' }, request, call).slice(0, fault.afterEvents);
}

async function stream(
  reply: ScriptedReply,
  events: readonly WireEvent[],
  { request, response }: Exchange,
  end: 'end' | 'destroy' | 'hold',
): Promise<void> {
  const { newline = '\n', comments = false, byteByByte = false, delayMs } = reply.wire ?? {};
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  response.socket?.setNoDelay(true);
  for (const { event, data } of events) {
    if (request.signal.aborted) return;
    const lines = [
      ...(comments ? [': keep-alive', ''] : []),
      ...(event === undefined ? [] : [`event: ${event}`]),
      `data: ${data}`,
      '',
    ];
    const bytes = Buffer.from(lines.map((line) => line + newline).join(''));
    if (byteByByte) for (const byte of bytes) await written(response, Buffer.from([byte]));
    else await written(response, bytes);
    if (delayMs !== undefined) await pause(delayMs);
  }
  if (end === 'end') response.end();
  else if (end === 'destroy') response.destroy();
}

/** A client that hung up ends the stream: its `close` event has aborted the request's signal. */
function written(response: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    response.write(bytes, () => resolve());
  });
}

function hangUpSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

function headersOf(message: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)]));
}

async function readAll(message: IncomingMessage): Promise<string> {
  message.setEncoding('utf8');
  let text = '';
  for await (const chunk of message) text += String(chunk);
  return text;
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: JsonObject,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
