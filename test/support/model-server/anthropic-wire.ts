import type { Json, JsonObject } from '../../../extension/src/base/json.ts';
import type {
  AssistantMessage,
  ImagePart,
  Message,
  TextPart,
  ToolDefinition,
} from '../../../extension/src/protocol/message.ts';
import { commonMembers, list, object, parseObject, text, tool } from './read-json.ts';
import {
  argumentsText,
  check,
  pieces,
  stopOf,
  usageOf,
  type ScriptedReply,
  type Understood,
  type Wire,
  type WireEvent,
  type WireRequest,
} from './script.ts';

/** Messages, after Anthropic's API reference. */
export const anthropicWire: Wire = {
  parse,
  events,
  whole,
  error: (status, message, type) => ({
    type: 'error',
    error: { type: type ?? errorType(status), message },
    request_id: 'req_model_server',
  }),
  errorEvent: (type, message) => ({
    event: 'error',
    data: JSON.stringify({ type: 'error', error: { type, message } }),
  }),
  keyOf: (headers) => headers['x-api-key'] ?? headers.authorization?.replace(/^Bearer /, ''),
};

const MOST_CACHE_MARKS = 4;

function parse(body: JsonObject): Understood {
  const limit = body.max_tokens;
  check(typeof limit === 'number' && limit >= 1, 'max_tokens: Field required');
  const marks = JSON.stringify(body).split('"cache_control":').length - 1;
  check(
    marks <= MOST_CACHE_MARKS,
    `A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`,
  );
  const raw = list(body.messages, 'messages').map((message) => object(message, 'messages[]'));
  check(raw.length > 0, 'messages: at least one message is required');
  check(raw[0]?.role === 'user', 'messages: first message must use the "user" role');
  requireResults(raw);
  return { ...commonMembers(body, toTool), messages: [...toSystem(body.system), ...raw.flatMap(toMessages)] };
}

function toSystem(system: Json | undefined): readonly Message[] {
  if (system === undefined) return [];
  if (typeof system === 'string') return [{ role: 'system', text: system }];
  return [
    {
      role: 'system',
      text: list(system, 'system')
        .map((block) => blockText(object(block, 'system[]')))
        .join('\n\n'),
    },
  ];
}

function toTool(described: Json): ToolDefinition {
  const { name, description, input_schema: schema } = object(described, 'tools[]');
  const names = { where: 'tools[]', longest: 128, schemaName: 'tools[].input_schema' };
  const found = tool({ name, description, schema }, names);
  check(found.inputSchema.type === 'object', 'tools[].input_schema.type: Input should be "object"');
  return found;
}

function blocksOf(message: JsonObject): readonly JsonObject[] {
  if (typeof message.content === 'string') {
    check(message.content !== '', 'messages[].content: must not be empty');
    return [{ type: 'text', text: message.content }];
  }
  return list(message.content, 'messages[].content').map((block) => object(block, 'messages[].content[]'));
}

function toMessages(message: JsonObject): readonly Message[] {
  const blocks = blocksOf(message);
  check(blocks.length > 0, 'messages[].content: must not be empty');
  if (message.role === 'assistant') return [{ role: 'assistant', content: blocks.map(toAssistantPart) }];
  check(message.role === 'user', 'messages[].role: Input should be "user" or "assistant"');
  const results = blocks.filter(({ type }) => type === 'tool_result');
  const rest = blocks.filter(({ type }) => type !== 'tool_result');
  const tools = results.map((block): Message => ({
    role: 'tool',
    callId: text(block.tool_use_id, 'tool_use_id'),
    content:
      typeof block.content === 'string'
        ? [{ type: 'text', text: block.content }]
        : list(block.content ?? [], 'content').map((part) => toPart(object(part, 'content[]'))),
    isError: block.is_error === true,
  }));
  return rest.length === 0 ? tools : [...tools, { role: 'user', content: rest.map(toPart) }];
}

function toPart(block: JsonObject): TextPart | ImagePart {
  if (block.type === 'text') return { type: 'text', text: blockText(block) };
  check(
    block.type === 'image',
    `content block of the type ${JSON.stringify(block.type)} is not expected here`,
  );
  const source = object(block.source, 'source');
  check(source.type === 'base64', 'source.type: expected "base64"');
  return { type: 'image', mimeType: text(source.media_type, 'media_type'), data: text(source.data, 'data') };
}

function blockText(block: JsonObject): string {
  const said = text(block.text, 'text');
  check(said.trim() !== '', 'text content blocks must contain non-whitespace text');
  return said;
}

function toAssistantPart(block: JsonObject): AssistantMessage['content'][number] {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: blockText(block) };
    case 'thinking':
      return {
        type: 'reasoning',
        text: text(block.thinking, 'thinking'),
        signature: text(block.signature, 'signature'),
      };
    case 'redacted_thinking':
      return { type: 'reasoning', text: '', signature: text(block.data, 'data') };
    case 'tool_use':
      return {
        type: 'tool-call',
        callId: text(block.id, 'tool_use.id'),
        tool: text(block.name, 'tool_use.name'),
        arguments: object(block.input, 'tool_use.input'),
      };
    default:
      check(false, `content block of the type ${JSON.stringify(block.type)} is not expected here`);
  }
}

