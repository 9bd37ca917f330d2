import type { Json } from '../../../base/json.ts';
import type { Message } from '../../../protocol/message.ts';
import { memberOf, messageIn, textIn } from './message-form.ts';

/**
 * Requests and answers of OpenAI's own interfaces, which libraries keep as they went over the wire: the chat completions and the
 * Responses. https://platform.openai.com/docs/api-reference
 */
export function messagesOfBody(body: Json): readonly Message[] | undefined {
  const choices = memberOf(body, 'choices');
  if (Array.isArray(choices)) {
    const [first] = choices as readonly Json[];
    const message = first === undefined ? undefined : memberOf(first, 'message');
    return filled(message === undefined ? [] : messageIn(message));
  }
  if (memberOf(body, 'object') === 'response') return itemsIn(memberOf(body, 'output'));
  const input = memberOf(body, 'input');
  if (memberOf(body, 'model') === undefined || input === undefined) return undefined;
  const asked: readonly Message[] | undefined =
    typeof input === 'string' ? [{ role: 'user', content: [{ type: 'text', text: input }] }] : itemsIn(input);
  const instructions = memberOf(body, 'instructions');
  if (!asked || typeof instructions !== 'string') return asked;
  return [{ role: 'system', text: instructions }, ...asked];
}

/** A message, or an item of the Responses, where calls and results stand beside the messages. */
export function itemIn(item: Json): readonly Message[] {
  switch (memberOf(item, 'type')) {
    case 'function_call':
      return messageIn({
        role: 'assistant',
        content: [
          {
            type: 'tool_call',
            id: callIdOf(item),
            name: memberOf(item, 'name') ?? '',
            arguments: memberOf(item, 'arguments') ?? {},
          },
        ],
      });
    // The Agents SDK has a name of its own for it.
    case 'function_call_output':
    case 'function_call_result': {
      const output = memberOf(item, 'output') ?? '';
      return messageIn({ role: 'tool', tool_call_id: callIdOf(item), content: output });
    }
    case 'reasoning': {
      const summary = memberOf(item, 'summary');
      const parts = Array.isArray(summary) ? (summary as readonly Json[]) : [];
      const text = parts.map(textIn).join('\n\n');
      return text === '' ? [] : [{ role: 'assistant', content: [{ type: 'reasoning', text }] }];
    }
    default:
      return messageIn(item);
  }
}

/** What stands beside each other of one answer is one message, as it was said. */
export function joined(messages: readonly Message[]): readonly Message[] {
  const result: Message[] = [];
  for (const message of messages) {
    const last = result.at(-1);
    if (message.role === 'assistant' && last?.role === 'assistant')
      result.splice(-1, 1, { role: 'assistant', content: [...last.content, ...message.content] });
    else result.push(message);
  }
  return result;
}

function itemsIn(value: Json | undefined): readonly Message[] | undefined {
  return Array.isArray(value) ? filled((value as readonly Json[]).flatMap(itemIn)) : undefined;
}

function filled(messages: readonly Message[]): readonly Message[] | undefined {
  return messages.length > 0 ? messages : undefined;
}

function callIdOf(item: Json): Json {
  return memberOf(item, 'call_id') ?? memberOf(item, 'callId') ?? '';
}
