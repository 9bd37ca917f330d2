import type { AssistantMessage, ImagePart, Message, TextPart } from '../../protocol/message.ts';
import type { DataPart, EditorMessage, EditorPart, TextPart as EditorText } from './parts.ts';
import { readThinking } from './thinking.ts';

/**
 * Our messages as the editor's API takes them. It has no system message, so that is the first of the user's, and the results
 * of calls that were made together are one message, as the editor's own chat sends them.
 */
export function toEditor(messages: readonly Message[]): readonly EditorMessage[] {
  const result: { role: 'user' | 'assistant'; content: EditorPart[] }[] = [];
  let last: Message['role'] | undefined;
  for (const message of messages) {
    const content = partsOf(message);
    const before = result.at(-1);
    if (message.role === 'tool' && last === 'tool') before?.content.push(...content);
    // Models refuse messages without content.
    else if (content.length > 0)
      result.push({ role: message.role === 'assistant' ? 'assistant' : 'user', content });
    last = message.role;
  }
  return result;
}

function partsOf(message: Message): EditorPart[] {
  switch (message.role) {
    case 'system':
      return message.text === '' ? [] : [{ kind: 'text', text: message.text }];
    case 'user':
      return message.content.map(contentPart);
    case 'assistant':
      return message.content.flatMap(assistantPart);
    case 'tool': {
      const { callId, isError } = message;
      return [{ kind: 'result', callId, isError, content: message.content.map(contentPart) }];
    }
  }
}

function contentPart(part: TextPart | ImagePart): EditorText | DataPart {
  if (part.type === 'text') return { kind: 'text', text: part.text };
  return { kind: 'data', mimeType: part.mimeType, data: Buffer.from(part.data, 'base64') };
}

function assistantPart(part: AssistantMessage['content'][number]): readonly EditorPart[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ kind: 'text', text: part.text }];
    case 'tool-call':
      return [{ kind: 'call', callId: part.callId, name: part.tool, input: part.arguments }];
    case 'reasoning':
      // What another provider thought proves nothing to this one.
      return readThinking(part);
  }
}
