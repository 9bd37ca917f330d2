import { badResponse, brokenStream, type ChatCall, type ChatReply } from '../../core/models/index.ts';
import { toModelError, type SdkFailure } from './failures.ts';
import { isObject, textMember } from './foreign.ts';
import { startWatchdog, type StreamLimits } from './limits.ts';

/** Gathers the events of one wire format into a reply. */
export interface StreamReader {
  /** Returns true when something of the answer (text, reasoning, a tool call) arrived. Throws a `ModelError` on nonsense. */
  read(event: unknown): boolean;
  /** The format's own mark of the end has been seen. */
  ended(): boolean;
  reply(): Omit<ChatReply, 'firstTokenMs'>;
}

export interface StreamingCall {
  readonly limits: StreamLimits;
  readonly key: string | undefined;
  readonly open: (
    signal: AbortSignal,
  ) => Promise<{ readonly data: AsyncIterable<unknown>; readonly response: Response }>;
  readonly reader: StreamReader;
  readonly asAnswer: (error: unknown) => SdkFailure | undefined;
}

/** One call of an SDK from its start to its end, whatever the wire format. Throws a `ModelError` and nothing else. */
export async function runCall(call: ChatCall, how: StreamingCall): Promise<ChatReply> {
  const watchdog = startWatchdog(how.limits, call.signal);
  const started = performance.now();
  let firstTokenMs: number | undefined;
  let streaming = false;
  try {
    const { data, response } = await how.open(watchdog.signal);
    await expectStream(response);
    streaming = true;
    for await (const event of data) {
      watchdog.beat();
      if (how.reader.read(event)) firstTokenMs ??= performance.now() - started;
    }
    // An aborted SDK stream ends as if it were complete.
    if (watchdog.signal.aborted) throw new Error('aborted');
    if (!how.reader.ended()) throw brokenStream('the end is missing');
    const reply = how.reader.reply();
    return firstTokenMs === undefined ? reply : { ...reply, firstTokenMs };
  } catch (error) {
    throw toModelError(error, { ...how, watchdog, caller: call.signal, streaming });
  } finally {
    watchdog.stop();
  }
}

async function expectStream(response: Response): Promise<void> {
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('text/html')) {
    await response.body?.cancel();
    throw badResponse(
      'the server answered with an HTML page instead of a model’s answer',
      'Check the address: a web page, a login or a proxy answers there. Many addresses end in /v1.',
    );
  }
  if (type.includes('application/json')) {
    const said = messageIn(await response.text());
    throw badResponse(
      `the server answered with plain JSON instead of a stream${said === undefined ? '' : `: ${said}`}`,
    );
  }
}

function messageIn(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    const error = isObject(parsed) ? parsed.error : undefined;
    return typeof error === 'string' ? error : textMember(error, 'message');
  } catch {
    // Not even JSON: there is nothing to quote.
    return undefined;
  }
}

/** A whole reply, or `bad-response` when there is nothing in it. */
export function requireContent(reply: Omit<ChatReply, 'firstTokenMs'>): Omit<ChatReply, 'firstTokenMs'> {
  const useful = reply.message.content.some(
    (part) => part.type === 'tool-call' || (part.type === 'text' && part.text.trim() !== ''),
  );
  if (useful) return reply;
  if (reply.stop === 'length') throw badResponse('the limit on output tokens was reached before any answer');
  throw badResponse('the answer was empty');
}
