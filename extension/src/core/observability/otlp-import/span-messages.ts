import type { Json, JsonObject } from '../../../base/json.ts';
import type {
  AssistantMessage,
  ImagePart,
  Message,
  ReasoningPart,
  TextPart,
  ToolCallPart,
} from '../../../protocol/message.ts';
import { names } from './foreign-names.ts';
import { jsonOf, textOf } from './incoming.ts';
import type { Attributes, IncomingEvent, IncomingSpan } from './incoming.ts';

export interface SpanMessages {
  readonly input: readonly Message[];
  readonly output: AssistantMessage | undefined;
}

/** What a model was given and what it answered, from any of the places where the conventions put or have put it. */
export function messagesOf({ attributes, events }: IncomingSpan): SpanMessages {
  const system = systemIn(attributes);
  const read =
    listed(attributes.get('gen_ai.input.messages')) ??
    numbered(attributes, 'gen_ai.prompt') ??
    numbered(attributes, 'llm.input_messages', 'message.') ??
    listed(attributes.get('ai.prompt.messages')) ??
    fromEvents(events, /^gen_ai\.(system|user|assistant|tool)\.message$/) ??
    eventList(events, 'gen_ai.input.messages') ??
    wrapped(attributes, [
      'gen_ai.prompt',
      'input.value',
      'langfuse.observation.input',
      'traceloop.entity.input',
    ]) ??
    said('user', textOf(attributes, ...names.anyInput)) ??
    [];
  const written =
    listed(attributes.get('gen_ai.output.messages')) ??
    numbered(attributes, 'gen_ai.completion') ??
    numbered(attributes, 'llm.output_messages', 'message.') ??
    ofAiSdk(attributes) ??
    fromEvents(events, /^gen_ai\.choice$/) ??
    eventList(events, 'gen_ai.output.messages') ??
    wrapped(attributes, [
      'gen_ai.completion',
      'output.value',
      'langfuse.observation.output',
      'traceloop.entity.output',
    ]) ??
    said('assistant', textOf(attributes, ...names.anyOutput)) ??
    [];
  const answers = written.flatMap((message) =>
    message.role === 'assistant' ? message.content : textParts(message),
  );
  return {
    input: [...system, ...read],
    output: answers.length > 0 ? { role: 'assistant', content: answers } : undefined,
  };
}

/** The text of a value that may be a conversation, for a task or an answer. */
export function plainText(value: Json | undefined, role: 'user' | 'assistant'): string | undefined {
  const read = jsonOf(value);
  if (read === undefined || read === null) return undefined;
  if (typeof read !== 'object') return String(read);
  const messages = listed(read) ?? listed(memberOf(read, 'messages')) ?? [];
  const chosen =
    role === 'user'
      ? messages.find((one) => one.role === 'user')
      : messages.findLast((one) => one.role === role);
  const text = chosen ? textOfMessage(chosen) : '';
  if (text !== '') return text;
  for (const key of ['task', 'input', 'question', 'query', 'prompt', 'answer', 'output', 'content', 'text']) {
    const member = memberOf(read, key);
    if (typeof member === 'string' && member !== '') return member;
  }
  return JSON.stringify(read);
}

