import { badResponse } from '../../core/models/index.ts';

/** What comes after the stream's own mark of its end is read for so long: only a connection that was read is used again. */
const REST_MS = 1_000;
/** Far beyond any event of a model API; a server that never ends a line would fill the memory otherwise. */
const LONGEST_EVENT = 64 * 1024 * 1024;

export interface EventSink {
  /** One event. Returns true when it was the last that matters. */
  event(name: string, data: string): boolean;
  /** Called after the events that one piece of the network held, also when one of them was refused. */
  batch(): void;
}

/**
 * Reads server-sent events. All events of a piece of the network are handed over in one go: a promise for each, as the SDKs
 * make, costs more than what is in it. The SDKs also hang up at the last event, before the server has ended the response, so
 * that each call needs a new connection.
 */
export async function readEvents(response: Response, sink: EventSink): Promise<void> {
  if (!response.body) return;
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  const decoder = new TextDecoder();
  const parser = createEventParser((name, data) => sink.event(name, data));
  let isDone = false;
  try {
    for (let ended = false; !ended && !isDone;) {
      const { done, value } = await reader.read();
      ended = done;
      try {
        isDone = parser.push(decoder.decode(value, { stream: !done })) || (done && parser.end());
      } finally {
        sink.batch();
      }
    }
  } finally {
    if (isDone) void readRest(reader);
    // Without effect on a stream that has ended.
    else void reader.cancel().catch(() => undefined);
  }
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

export interface EventParser {
  /** Takes text as it comes. Returns true as soon as an event was the last one. */
  push(text: string): boolean;
  /** Nothing follows: an event that no empty line ended is one all the same. */
  end(): boolean;
}

/** https://html.spec.whatwg.org/#parsing-an-event-stream, but for `id` and `retry`, which no model API uses. */
export function createEventParser(onEvent: (name: string, data: string) => boolean): EventParser {
  let rest = '';
  let name = '';
  let data: string | undefined;
  let afterReturn = false;

  function line(text: string): boolean {
    if (text === '') return dispatch();
    if (text.startsWith('data:')) {
      const value = valueOf(text, 5);
      data = data === undefined ? value : `${data}\n${value}`;
    } else if (text.startsWith('event:')) name = valueOf(text, 6);
    return false;
  }

  function dispatch(): boolean {
    const [event, content] = [name, data];
    name = '';
    data = undefined;
    return content !== undefined && onEvent(event, content);
  }

  /** Line breaks are `\r\n`, `\n` and `\r`; the first may be split between two pieces. */
  function unified(text: string): string {
    const begin = afterReturn && text.startsWith('\n') ? 1 : 0;
    if (text !== '') afterReturn = text.endsWith('\r');
    const own = begin === 0 ? text : text.slice(begin);
    return own.includes('\r') ? own.replace(/\r\n?/g, '\n') : own;
  }

  function push(piece: string): boolean {
    const searched = rest.length;
    const text = rest + unified(piece);
    let start = 0;
    for (let end = text.indexOf('\n', searched); end !== -1; end = text.indexOf('\n', start)) {
      const last = line(text.slice(start, end));
      start = end + 1;
      if (last) return true;
    }
    rest = start === 0 ? text : text.slice(start);
    if (rest.length + (data?.length ?? 0) > LONGEST_EVENT)
      throw badResponse('the stream held an event without an end');
    return false;
  }

  return { push, end: () => (rest !== '' && line(rest)) || dispatch() };
}

function valueOf(line: string, colon: number): string {
  return line.slice(line.startsWith(' ', colon) ? colon + 1 : colon);
}
