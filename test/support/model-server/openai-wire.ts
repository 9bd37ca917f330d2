import type { Json, JsonObject } from '../../../extension/src/base/json.ts';
import type {
  ImagePart,
  Message,
  TextPart,
  ToolCallPart,
  ToolDefinition,
} from '../../../extension/src/protocol/message.ts';
import { commonMembers, list, object, parseObject, text, tool } from './read-json.ts';
import {
  argumentsText,
  check,
  pieces,
  stopOf,
  usageOf,
  type ScriptedCall,
  type ScriptedReply,
  type Understood,
  type Wire,
  type WireEvent,
  type WireRequest,
} from './script.ts';

/** Chat completions, after OpenAI's API reference. `created` is fixed, so that a test can compare whole answers. */
export const openaiWire: Wire = {
  parse,
  events,
  whole,
  error: (status, message, type) => ({
    error: { message, type: type ?? errorType(status), param: null, code: errorCode(status) },
  }),
  errorEvent: (type, message) => ({
    data: JSON.stringify({ error: { message, type, param: null, code: type } }),
  }),
  keyOf: (headers) => headers.authorization?.replace(/^Bearer /, ''),
};

const CREATED = 1_767_225_600;

function parse(body: JsonObject): Understood {
  const messages = list(body.messages, 'messages').map((message, index) =>
    toMessage(object(message, `messages[${index}]`), index),
  );
  check(messages.length > 0, 'messages: at least one is needed');
  requireAnswers(messages);
  return { ...commonMembers(body, toTool), messages };
}

function toTool(described: Json): ToolDefinition {
  const { type, function: fn } = object(described, 'tools[]');
  check(type === 'function', 'tools[].type: expected "function"');
  const { name, description, parameters } = object(fn, 'tools[].function');
  const names = { where: 'tools[].function', longest: 64, schemaName: 'parameters' };
  return tool({ name, description, schema: parameters ?? {} }, names);
}

function toMessage(message: JsonObject, index: number): Message {
  const where = `messages[${index}]`;
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', text: text(message.content, `${where}.content`) };
    case 'user':
      return { role: 'user', content: toParts(message.content, where) };
    case 'tool': {
      const callId = text(message.tool_call_id, `${where}.tool_call_id`);
      const said = text(message.content, `${where}.content`);
      return {
        role: 'tool',
        callId,
        content: [{ type: 'text', text: said }],
        isError: said.startsWith('Error: '),
      };
    }
    case 'assistant': {
      const calls =
        message.tool_calls === undefined ? [] : list(message.tool_calls, `${where}.tool_calls`).map(toCall);
      const said = typeof message.content === 'string' ? message.content : '';
      check(calls.length > 0 || typeof message.content === 'string', `${where}.content: expected a string`);
      return {
        role: 'assistant',
        content: [...(said === '' ? [] : [{ type: 'text' as const, text: said }]), ...calls],
      };
    }
    default:
      check(false, `${where}.role: unknown`);
  }
}

function toParts(content: Json | undefined, where: string): (TextPart | ImagePart)[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return list(content, `${where}.content`).map((part) => {
    const { type, text: said, image_url: image } = object(part, `${where}.content[]`);
    if (type === 'text') return { type, text: text(said, `${where}.content[].text`) };
    check(type === 'image_url', `${where}.content[].type: unknown`);
    const found = /^data:([^;]+);base64,(.*)$/s.exec(text(object(image, 'image_url').url, 'image_url.url'));
    check(found !== null, `${where}.content[].image_url.url: expected a data URL`);
    return { type: 'image', mimeType: found[1] ?? '', data: found[2] ?? '' };
  });
}

function toCall(call: Json): ToolCallPart {
  const { id, type, function: fn } = object(call, 'tool_calls[]');
  check(type === 'function', 'tool_calls[].type: expected "function"');
  check(text(id, 'tool_calls[].id').length <= 40, 'tool_calls[].id: longer than 40 characters');
  const { name, arguments: args } = object(fn, 'tool_calls[].function');
  const parsed = parseObject(text(args, 'arguments'));
  check(parsed !== undefined, 'tool_calls[].function.arguments: no JSON object');
  return { type: 'tool-call', callId: text(id, 'id'), tool: text(name, 'name'), arguments: parsed };
}

