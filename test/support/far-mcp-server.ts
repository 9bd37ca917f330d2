import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '../../extension/src/base/json.ts';

export interface FarServer {
  readonly url: string;
  /** What it offers, which a test may change. */
  tools: readonly JsonObject[];
  /** Every request that it was sent, as `METHOD path` and, where there is one, the method of the protocol. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

interface Rpc {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly protocolVersion?: string };
}

/** An MCP server at an address, of the older revision, whose only way to have been started is to have been asked. */
export async function farServer(): Promise<FarServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const answer = request.method === 'POST' ? answerTo(body, far.tools) : undefined;
      asked.push([request.method, request.url, methodIn(body)].filter(Boolean).join(' '));
      const status = request.method === 'POST' ? (answer ? 200 : 202) : 405;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(answer ? JSON.stringify(answer) : '');
    });
  });
  const far: FarServer = {
    url: await listen(server),
    tools: oneTool,
    asked,
    close: () => closed(server),
  };
  return far;
}

const oneTool = [{ name: 'do', description: 'Does it.', inputSchema: { type: 'object' } }];

/** What a plain server answers to a message; nothing to a notice. */
export function answerTo(body: string, tools: readonly JsonObject[] = oneTool): object | undefined {
  const { id, method, params } = JSON.parse(body) as Rpc;
  if (id === undefined) return undefined;
  const results: Readonly<Record<string, object>> = {
    initialize: {
      protocolVersion: params?.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: 'far', version: '1' },
    },
    'tools/list': { tools },
    'tools/call': { content: [{ type: 'text', text: 'done' }] },
  };
  const result = results[method ?? ''];
  return result
    ? { jsonrpc: '2.0', id, result }
    : { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } };
}

function methodIn(body: string): string | undefined {
  return body === '' ? undefined : (JSON.parse(body) as Rpc).method;
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
  return body;
}

/** On a free port of the loopback; returns its address without a path. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function closed(server: Server): Promise<void> {
  const ended = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await ended;
}
