// A model server without latency, in a process of its own: its work is nobody's. It writes as the official one does.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerAt, MODEL, PIECE } from './answer.ts';

/** What an answer's stream is made of, made once for each path. */
const streams = new Map<string, readonly string[]>();

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    if (!response.headersSent) response.writeHead(500);
    response.end(JSON.stringify({ error: { message: String(error) } }));
  });
});
server.keepAliveTimeout = 60_000;
// Closed when the benchmark ends, however it does.
process.stdin.on('close', () => process.exit()).resume();
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const address = request.url ?? '';
  const { chunks, written } = answerAt(address);
  await readAll(request);
  let events = streams.get(address);
  if (!events) streams.set(address, (events = eventsOf(chunks)));
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  if (written === 'packed') {
    response.end(events.join(''));
    return;
  }
  response.socket?.setNoDelay(true);
  for (const event of events) {
    if (response.destroyed) return;
    // The event loop turns between two writes, so that each leaves by itself.
    await new Promise<void>((resolve) => void response.write(event, () => resolve()));
  }
  response.end();
}

function eventsOf(chunks: number): readonly string[] {
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_780_000_000, model: MODEL };
  const rest = { service_tier: 'default', system_fingerprint: 'fp_1' };
  const event = (choices: readonly object[], usage: object | null): string =>
    `data: ${JSON.stringify({ ...head, ...rest, choices, usage, obfuscation: 'k3Jd8sQ' })}\n\n`;
  const delta = (part: object, finish: string | null = null): string =>
    event([{ index: 0, delta: part, logprobs: null, finish_reason: finish }], null);
  const usage = {
    prompt_tokens: 400,
    completion_tokens: chunks,
    total_tokens: 400 + chunks,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
  return [
    delta({ role: 'assistant', content: '', refusal: null }),
    ...Array.from({ length: chunks }, () => delta({ content: PIECE })),
    delta({}, 'stop'),
    event([], usage),
    'data: [DONE]\n\n',
  ];
}

function readAll(request: IncomingMessage): Promise<void> {
  return new Promise((resolve, reject) => void request.on('end', resolve).on('error', reject).resume());
}
