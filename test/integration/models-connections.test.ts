import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { openProvider } from '../../extension/src/node/providers/index.ts';
import { textOf } from '../../extension/src/protocol/message.ts';

const CALLS = 3;

/** The last event says that nothing follows, in each format. */
const ANSWERS = {
  openai: [
    { model: 'm', choices: [{ index: 0, delta: { content: 'hello' }, finish_reason: null }] },
    { model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    '[DONE]',
  ],
  responses: [
    { type: 'response.output_text.delta', output_index: 0, delta: 'hello' },
    { type: 'response.completed', response: { status: 'completed', model: 'm' } },
  ],
  anthropic: [
    { type: 'message_start', message: { model: 'm' } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'hello' } },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
    { type: 'message_stop' },
  ],
} as const;
type Format = keyof typeof ANSWERS;

function written(event: object | string): string {
  return `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`;
}

interface Counted {
  readonly texts: readonly string[];
  readonly connections: number;
}

/** Calls one after the other, answered as `end` does after the answer's last chunk. */
async function calls(
  format: Format,
  end: (response: ServerResponse, last: string) => void,
): Promise<Counted> {
  let connections = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const events = ANSWERS[format].map(written);
      response.write(events.slice(0, -1).join(''));
      end(response, events.at(-1) ?? '');
    });
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const wire =
      format === 'anthropic'
        ? ({ provider: 'anthropic' } as const)
        : ({ provider: 'openai', api: format === 'openai' ? 'chat' : 'responses' } as const);
    const provider = await openProvider({ id: 'a/m', model: 'm', baseUrl, ...wire }, 'key');
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
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return { texts, connections };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

for (const format of ['openai', 'responses', 'anthropic'] as const) {
  test(`${format}: a server that ends its response right after the answer is asked over one connection`, async () => {
    const { texts, connections } = await calls(format, (response, last) => response.end(last));
    assert.deepEqual(texts, Array<string>(CALLS).fill('hello'));
    assert.equal(connections, 1);
  });

  test(`${format}: a server that ends its response a little later is asked over one connection too`, async () => {
    const { texts, connections } = await calls(format, (response, last) => {
      response.write(last);
      setTimeout(() => response.end(), 5);
    });
    assert.deepEqual(texts, Array<string>(CALLS).fill('hello'));
    assert.equal(connections, 1);
  });

  test(`${format}: a server that never ends its response is not waited for`, async () => {
    const { texts } = await calls(format, (response, last) => void response.write(last));
    assert.deepEqual(texts, Array<string>(CALLS).fill('hello'));
  });
}
