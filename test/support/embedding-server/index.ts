import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { meaningVector } from './meanings.ts';

/** One request for vectors as it arrived. */
export interface AskedVectors {
  readonly path: string;
  readonly model: string;
  readonly input: readonly string[];
  readonly body: Readonly<Record<string, unknown>>;
  readonly authorization: string | undefined;
}

/** What is answered in place of the vectors. */
export type Fault =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly alter: (vectors: (number | null)[][]) => unknown[] }
  | { readonly raw: string }
  | 'silence'
  | 'hang-up';

export interface EmbeddingServer {
  readonly origin: string;
  readonly asked: readonly AskedVectors[];
  /** All texts that were ever asked for, in order. */
  texts(): readonly string[];
  /** Decides for each request; undefined answers it. */
  fault: ((asked: AskedVectors, number: number) => Fault | undefined) | undefined;
  dimension: number;
  /** Resolves when so many requests have arrived. */
  arrived(count: number): Promise<void>;
  close(): Promise<void>;
}

/** A server that speaks OpenAI's `/v1/embeddings` and Ollama's `/api/embed`, on a free port of this machine. */
export async function embeddingServer(t: Pick<TestContext, 'after'>): Promise<EmbeddingServer> {
  const asked: AskedVectors[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve()),
  );
  const self: EmbeddingServer = {
    origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    asked,
    texts: () => asked.flatMap(({ input }) => input),
    fault: undefined,
    dimension: 64,
    arrived: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (asked.length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  t.after(() => self.close());

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse(await textOf(request)) as {
      model: string;
      input: string[];
      encoding_format?: string;
    };
    const path = request.url ?? '';
    const { authorization } = request.headers;
    const one = { path, model: body.model, input: body.input, body, authorization };
    asked.push(one);
    for (const check of [...waiting]) check();
    const fault = self.fault?.(one, asked.length);
    if (fault === 'silence') return;
    if (fault === 'hang-up') request.socket.destroy();
    else if (fault !== undefined && 'raw' in fault) response.end(fault.raw);
    else if (fault !== undefined && 'status' in fault) {
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      response.end(JSON.stringify(fault.body ?? { error: { message: 'refused' } }));
    } else {
      const own: (number | null)[][] = body.input.map((text) => meaningVector(text, self.dimension));
      const vectors = fault === undefined ? own : fault.alter(own);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(shaped(path, vectors)));
    }
  }
  return self;
}

function shaped(path: string, vectors: readonly unknown[]): object {
  if (path === '/api/embed') return { model: 'm', embeddings: vectors };
  return {
    object: 'list',
    data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
