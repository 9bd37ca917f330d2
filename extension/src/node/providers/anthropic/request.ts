import type { Anthropic } from '@anthropic-ai/sdk';
import {
  canBeHeldTo,
  holdsToSchema,
  inWords,
  limitsOf,
  type ChatCall,
  type Deployment,
} from '../../../core/models/index.ts';
import type { AssistantMessage, ImagePart, Message, TextPart } from '../../../protocol/message.ts';
import { isAnthropics, REDACTED } from '../reasoning-marks.ts';
import { thinkingFor } from './thinking.ts';

type Block = Anthropic.ContentBlockParam;
type CacheControl = { readonly cache_control: Anthropic.CacheControlEphemeral };

/** The API wants a limit in each request. */
const DEFAULT_MAX_OUTPUT = 32_000;
const UNKNOWN_MODEL_MAX_OUTPUT = 8_192;

/** Three of the four allowed cache marks: tools, system, and the conversation so far, which the next request repeats. */
export function toAnthropic(call: ChatCall, deployment: Deployment): Anthropic.MessageCreateParamsStreaming {
  const { model } = deployment;
  const { responseSchema } = call;
  const held = responseSchema !== undefined && holdsToSchema(model) && canBeHeldTo(responseSchema.schema);
  const system = [
    ...call.messages.flatMap((message) =>
      message.role === 'system' && message.text !== '' ? [message.text] : [],
    ),
    ...(responseSchema === undefined || held ? [] : [inWords(responseSchema)]),
  ];
  const cache: CacheControl = {
    cache_control: { type: 'ephemeral', ...(call.cacheFor === '1h' ? { ttl: '1h' as const } : {}) },
  };
  const maxTokens =
    call.maxOutputTokens ??
    Math.min(DEFAULT_MAX_OUTPUT, limitsOf(model)?.maxOutput ?? UNKNOWN_MODEL_MAX_OUTPUT);
  const { thinking, effort } = thinkingFor(call, model, maxTokens);
  const format = held
    ? { format: { type: 'json_schema' as const, schema: { ...responseSchema.schema } } }
    : {};
  const output = { ...format, ...(effort === undefined ? {} : { effort }) };
  return {
    model,
    stream: true,
    max_tokens: maxTokens,
    messages: markLast(toMessages(call.messages), cache),
    ...(thinking === undefined ? {} : { thinking }),
    ...(Object.keys(output).length === 0 ? {} : { output_config: output }),
    ...(system.length === 0 ? {} : { system: [{ type: 'text', text: system.join('\n\n'), ...cache }] }),
    ...(call.tools.length === 0 ? {} : { tools: toTools(call.tools, cache) }),
    ...(call.tools.length === 0 || call.toolChoice === undefined
      ? {}
      : { tool_choice: { type: 'any' as const } }),
  };
}

function toTools(tools: ChatCall['tools'], cache: CacheControl): Anthropic.Tool[] {
  return tools.map((tool, index) => ({
    name: tool.name,
    description: tool.description,
    input_schema: { ...tool.inputSchema, type: 'object' },
    ...(index === tools.length - 1 ? cache : {}),
  }));
}

/** All results of parallel calls must stand in one message, so neighbours of the same role are joined. */
function toMessages(messages: readonly Message[]): { role: 'user' | 'assistant'; content: Block[] }[] {
  const joined: { role: 'user' | 'assistant'; content: Block[] }[] = [];
  for (const message of messages) {
    if (message.role === 'system') continue;
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const content = toBlocks(message);
    const last = joined.at(-1);
    if (content.length === 0) continue;
    if (last?.role === role) last.content.push(...content);
    else joined.push({ role, content });
  }
  return joined;
}

function toBlocks(message: Exclude<Message, { role: 'system' }>): Block[] {
  if (message.role === 'assistant') return message.content.flatMap(toAssistantBlock);
  const parts = message.content.flatMap(toPart);
  if (message.role === 'user') return parts;
  return [
    {
      type: 'tool_result',
      tool_use_id: message.callId,
      content: parts,
      ...(message.isError ? { is_error: true } : {}),
    },
  ];
}

function toAssistantBlock(part: AssistantMessage['content'][number]): Block[] {
  if (part.type === 'text') return toPart(part);
  if (part.type === 'tool-call') {
    return [{ type: 'tool_use', id: part.callId, name: part.tool, input: part.arguments }];
  }
  // Thinking without a signature of its own is another provider's; the API refuses it.
  if (part.signature === undefined || !isAnthropics(part.signature)) return [];
  if (part.signature.startsWith(REDACTED)) {
    return [{ type: 'redacted_thinking', data: part.signature.slice(REDACTED.length) }];
  }
  return [{ type: 'thinking', thinking: part.text, signature: part.signature }];
}

/** The API refuses text blocks without any text. */
function toPart(part: TextPart | ImagePart): (Anthropic.TextBlockParam | Anthropic.ImageBlockParam)[] {
  if (part.type === 'text') return part.text.trim() === '' ? [] : [{ type: 'text', text: part.text }];
  const media = mediaType(part.mimeType);
  if (media === undefined)
    return [{ type: 'text', text: `(An image of the type ${part.mimeType}, which cannot be shown.)` }];
  return [{ type: 'image', source: { type: 'base64', media_type: media, data: part.data } }];
}

function mediaType(mimeType: string): Anthropic.Base64ImageSource['media_type'] | undefined {
  const known = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'] as const;
  return known.find((type) => type === mimeType);
}

function markLast(
  messages: { role: 'user' | 'assistant'; content: Block[] }[],
  cache: CacheControl,
): Anthropic.MessageParam[] {
  const last = messages.at(-1);
  const block = last?.content.at(-1);
  if (last === undefined || block === undefined) return messages;
  if (block.type === 'thinking' || block.type === 'redacted_thinking') return messages;
  return [
    ...messages.slice(0, -1),
    { ...last, content: [...last.content.slice(0, -1), { ...block, ...cache }] },
  ];
}
