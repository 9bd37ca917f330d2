import { APIError } from 'openai';
import { isObject, memberOf } from '../foreign.ts';

/** What comes after the stream's own mark of its end is read for so long: only a connection that was read is used again. */
const REST_MS = 1_000;

interface ServerSentEvent {
  readonly name: string;
  readonly data: string;
}

/**
 * The chunks of a streamed chat completion. The SDK's own reader hangs up at `[DONE]`, before the server has ended the
 * response, so that each call needs a new connection. Throws an `APIError` for an error within the stream, and a
 * `SyntaxError` for what is no JSON.
 */
export async function* readChunks(response: Response): AsyncGenerator<unknown, void, undefined> {
  if (!response.body) return;
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  const decoder = new TextDecoder();
  const split = splitEvents();
  let isDone = false;
  try {
    for (let ended = false; !ended;) {
      const { done, value } = await reader.read();
      ended = done;
      for (const event of split(decoder.decode(value, { stream: !done }), done)) {
        isDone = event.data.trim() === '[DONE]';
        if (isDone) return;
        yield chunkOf(event, response.headers);
      }
    }
  } finally {
    if (isDone) void readRest(reader);
    // Without effect on a stream that has ended.
    else void reader.cancel().catch(() => undefined);
  }
}

function chunkOf({ name, data }: ServerSentEvent, headers: Headers): unknown {
  const chunk: unknown = JSON.parse(data);
  // Some servers send `"error": null` with every chunk.
  const error = memberOf(chunk, 'error') || undefined;
  if (error === undefined && name !== 'error') return chunk;
  const told = error ?? chunk;
  throw new APIError(undefined, isObject(told) ? told : { message: String(told) }, undefined, headers);
}

async function readRest(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const hangUp = (): void => void reader.cancel().catch(() => undefined);
  const timer = setTimeout(hangUp, REST_MS);
  timer.unref();
  try {
    while (!(await reader.read()).done);
  } catch {
    // The answer is complete: how its connection ends is nobody's loss.
  } finally {
    clearTimeout(timer);
  }
}

/** Takes text as it comes and returns the events that it completes. https://html.spec.whatwg.org/#parsing-an-event-stream */
function splitEvents(): (text: string, isLast: boolean) => readonly ServerSentEvent[] {
  let rest = '';
  let name = '';
  let data: string | undefined;
  return (text, isLast) => {
    const events: ServerSentEvent[] = [];
    const dispatch = (): void => {
      if (data !== undefined) events.push({ name, data });
      name = '';
      data = undefined;
    };
    rest += text;
    // A carriage return at the end may be the first half of a line break.
    const whole = isLast || !rest.endsWith('\r') ? rest : rest.slice(0, -1);
    const lines = whole.split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '') + rest.slice(whole.length);
    if (isLast) lines.push(rest, '');
    for (const line of lines) {
      if (line === '') dispatch();
      else if (line.startsWith('data:')) {
        const value = valueOf(line, 'data:');
        data = data === undefined ? value : `${data}\n${value}`;
      } else if (line.startsWith('event:')) name = valueOf(line, 'event:');
    }
    return events;
  };
}

function valueOf(line: string, field: string): string {
  return line.slice(line.startsWith(' ', field.length) ? field.length + 1 : field.length);
}
