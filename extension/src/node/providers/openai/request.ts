import type { OpenAI } from 'openai';
import type { ChatCall } from '../../../core/models/index.ts';
import type {
  AssistantMessage,
  ImagePart,
  Message,
  TextPart,
  ToolMessage,
} from '../../../protocol/message.ts';
import { extraOf, type ReasoningOwner } from '../reasoning-marks.ts';
import type { Settings } from './settings.ts';

type Param = OpenAI.ChatCompletionMessageParam;

/** What each message is as JSON, made once: a conversation goes out whole with every call, and grows with every one. */
export type WrittenMessages = WeakMap<Message, string>;

export interface ChatOptions extends Settings {
  /** It goes to OpenAI itself, whose newer models refuse `max_tokens`; most others know nothing else. */
  readonly official: boolean;
  readonly owner: ReasoningOwner;
}

/** The body of a request. */
export function toOpenAI(
  call: ChatCall,
  { official, owner, effort, toolChoice, schema, cacheKey }: ChatOptions,
  written: WrittenMessages,
): string {
  const limit = call.maxOutputTokens;
  const rest: Omit<OpenAI.ChatCompletionCreateParamsStreaming, 'messages'> = {
    model: owner.model,
    stream: true,
    stream_options: { include_usage: true },
    ...(call.tools.length === 0 ? {} : { tools: call.tools.map(toTool) }),
    ...(limit === undefined ? {} : official ? { max_completion_tokens: limit } : { max_tokens: limit }),
    ...(toolChoice === undefined ? {} : { tool_choice: toolChoice }),
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
    ...(schema === undefined
      ? {}
      : { response_format: { type: 'json_schema' as const, json_schema: schema } }),
    ...(cacheKey === undefined ? {} : { prompt_cache_key: cacheKey }),
  };
  return `{"messages":[${write(call.messages, owner, written).join(',')}],${JSON.stringify(rest).slice(1)}`;
}

function toTool(tool: ChatCall['tools'][number]): OpenAI.ChatCompletionTool {
  return {
    type: 'function',
    function: { name: tool.name, description: tool.description, parameters: { ...tool.inputSchema } },
  };
}

function write(messages: readonly Message[], owner: ReasoningOwner, written: WrittenMessages): string[] {
  const texts: string[] = [];
  let images: ImagePart[] = [];
  for (const message of messages) {
    // Tool messages hold text only, and must stand together: their images follow as the user's.
    if (message.role !== 'tool' && images.length > 0) {
      texts.push(JSON.stringify({ role: 'user', content: images.map(toPart) } satisfies Param));
      images = [];
    }
    let text = written.get(message);
    if (text === undefined) {
      text = JSON.stringify(message.role === 'tool' ? toToolMessage(message) : toMessage(message, owner));
      written.set(message, text);
    }
    texts.push(text);
    if (message.role === 'tool')
      for (const part of message.content) if (part.type === 'image') images.push(part);
  }
  if (images.length > 0)
    texts.push(JSON.stringify({ role: 'user', content: images.map(toPart) } satisfies Param));
  return texts;
}

function toMessage(message: Exclude<Message, ToolMessage>, owner: ReasoningOwner): Param {
  if (message.role === 'system') return { role: 'system', content: message.text };
  if (message.role === 'assistant') return toAssistant(message, owner);
  const only = message.content[0];
  // Some compatible servers know content only as a string.
  if (message.content.length === 1 && only?.type === 'text') return { role: 'user', content: only.text };
  return { role: 'user', content: message.content.map(toPart) };
}

function toToolMessage(message: ToolMessage): Param {
  const text = message.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  const shown = message.content.some((part) => part.type === 'image')
    ? `${text}\n(Its images follow.)`
    : text;
  // The format has no mark for a failed call.
  return { role: 'tool', tool_call_id: message.callId, content: message.isError ? `Error: ${shown}` : shown };
}

/**
 * Reasoning is not sent back: the format has no place for it, and servers that invented one refuse it in requests. But what
 * a server put beside its tool calls stands there again.
 */
function toAssistant(message: AssistantMessage, owner: ReasoningOwner): Param {
  const extras = message.content.flatMap((part) =>
    part.type === 'reasoning' && part.signature !== undefined ? (extraOf(part.signature, owner) ?? []) : [],
  );
  const text = message.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
  const calls = message.content.flatMap((part) =>
    part.type === 'tool-call'
      ? [
          {
            id: part.callId,
            type: 'function' as const,
            function: { name: part.tool, arguments: JSON.stringify(part.arguments) },
            ...extraMember(extras.find(({ callId }) => callId === part.callId)?.extra),
          },
        ]
      : [],
  );
  if (calls.length === 0) return { role: 'assistant', content: text };
  return { role: 'assistant', content: text === '' ? null : text, tool_calls: calls };
}

function extraMember(extra: string | undefined): { readonly extra_content?: unknown } {
  return extra === undefined ? {} : { extra_content: JSON.parse(extra) as unknown };
}

function toPart(part: TextPart | ImagePart): OpenAI.ChatCompletionContentPart {
  if (part.type === 'text') return { type: 'text', text: part.text };
  return { type: 'image_url', image_url: { url: `data:${part.mimeType};base64,${part.data}` } };
}
