import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { openProvider } from '../../extension/src/node/providers/index.ts';
import { textOf } from '../../extension/src/protocol/message.ts';

const CALLS = 5;

function chunk(delta: object, finish: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices })}\n\n`;
}

const ANSWER = chunk({ content: 'hello' }) + chunk({}, 'stop');

interface Counted {
  readonly texts: readonly string[];
  readonly connections: number;
}

/** Calls one after the other, answered as `end` does after the answer's last chunk. */
async function calls(end: (response: ServerResponse) => void): Promise<Counted> {
  let connections = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(ANSWER);
      end(response);
    });
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const provider = await openProvider({ id: 'openai/m', provider: 'openai', model: 'm', baseUrl }, 'key');
    const texts: string[] = [];
    for (let call = 0; call < CALLS; call += 1) {
      const { message } = await provider.chat({
        messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
        tools: [],
        signal: new AbortController().signal,
        onText: () => undefined,
      });
      texts.push(textOf(message));
      // Time for the rest of the response, which a call does not wait for.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return { texts, connections };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('a server that ends its response right after the answer is asked over one connection', async () => {
  const { texts, connections } = await calls((response) => response.end('data: [DONE]\n\n'));
  assert.deepEqual(texts, Array<string>(CALLS).fill('hello'));
  assert.equal(connections, 1);
});

test('a server that ends its response a little later is asked over one connection too', async () => {
  const { texts, connections } = await calls((response) => {
    response.write('data: [DONE]\n\n');
    setTimeout(() => response.end(), 5);
  });
  assert.deepEqual(texts, Array<string>(CALLS).fill('hello'));
  assert.equal(connections, 1);
});

test('a server that never ends its response is not waited for', async () => {
  const { texts } = await calls((response) => void response.write('data: [DONE]\n\n'));
  assert.deepEqual(texts, Array<string>(CALLS).fill('hello'));
});
