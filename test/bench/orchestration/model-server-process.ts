// An OpenAI-compatible server without latency, in a process of its own, so that its work is not counted as a contender's. It
// asks for one tool call after the other, and refuses a request in which the result of the call before is missing.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MODEL, READ, markOf, pathOf } from './task.ts';
import type { SessionReport } from './model-server.ts';

type Counts = { -readonly [Name in keyof SessionReport]: SessionReport[Name] };

interface Session extends Counts {
  readonly steps: number;
  /** Told when the request is there that is held for ever. */
  onHeld: ((report: SessionReport) => void) | undefined;
  holdAt: number | undefined;
}

const sessions = new Map<string, Session>();
let replies = 0;

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    response.writeHead(500).end(JSON.stringify({ error: { message: String(error) } }));
  });
});
server.keepAliveTimeout = 60_000;
// Closed when the benchmark ends, however it does.
process.stdin.on('close', () => process.exit()).resume();
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const arrived = performance.timeOrigin + performance.now();
  const body = await readAll(request);
  const [, id = '', what = ''] = (request.url ?? '').split('/');
  if (id === 'sessions') {
    const { steps, holdAt } = JSON.parse(body) as { steps: number; holdAt?: number };
    const opened = `${sessions.size + 1}`;
    const counts = { requests: 0, chats: 0, results: 0, summaries: 0, held: false, resumedAt: undefined };
    sessions.set(opened, { steps, holdAt, onHeld: undefined, ...counts });
    respond(response, { id: opened });
    return;
  }
  const session = sessions.get(id);
  if (!session) throw new Error(`no session ${id}`);
  if (what === 'report') respond(response, reportOf(session));
  else if (what === 'held') {
    if (session.held) respond(response, reportOf(session));
    else session.onHeld = (report) => respond(response, report);
  } else {
    session.requests += 1;
    if (session.held) session.resumedAt ??= arrived;
    chat(session, body, response);
  }
}

function chat(session: Session, body: string, response: ServerResponse): void {
  const streamed = body.includes('"stream":true');
  const input = Math.ceil(body.length / 4);
  if (!body.includes('"tools":[')) {
    session.summaries += 1;
    send(
      response,
      text('## Decided\n- Go on reading.\n## Open points\n- The files that are left.'),
      input,
      streamed,
    );
    return;
  }
  const answered = session.chats;
  if (answered > 0) {
    // The result stands near the end; what was said before may have been condensed.
    if (!body.includes(markOf(pathOf(answered)))) {
      response.writeHead(400).end(JSON.stringify({ error: { message: `call ${answered} has no result` } }));
      return;
    }
    session.results = answered;
  }
  if (session.holdAt === answered + 1) {
    session.holdAt = undefined;
    session.held = true;
    session.onHeld?.(reportOf(session));
    return;
  }
  if (answered === session.steps) {
    send(response, text('It is about values.'), input, streamed);
    return;
  }
  session.chats = answered + 1;
  send(response, call(answered + 1), input, streamed);
}

function reportOf({ requests, chats, results, summaries, held, resumedAt }: Session): SessionReport {
  return { requests, chats, results, summaries, held, resumedAt };
}

interface Answer {
  readonly content: string | null;
  readonly call: { readonly id: string; readonly args: string } | undefined;
}

function text(content: string): Answer {
  return { content, call: undefined };
}

function call(number: number): Answer {
  return { content: null, call: { id: `call_${number}`, args: JSON.stringify({ path: pathOf(number) }) } };
}

/** As the official server writes it: about a token an event. */
const PIECE = 6;

function send(response: ServerResponse, answer: Answer, input: number, streamed: boolean): void {
  const usage = { prompt_tokens: input, completion_tokens: 20, total_tokens: input + 20 };
  // LangGraph takes two messages with one id for two versions of one.
  const head = { id: `chatcmpl-${(replies += 1)}`, created: 1_780_000_000, model: MODEL };
  const finish = answer.call ? 'tool_calls' : 'stop';
  if (!streamed) {
    const { content } = answer;
    const calls = answer.call && [
      { id: answer.call.id, type: 'function', function: { name: READ.name, arguments: answer.call.args } },
    ];
    const message = { role: 'assistant', content, refusal: null, ...(calls ? { tool_calls: calls } : {}) };
    respond(response, {
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
      usage,
    });
    return;
  }
  const deltas: object[] = [
    { role: 'assistant', content: answer.content === null ? null : '', refusal: null },
  ];
  if (answer.call) {
    const { id, args } = answer.call;
    deltas.push({
      tool_calls: [{ index: 0, id, type: 'function', function: { name: READ.name, arguments: '' } }],
    });
    for (const part of pieces(args))
      deltas.push({ tool_calls: [{ index: 0, function: { arguments: part } }] });
  } else for (const part of pieces(answer.content ?? '')) deltas.push({ content: part });
  const chunk = (choices: readonly object[], counted: object | null): string =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, usage: counted })}\n\n`;
  const events = deltas.map((delta) =>
    chunk([{ index: 0, delta, logprobs: null, finish_reason: null }], null),
  );
  events.push(
    chunk([{ index: 0, delta: {}, logprobs: null, finish_reason: finish }], null),
    chunk([], usage),
  );
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.end(`${events.join('')}data: [DONE]\n\n`);
}

function pieces(whole: string): string[] {
  return whole.match(new RegExp(`[^]{1,${PIECE}}`, 'g')) ?? [];
}

function respond(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function readAll(request: IncomingMessage): Promise<string> {
  request.setEncoding('utf8');
  const parts: string[] = [];
  for await (const part of request) parts.push(String(part));
  return parts.join('');
}
