import type { Json } from '../../../base/json.ts';
import type { AssistantMessage, Message, TextPart } from '../../../protocol/message.ts';
import { names } from './foreign-names.ts';
import { jsonOf, textOf } from './incoming.ts';
import type { Attributes, IncomingEvent, IncomingSpan } from './incoming.ts';
import { memberOf, messageIn, textIn, textOfMessage } from './message-form.ts';
import { itemIn, joined, messagesOfBody } from './openai-bodies.ts';

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
    withIds(numbered(attributes, 'llm.input_messages', 'message.'), wrapped(attributes, ['input.value'])) ??
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
    withIds(numbered(attributes, 'llm.output_messages', 'message.'), wrapped(attributes, ['output.value'])) ??
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
    input: [...system, ...joined(read)],
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
  for (const key of [
    'task',
    'input',
    'question',
    'query',
    'prompt',
    'answer',
    'output',
    'outputs',
    'content',
    'text',
  ]) {
    const member = memberOf(read, key);
    if (typeof member === 'string' && member !== '') return member;
  }
  return JSON.stringify(read);
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
  const messages = flat.flatMap(itemIn);
  return messages.length > 0 ? messages : undefined;
}

function wrapped(attributes: Attributes, keys: readonly string[]): readonly Message[] | undefined {
  for (const key of keys) {
    const value = jsonOf(attributes.get(key));
    const found =
      listed(value) ??
      (typeof value === 'object' && value !== null
        ? (listed(memberOf(value, 'messages')) ??
          single(memberOf(value, 'message')) ??
          generated(memberOf(value, 'generations')) ??
          messagesOfBody(value))
        : undefined);
    if (found) return found;
  }
  return undefined;
}

/** An answer of LangChain: for each prompt the answers to it. */
function generated(value: Json | undefined): readonly Message[] | undefined {
  const [prompt] = Array.isArray(value) ? (value as readonly Json[]) : [];
  const [answer] = Array.isArray(prompt) ? (prompt as readonly Json[]) : [];
  return answer === undefined ? undefined : single(memberOf(answer, 'message'));
}

/** OpenInference leaves out the ids of LangChain's calls, without which no result belongs to its call; the whole has them. */
function withIds(
  read: readonly Message[] | undefined,
  whole: readonly Message[] | undefined,
): readonly Message[] | undefined {
  const isBetter = read?.some(lacksId) === true && whole?.length === read.length && !whole.some(lacksId);
  return isBetter ? whole : read;
}

function lacksId(message: Message): boolean {
  if (message.role === 'tool') return message.callId === '';
  return (
    message.role === 'assistant' &&
    message.content.some((part) => part.type === 'tool-call' && part.callId === '')
  );
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

function textParts(message: Message): readonly TextPart[] {
  const text = textOfMessage(message);
  return text === '' ? [] : [{ type: 'text', text }];
}
