import type { Json, JsonObject } from '../../../base/json.ts';
import type { ImagePart, Message, ReasoningPart, TextPart, ToolCallPart } from '../../../protocol/message.ts';
import { jsonOf } from './incoming.ts';

/** A message in any of the forms that libraries write: the conventions', OpenAI's, Anthropic's, the AI SDK's and LangChain's. */
export function messageIn(value: Json): Message[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  // LangChain's own form of a message.
  const inner = memberOf(value, 'kwargs') ?? memberOf(value, 'data');
  const from = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : value;
  const role = roleOf(
    memberOf(value, 'role') ??
      memberOf(from, 'role') ??
      memberOf(from, 'type') ??
      classOf(value) ??
      memberOf(value, 'type'),
  );
  if (role === undefined) return [];
  const content = memberOf(from, 'parts') ?? memberOf(from, 'content') ?? '';
  const parts = Array.isArray(content) ? (content as readonly Json[]) : [content];
  if (role === 'system') return [{ role, text: parts.map(textIn).join('\n') }];
  const read = parts.flatMap(partIn);
  const results = read.flatMap((part) => (part.type === 'result' ? [part] : []));
  if (role === 'tool' || (results.length > 0 && results.length === read.length)) {
    if (results.length > 0)
      return results.map(({ id, text }) => ({
        role: 'tool',
        callId: id,
        content: [{ type: 'text', text }],
        isError: false,
      }));
    const id = memberOf(from, 'tool_call_id') ?? memberOf(from, 'id');
    const text = parts.map(textIn).join('\n');
    return [
      {
        role: 'tool',
        callId: typeof id === 'string' ? id : '',
        content: [{ type: 'text', text }],
        isError: memberOf(from, 'status') === 'error',
      },
    ];
  }
  const plain = read.flatMap((part) => (part.type === 'result' ? [] : [part]));
  if (role === 'user')
    return [{ role, content: plain.filter((part) => part.type === 'text' || part.type === 'image') }];
  const calls = memberOf(from, 'tool_calls');
  const beside = Array.isArray(calls) ? (calls as readonly Json[]).flatMap(callIn) : [];
  return [{ role, content: [...plain.filter((part) => part.type !== 'image'), ...beside] }];
}

/** LangChain's messages in JavaScript say by the name of their class alone whose they are, such as `HumanMessage`. */
function classOf(value: Json): string | undefined {
  const id = memberOf(value, 'id');
  const name = Array.isArray(id) ? (id as readonly Json[]).at(-1) : undefined;
  return typeof name === 'string' ? name.replace(/Message(Chunk)?$/, '') : undefined;
}

function roleOf(value: Json | undefined): Message['role'] | undefined {
  switch (typeof value === 'string' ? value.toLowerCase() : '') {
    case 'system':
    case 'developer':
      return 'system';
    case 'user':
    case 'human':
      return 'user';
    case 'assistant':
    case 'ai':
    case 'model':
      return 'assistant';
    case 'tool':
    case 'function':
      return 'tool';
    default:
      return undefined;
  }
}

type Part = TextPart | ImagePart | ReasoningPart | ToolCallPart | ResultPart;
interface ResultPart {
  readonly type: 'result';
  readonly id: string;
  readonly text: string;
}

function partIn(value: Json): Part[] {
  if (typeof value === 'string') return value === '' ? [] : [{ type: 'text', text: value }];
  if (typeof value !== 'object' || value === null) return [];
  const type = memberOf(value, 'type');
  switch (type) {
    case 'tool_call':
    case 'tool-call':
    case 'tool_use':
      return callIn(value);
    case 'tool_call_response':
    case 'tool-result':
    case 'tool_result': {
      const id = memberOf(value, 'id') ?? memberOf(value, 'toolCallId') ?? memberOf(value, 'tool_use_id');
      const given =
        memberOf(value, 'response') ??
        memberOf(value, 'result') ??
        memberOf(value, 'output') ??
        memberOf(value, 'content');
      return [
        {
          type: 'result',
          id: typeof id === 'string' ? id : '',
          text: given === undefined ? '' : textIn(given),
        },
      ];
    }
    case 'reasoning':
    case 'thinking':
      return [{ type: 'reasoning', text: textIn(memberOf(value, 'thinking') ?? value) }];
    case 'blob':
    case 'image': {
      const mimeType = memberOf(value, 'mime_type') ?? memberOf(value, 'mimeType');
      const data = memberOf(value, 'content') ?? memberOf(value, 'data') ?? memberOf(value, 'image');
      if (typeof mimeType === 'string' && typeof data === 'string')
        return [{ type: 'image', mimeType, data }];
      return [{ type: 'text', text: '[image]' }];
    }
    default: {
      const text = textIn(value);
      return text === '' ? [] : [{ type: 'text', text }];
    }
  }
}

function callIn(value: Json): ToolCallPart[] {
  const inner = memberOf(value, 'function') ?? value;
  const tool = memberOf(inner, 'name') ?? memberOf(inner, 'toolName');
  if (typeof tool !== 'string') return [];
  const id = memberOf(value, 'id') ?? memberOf(value, 'toolCallId');
  const given = jsonOf(memberOf(inner, 'arguments') ?? memberOf(inner, 'args') ?? memberOf(inner, 'input'));
  return [{ type: 'tool-call', callId: typeof id === 'string' ? id : '', tool, arguments: asObject(given) }];
}

/** Arguments of a tool are an object; what is none stands in one. */
export function asObject(value: Json | undefined): JsonObject {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as JsonObject;
  return { input: value };
}

export function textIn(value: Json): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(textIn).join('\n');
  if (typeof value !== 'object' || value === null) return String(value);
  for (const key of ['text', 'content', 'value']) {
    const member = memberOf(value, key);
    if (typeof member === 'string') return member;
  }
  return JSON.stringify(value);
}

/** What a tool gave. LangChain tells of the message that was made of it, and LangSmith names what is no object. */
export function resultText(told: Json | undefined): string {
  if (told === undefined) return '';
  const [message] = messageIn(memberOf(told, 'output') ?? told);
  if (message?.role === 'tool') return textOfMessage(message);
  const plain = memberOf(told, 'outputs') ?? told;
  return typeof plain === 'string' ? plain : JSON.stringify(plain);
}

export function textOfMessage(message: Message): string {
  if (message.role === 'system') return message.text;
  return message.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** An own member, so that a name such as `constructor` is none. */
export function memberOf(value: Json, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
    return undefined;
  return (value as JsonObject)[key];
}