/** Each tool_use needs its tool_result at the start of the very next message; ids are unique and of a plain form. */
function requireResults(messages: readonly JsonObject[]): void {
  const seen = new Set<string>();
  messages.forEach((message, index) => {
    const uses = blocksOf(message)
      .filter(({ type }) => type === 'tool_use')
      .map(({ id }) => text(id, 'tool_use.id'));
    for (const id of uses) {
      check(/^[A-Za-z0-9_-]+$/.test(id), "tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'");
      check(!seen.has(id), 'messages: `tool_use` ids must be unique');
      seen.add(id);
    }
    const next = messages[index + 1];
    const results =
      next === undefined
        ? []
        : blocksOf(next)
            .filter(({ type }) => type === 'tool_result')
            .map(({ tool_use_id: id }) => text(id, 'tool_use_id'));
    check(
      uses.every((id) => results.includes(id)),
      '`tool_use` ids were found without `tool_result` blocks immediately after',
    );
    check(
      results.every((id) => uses.includes(id)),
      'unexpected `tool_use_id` found in `tool_result` blocks',
    );
  });
}

function events(reply: ScriptedReply, request: WireRequest, call: number): readonly WireEvent[] {
  const usage = usageJson(reply, request);
  const blocks = blocksFor(reply, call).map((block, index) => blockEvents(block, index));
  const message = { ...head(reply, request, call), content: [], stop_reason: null, stop_sequence: null };
  const pings = reply.wire?.comments === true ? [event('ping', {})] : [];
  return [
    event('message_start', {
      message: { ...message, ...(usage === undefined ? {} : { usage: { ...usage, output_tokens: 1 } }) },
    }),
    ...pings,
    ...blocks.flat(),
    event('message_delta', {
      delta: { stop_reason: STOPS[stopOf(reply)], stop_sequence: null },
      ...(usage === undefined ? {} : { usage: { output_tokens: usage.output_tokens } }),
    }),
    event('message_stop', {}),
  ];
}

function whole(reply: ScriptedReply, request: WireRequest, call: number): JsonObject {
  return {
    ...head(reply, request, call),
    content: blocksFor(reply, call).map(({ block }) => block),
    stop_reason: STOPS[stopOf(reply)],
    stop_sequence: null,
    usage: usageJson(reply, request),
  };
}

interface BlockScript {
  readonly block: JsonObject;
  readonly empty: JsonObject;
  readonly deltas: readonly JsonObject[];
}

function blocksFor(reply: ScriptedReply, call: number): readonly BlockScript[] {
  const { reasoning, text: said } = reply;
  const signature = 'c2lnbmF0dXJl';
  return [
    ...(reasoning === undefined
      ? []
      : [
          {
            block: { type: 'thinking', thinking: reasoning, signature },
            empty: { type: 'thinking', thinking: '', signature: '' },
            deltas: [
              ...pieces(reasoning, reply).map((thinking) => ({ type: 'thinking_delta', thinking })),
              { type: 'signature_delta', signature },
            ],
          },
        ]),
    ...(said === undefined
      ? []
      : [
          {
            block: { type: 'text', text: said },
            empty: { type: 'text', text: '' },
            deltas: pieces(said, reply).map((part) => ({ type: 'text_delta', text: part })),
          },
        ]),
    ...(reply.toolCalls ?? []).map((asked, index) => {
      const source = argumentsText(asked);
      const start = { type: 'tool_use', id: asked.id ?? `toolu_${call}_${index}`, name: asked.name };
      return {
        block: { ...start, input: parseObject(source) ?? {} },
        empty: { ...start, input: {} },
        deltas: ['', ...pieces(source, reply)].map((part) => ({
          type: 'input_json_delta',
          partial_json: part,
        })),
      };
    }),
  ];
}

function blockEvents(script: BlockScript, index: number): readonly WireEvent[] {
  return [
    event('content_block_start', { index, content_block: script.empty }),
    ...script.deltas.map((delta) => event('content_block_delta', { index, delta })),
    event('content_block_stop', { index }),
  ];
}

function event(type: string, members: JsonObject): WireEvent {
  return { event: type, data: JSON.stringify({ type, ...members }) };
}

function head(reply: ScriptedReply, request: WireRequest, call: number): JsonObject {
  return { id: `msg_${call}`, type: 'message', role: 'assistant', model: reply.model ?? request.model };
}

const STOPS = {
  end: 'end_turn',
  'tool-calls': 'tool_use',
  length: 'max_tokens',
  'content-policy': 'refusal',
} as const;

function usageJson(reply: ScriptedReply, request: WireRequest): JsonObject | undefined {
  const usage = usageOf(reply, request);
  if (usage === undefined) return undefined;
  const { cacheRead = 0, cacheWrite = 0 } = usage;
  return {
    input_tokens: usage.input - cacheRead - cacheWrite,
    cache_read_input_tokens: cacheRead,
    cache_creation_input_tokens: cacheWrite,
    output_tokens: usage.output,
    service_tier: 'standard',
  };
}

function errorType(status: number): string {
  const types: Readonly<Record<number, string>> = {
    401: 'authentication_error',
    402: 'billing_error',
    403: 'permission_error',
    404: 'not_found_error',
    413: 'request_too_large',
    429: 'rate_limit_error',
    504: 'timeout_error',
    529: 'overloaded_error',
  };
  return types[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
}