function requireAnswers(messages: readonly Message[]): void {
  let open = new Set<string>();
  for (const message of messages) {
    if (message.role === 'tool') {
      const known = open.delete(message.callId);
      check(known, "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.");
      continue;
    }
    check(
      open.size === 0,
      `An assistant message with 'tool_calls' must be followed by tool messages; missing: ${[...open].join(', ')}`,
    );
    if (message.role !== 'assistant') continue;
    open = new Set(message.content.flatMap((part) => (part.type === 'tool-call' ? [part.callId] : [])));
  }
  check(
    open.size === 0,
    `An assistant message with 'tool_calls' must be followed by tool messages; missing: ${[...open].join(', ')}`,
  );
}

function events(reply: ScriptedReply, request: WireRequest, call: number): readonly WireEvent[] {
  const wantsUsage =
    request.body.stream_options !== undefined &&
    object(request.body.stream_options, 'stream_options').include_usage === true;
  const chunk = (choices: readonly Json[], usage: Json | undefined): WireEvent => ({
    data: JSON.stringify({
      ...head(reply, request, call),
      object: 'chat.completion.chunk',
      choices,
      ...(wantsUsage ? { usage: usage ?? null } : {}),
    }),
  });
  const delta = (part: JsonObject, finish: string | null = null): WireEvent =>
    chunk([{ index: 0, delta: part, logprobs: null, finish_reason: finish }], undefined);
  const calls = (reply.toolCalls ?? []).flatMap((asked, index) => [
    delta({
      tool_calls: [
        {
          index,
          id: callId(asked, index, call),
          type: 'function',
          function: { name: asked.name, arguments: '' },
        },
      ],
    }),
    ...pieces(argumentsText(asked), reply).map((part) =>
      delta({ tool_calls: [{ index, function: { arguments: part } }] }),
    ),
  ]);
  const usage = usageJson(reply, request);
  return [
    delta({ role: 'assistant', content: '', refusal: null }),
    ...pieces(reply.reasoning ?? '', reply).map((part) => delta({ reasoning_content: part })),
    ...pieces(reply.text ?? '', reply).map((part) => delta({ content: part })),
    ...calls,
    delta({}, FINISHES[stopOf(reply)]),
    ...(wantsUsage && usage !== undefined ? [chunk([], usage)] : []),
    ...(reply.wire?.noDone === true ? [] : [{ data: '[DONE]' }]),
  ];
}

function whole(reply: ScriptedReply, request: WireRequest, call: number): JsonObject {
  const calls = (reply.toolCalls ?? []).map((asked, index) => ({
    id: callId(asked, index, call),
    type: 'function',
    function: { name: asked.name, arguments: argumentsText(asked) },
  }));
  const message = {
    role: 'assistant',
    content: reply.text ?? null,
    refusal: null,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return {
    ...head(reply, request, call),
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason: FINISHES[stopOf(reply)] }],
    usage: usageJson(reply, request),
  };
}

function head(reply: ScriptedReply, request: WireRequest, call: number): JsonObject {
  return {
    id: `chatcmpl-${call}`,
    created: CREATED,
    model: reply.model ?? request.model,
    system_fingerprint: null,
  };
}

const FINISHES = {
  end: 'stop',
  'tool-calls': 'tool_calls',
  length: 'length',
  'content-policy': 'content_filter',
} as const;

function callId(asked: ScriptedCall, index: number, call: number): string {
  return asked.id ?? `call_${call}_${index}`;
}

function usageJson(reply: ScriptedReply, request: WireRequest): JsonObject | undefined {
  const usage = usageOf(reply, request);
  if (usage === undefined) return undefined;
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead ?? 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: usage.reasoning ?? 0, audio_tokens: 0 },
  };
}

function errorType(status: number): string {
  if (status === 429) return 'requests';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

function errorCode(status: number): string | null {
  const codes: Readonly<Record<number, string>> = {
    401: 'invalid_api_key',
    404: 'model_not_found',
    429: 'rate_limit_exceeded',
  };
  return codes[status] ?? null;
}
