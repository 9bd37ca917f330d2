import {
  badResponse,
  brokenStream,
  withJsonText,
  type ChatCall,
  type ChatReply,
} from '../../core/models/index.ts';
import { readEvents } from './event-stream.ts';
import { errorOf, toModelError, type SdkFailure } from './failures.ts';
import { isObject, memberOf, textMember } from './foreign.ts';
import { startWatchdog, type StreamLimits } from './limits.ts';

/** Gathers the events of one wire format into a reply. */
export interface StreamReader {
  /** Returns true when something of the answer (text, reasoning, a tool call) arrived. Throws a `ModelError` on nonsense. */
  read(event: unknown): boolean;
  /** The format's own mark of the end has been seen. */
  ended(): boolean;
  /** Whether nothing that belongs to the reply can follow. */
  complete(): boolean;
  reply(): Omit<ChatReply, 'firstTokenMs'>;
}

export interface StreamingCall {
  readonly limits: StreamLimits;
  readonly key: string | undefined;
  readonly open: (signal: AbortSignal) => Promise<Response>;
  readonly reader: (call: ChatCall) => StreamReader;
  readonly asAnswer: (error: unknown) => SdkFailure | undefined;
}

/** One call of an SDK from its start to its end, whatever the wire format. Throws a `ModelError` and nothing else. */
export async function runCall(call: ChatCall, how: StreamingCall): Promise<ChatReply> {
  const watchdog = startWatchdog(how.limits, call.signal);
  const started = performance.now();
  const shown = batched(call);
  const reader = how.reader(shown.call);
  let firstTokenMs: number | undefined;
  let arrived = false;
  let streaming = false;
  try {
    const response = await how.open(watchdog.signal);
    await expectStream(response);
    streaming = true;
    await readEvents(response, {
      event: (name, data) => {
        if (data.startsWith(DONE)) return true;
        if (data.trim() === '') return false;
        const event: unknown = JSON.parse(data);
        const failure = failureIn(name, event);
        if (failure !== undefined) throw errorOf({ body: failure, headers: response.headers }, how.key);
        if (reader.read(event)) arrived = true;
        return reader.complete();
      },
      batch: () => {
        watchdog.beat();
        if (arrived) firstTokenMs ??= performance.now() - started;
        shown.flush();
      },
    });
    // Aborted by what was shown, when everything had arrived already.
    if (watchdog.signal.aborted) throw new Error('aborted');
    if (!reader.ended()) throw brokenStream('the end is missing');
    const whole = reader.reply();
    const reply = call.responseSchema === undefined ? whole : withJsonText(whole);
    return firstTokenMs === undefined ? reply : { ...reply, firstTokenMs };
  } catch (error) {
    throw toModelError(error, { ...how, watchdog, caller: call.signal, streaming });
  } finally {
    watchdog.stop();
  }
}

/** How chat completions say that nothing follows. */
const DONE = '[DONE]';

/** The error that an event holds, in any of the formats. Some servers send `"error": null` with every chunk. */
function failureIn(name: string, event: unknown): unknown {
  const error = memberOf(event, 'error') || undefined;
  if (error !== undefined) return error;
  if (name === 'error') return event;
  const failed = memberOf(event, 'type') === 'response.failed';
  return failed ? (memberOf(memberOf(event, 'response'), 'error') ?? event) : undefined;
}

/** The call with texts that are gathered until `flush`: whoever shows them is told once for each piece of the network. */
function batched(call: ChatCall): { readonly call: ChatCall; readonly flush: () => void } {
  let text = '';
  let reasoning = '';
  const flush = (): void => {
    const [said, thought] = [text, reasoning];
    text = '';
    reasoning = '';
    if (thought !== '') call.onReasoning?.(thought);
    if (said !== '') call.onText(said);
  };
  return {
    call: {
      ...call,
      onText: (piece) => {
        text += piece;
      },
      onReasoning: (piece) => {
        // What was said before comes first.
        if (text !== '') flush();
        reasoning += piece;
      },
    },
    flush,
  };
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
