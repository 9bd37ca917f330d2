import type { ChatCall, ChatReply, RawToolCall } from '../../core/models/index.ts';
import { badResponse, readToolCalls, withJsonText } from '../../core/models/index.ts';
import type { AssistantMessage, ReasoningPart, Usage } from '../../protocol/message.ts';
import type { ThinkingPart } from '../editor-messages/parts.ts';
import { readPart } from '../editor-messages/parts.ts';
import { keepThinking } from '../editor-messages/thinking.ts';
import { readUsage } from '../editor-messages/usage.ts';

/** Gathers the parts of an answer. */
export interface ReplyReader {
  /** Whether something of the answer was in it. */
  read(part: unknown): boolean;
  /** Throws `bad-response` for an empty answer and for calls that make no sense. */
  reply(): ChatReply;
}

export function createReplyReader(call: ChatCall, model: string): ReplyReader {
  const thoughts: ThinkingPart[] = [];
  const calls: RawToolCall[] = [];
  let text = '';
  let usage: Usage | undefined;

  const think = (part: ThinkingPart): void => {
    const last = thoughts.at(-1);
    if (part.text !== '') call.onReasoning?.(part.text);
    if (!last || last.id !== part.id) {
      thoughts.push(part);
      return;
    }
    // It comes in pieces, and what it is known by with the last of them.
    const metadata = part.metadata ?? last.metadata;
    thoughts[thoughts.length - 1] = {
      ...last,
      text: last.text + part.text,
      ...(metadata === undefined ? {} : { metadata }),
    };
  };

  return {
    read: (given) => {
      const part = readPart(given);
      switch (part?.kind) {
        case 'text':
          text += part.text;
          if (part.text !== '') call.onText(part.text);
          return part.text !== '';
        case 'thinking':
          think(part);
          return true;
        case 'call':
          calls.push({ id: part.callId, name: part.name, arguments: JSON.stringify(part.input) });
          return true;
        case 'data':
          usage = readUsage(part) ?? usage;
          return false;
        default:
          return false;
      }
    },
    reply: () => {
      if (calls.length === 0 && text.trim() === '') throw badResponse('the answer was empty');
      const reasoning: readonly ReasoningPart[] = thoughts.map(keepThinking);
      const said = text === '' ? [] : [{ type: 'text' as const, text }];
      const content: AssistantMessage['content'] = [
        ...reasoning,
        ...said,
        ...readToolCalls(calls, call.messages, false),
      ];
      const reply: ChatReply = {
        message: { role: 'assistant', content },
        stop: calls.length > 0 ? 'tool-calls' : 'end',
        model,
        usage,
      };
      return call.responseSchema === undefined ? reply : withJsonText(reply);
    },
  };
}