function textOfMessage(message: Message): string {
  if (message.role === 'system') return message.text;
  return message.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function systemIn(attributes: Attributes): Message[] {
  const value = jsonOf(
    attributes.get('gen_ai.system_instructions') ?? attributes.get('gen_ai.system.message'),
  );
  if (value === undefined || value === null) return [];
  const text = Array.isArray(value) ? value.map(textIn).join('\n') : textIn(value);
  return text === '' ? [] : [{ role: 'system', text }];
}

/** `[{ role, parts }]`, `[{ role, content }]` and their like. */
function listed(value: Json | undefined): readonly Message[] | undefined {
  const list = jsonOf(value);
  if (!Array.isArray(list)) return undefined;
  // LangChain gives a list of conversations.
  const flat =
    list.length === 1 && Array.isArray(list[0]) ? (list[0] as readonly Json[]) : (list as readonly Json[]);
  const messages = flat.flatMap(messageIn);
  return messages.length > 0 ? messages : undefined;
}

function wrapped(attributes: Attributes, keys: readonly string[]): readonly Message[] | undefined {
  for (const key of keys) {
    const value = jsonOf(attributes.get(key));
    const found =
      listed(value) ??
      (typeof value === 'object' && value !== null
        ? (listed(memberOf(value, 'messages')) ?? single(memberOf(value, 'message')))
        : undefined);
    if (found) return found;
  }
  return undefined;
}

function single(value: Json | undefined): readonly Message[] | undefined {
  const messages = value === undefined ? [] : messageIn(value);
  return messages.length > 0 ? messages : undefined;
}

function said(role: 'user' | 'assistant', text: string | undefined): readonly Message[] | undefined {
  return text === undefined ? undefined : [{ role, content: [{ type: 'text', text }] }];
}

const MOST_NUMBERED = 10_000;

/** `gen_ai.prompt.0.role`, `llm.input_messages.0.message.content`: one attribute for each member. */
function numbered(attributes: Attributes, prefix: string, inner = ''): readonly Message[] | undefined {
  const messages: Message[] = [];
  for (let index = 0; index < MOST_NUMBERED; index += 1) {
    const at = `${prefix}.${index}.${inner}`;
    const role = textOf(attributes, `${at}role`);
    const content = textOf(attributes, `${at}content`, `${at}contents.0.message_content.text`);
    const calls: Json[] = [];
    for (let number = 0; number < MOST_NUMBERED; number += 1) {
      const call = inner === '' ? `${at}tool_calls.${number}.` : `${at}tool_calls.${number}.tool_call.`;
      const name = textOf(attributes, `${call}name`, `${call}function.name`);
      if (name === undefined) break;
      const id = textOf(attributes, `${call}id`) ?? '';
      const given = textOf(attributes, `${call}arguments`, `${call}function.arguments`) ?? '{}';
      calls.push({ id, function: { name, arguments: given } });
    }
    if (role === undefined && content === undefined && calls.length === 0) break;
    const id = textOf(attributes, `${at}tool_call_id`);
    messages.push(
      ...messageIn({
        role: role ?? (/completion|output/.test(prefix) ? 'assistant' : 'user'),
        content: content ?? '',
        ...(calls.length > 0 ? { tool_calls: calls } : {}),
        ...(id === undefined ? {} : { tool_call_id: id }),
      }),
    );
  }
  return messages.length > 0 ? messages : undefined;
}

/** One event for each message, as the conventions had it in 2024 and 2025. */
function fromEvents(events: readonly IncomingEvent[], pattern: RegExp): readonly Message[] | undefined {
  const messages = events.flatMap(({ name, attributes }) => {
    if (!pattern.test(name)) return [];
    const body = Object.fromEntries([...attributes].map(([key, value]) => [key, jsonOf(value)]));
    const role = /\.(system|user|assistant|tool)\.message$/.exec(name)?.[1] ?? 'assistant';
    return messageIn(memberOf(body, 'message') ?? { role, ...body });
  });
  return messages.length > 0 ? messages : undefined;
}

/** One event with all of them. */
function eventList(events: readonly IncomingEvent[], key: string): readonly Message[] | undefined {
  for (const { attributes } of events) {
    const messages = listed(attributes.get(key));
    if (messages) return messages;
  }
  return undefined;
}

function ofAiSdk(attributes: Attributes): readonly Message[] | undefined {
  const text = textOf(attributes, 'ai.response.text', 'ai.response.object');
  const calls = jsonOf(attributes.get('ai.response.toolCalls'));
  const parts: Json[] = [
    ...(text === undefined ? [] : [{ type: 'text', text }]),
    ...(Array.isArray(calls) ? (calls as readonly Json[]) : []).map((call): Json => ({
      type: 'tool-call',
      toolCallId: memberOf(call, 'toolCallId') ?? '',
      toolName: memberOf(call, 'toolName') ?? '',
      input: memberOf(call, 'input') ?? memberOf(call, 'args') ?? {},
    })),
  ];
  return parts.length > 0 ? messageIn({ role: 'assistant', content: parts }) : undefined;
}

function messageIn(value: Json): Message[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  // LangChain's own form of a message.
  const inner = memberOf(value, 'kwargs') ?? memberOf(value, 'data');
  const from = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : value;
  const role = roleOf(memberOf(value, 'role') ?? memberOf(from, 'type') ?? memberOf(value, 'type'));
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
        isError: false,
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

function textIn(value: Json): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(textIn).join('\n');
  if (typeof value !== 'object' || value === null) return String(value);
  for (const key of ['text', 'content', 'value']) {
    const member = memberOf(value, key);
    if (typeof member === 'string') return member;
  }
  return JSON.stringify(value);
}

function textParts(message: Message): readonly TextPart[] {
  const text = textOfMessage(message);
  return text === '' ? [] : [{ type: 'text', text }];
}

/** An own member, so that a name such as `constructor` is none. */
export function memberOf(value: Json, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
    return undefined;
  return (value as JsonObject)[key];
}
