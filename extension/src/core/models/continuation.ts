import type { AssistantMessage, Message } from '../../protocol/message.ts';
import type { ChatReply, ChatRequest } from './provider.ts';

/**
 * Goes on with an answer that broke off: the request asks for the rest, and what comes is joined to what was shown
 * already. Models that are asked so often begin a few words earlier or start over, so the beginning of what comes is
 * held back until it is known what of it is new.
 */
export interface Continuation {
  readonly request: ChatRequest;
  /** Takes text as it streams; returns what of it is new. */
  push(text: string): string;
  /** What was still held back, when no more comes. */
  flush(): string;
  /** The whole answer, once all text was pushed. */
  join(reply: ChatReply): ChatReply;
  /** The model answered anew in other words, so that what was shown before is no part of the answer. */
  startedOver(): boolean;
}

/** So much of the new text decides whether it repeats anything; the rest streams. */
const HELD = 200;
/** Two texts that share fewer characters do so by chance: the end of one word, the beginning of the next. */
const SHORTEST_OVERLAP = 12;

const ASK_ON =
  'The connection broke off in the middle of your last message. Go on exactly where it ends, with the next character. ' +
  'Do not repeat any of it, do not begin anew, and do not mention the interruption. Make tool calls as if nothing had happened.';

export function continueAfter(request: ChatRequest, partial: string): Continuation {
  const asked: readonly Message[] = [
    ...request.messages,
    { role: 'assistant', content: [{ type: 'text', text: partial }] },
    { role: 'user', content: [{ type: 'text', text: ASK_ON }] },
  ];
  let held = '';
  let isDecided = false;
  /** Where in the answer so far the repetition began, and how far it has come. */
  let repeating: { readonly from: number; to: number } | undefined;
  let anew = false;
  let fresh = '';

  const repeat = (text: string): string => {
    if (!repeating) return text;
    const { from, to } = repeating;
    const same = sharedPrefix(partial.slice(to, to + text.length), text);
    repeating.to += same;
    if (same === text.length) return '';
    repeating = undefined;
    const rest = text.slice(same);
    if (to + same === partial.length) return rest;
    // Not all of it came again: from the beginning it was another answer, from elsewhere a likeness by chance.
    anew = from === 0;
    return partial.slice(from, to + same) + rest;
  };

  const decide = (): string => {
    isDecided = true;
    const text = held;
    held = '';
    const from = whereRepeated(partial, text);
    if (from === undefined) return text;
    repeating = { from, to: from };
    return repeat(text);
  };

  const taken = (text: string): string => {
    fresh += text;
    return text;
  };

  return {
    request: { ...request, messages: asked },
    push: (text) => {
      if (isDecided) return taken(repeat(text));
      held += text;
      return held.length < HELD ? '' : taken(decide());
    },
    flush: () => (isDecided ? '' : taken(decide())),
    join: (reply) => ({ ...reply, message: withText(reply.message, anew ? fresh : partial + fresh) }),
    startedOver: () => anew,
  };
}

/** The message with its text in one piece, where the first piece of it stood; before its tool calls when it had none. */
function withText({ content }: AssistantMessage, text: string): AssistantMessage {
  const thoughts = content.filter(({ type }) => type === 'reasoning');
  const calls = content.filter(({ type }) => type === 'tool-call');
  return { role: 'assistant', content: [...thoughts, { type: 'text', text }, ...calls] };
}

function sharedPrefix(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length += 1;
  return length;
}

/**
 * Where in `before` the text `next` begins again: at a place from which it goes on to the end of the one or the other.
 * Undefined when it does not, or by chance.
 */
function whereRepeated(before: string, next: string): number | undefined {
  const shortest = Math.min(SHORTEST_OVERLAP, before.length, next.length);
  const start = next.slice(0, shortest);
  if (start === '') return undefined;
  for (let at = before.indexOf(start); at >= 0; at = before.indexOf(start, at + 1)) {
    const shared = sharedPrefix(before.slice(at, at + next.length), next);
    if (at + shared === before.length || shared === next.length || (at === 0 && shared >= HELD / 2))
      return at;
  }
  return undefined;
}
