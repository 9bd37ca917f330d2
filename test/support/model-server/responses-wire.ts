import type { Json, JsonObject } from '../../../extension/src/base/json.ts';
import type {
  ImagePart,
  Message,
  TextPart,
  ToolDefinition,
} from '../../../extension/src/protocol/message.ts';
import { openaiWire } from './openai-wire.ts';
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

/** Responses, after OpenAI's API reference, for requests that leave nothing at the server. */
export const responsesWire: Wire = {
  parse,
  events,
  whole: (reply, request, call) => ({
    ...head(reply, request, call),
    status: 'completed',
    output: itemsOf(reply, call),
    usage: usageJson(reply, request),
  }),
  error: openaiWire.error,
  errorEvent: (type, message) => ({
    event: 'error',
    data: JSON.stringify({ type: 'error', code: type, message, param: null, sequence_number: 9 }),
  }),
  keyOf: openaiWire.keyOf,
};

const CREATED = 1_767_225_600;

function parse(body: JsonObject): Understood {
  check(body.store === false, 'store: this server keeps nothing');
  check(body.messages === undefined, "Unsupported parameter: 'messages'.");
  const items = list(body.input, 'input').map((item) => object(item, 'input[]'));
  check(items.length > 0, 'input: at least one item is needed');
  requireOutputs(items);
  return { ...commonMembers(body, toTool), messages: joined(items.map(toMessage)) };
}

function toTool(described: Json): ToolDefinition {
  const { type, name, description, parameters, strict } = object(described, 'tools[]');
  check(type === 'function', 'tools[].type: expected "function"');
  check(typeof strict === 'boolean', 'tools[].strict: expected a boolean');
  const names = { where: 'tools[]', longest: 64, schemaName: 'tools[].parameters' };
  return tool({ name, description, schema: parameters ?? {} }, names);
}

function toMessage(item: JsonObject): Message {
  switch (item.type ?? 'message') {
    case 'message': {
      if (item.role === 'system' || item.role === 'developer')
        return { role: 'system', text: text(item.content, 'content') };
      if (item.role === 'assistant')
        return { role: 'assistant', content: [{ type: 'text', text: text(item.content, 'content') }] };
      check(item.role === 'user', 'input[].role: unknown');
      return { role: 'user', content: toParts(item.content) };
    }
    case 'reasoning': {
      const encrypted = text(item.encrypted_content, 'encrypted_content');
      check(/^gAAAA/.test(encrypted), 'The encrypted content could not be verified.');
      check(item.id === undefined, 'An item with this id is not found: nothing was stored.');
      const summary = list(item.summary, 'summary').map((part) =>
        text(object(part, 'summary[]').text, 'text'),
      );
      return {
        role: 'assistant',
        content: [{ type: 'reasoning', text: summary.join('\n\n'), signature: encrypted }],
      };
    }
    case 'function_call': {
      const args = parseObject(text(item.arguments, 'arguments'));
      check(args !== undefined, 'input[].arguments: no JSON object');
      const [callId, name] = [text(item.call_id, 'call_id'), text(item.name, 'name')];
      return { role: 'assistant', content: [{ type: 'tool-call', callId, tool: name, arguments: args }] };
    }
    case 'function_call_output': {
      const content = toParts(item.output);
      const said = content[0]?.type === 'text' ? content[0].text : '';
      return {
        role: 'tool',
        callId: text(item.call_id, 'call_id'),
        content,
        isError: said.startsWith('Error: '),
      };
    }
    default:
      check(false, `input[].type: ${JSON.stringify(item.type)} is unknown`);
  }
}

function toParts(content: Json | undefined): (TextPart | ImagePart)[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return list(content, 'content').map((part) => {
    const { type, text: said, image_url: image } = object(part, 'content[]');
    if (type === 'input_text') return { type: 'text', text: text(said, 'content[].text') };
    check(type === 'input_image', 'content[].type: unknown');
    const found = /^data:([^;]+);base64,(.*)$/s.exec(text(image, 'image_url'));
    check(found !== null, 'content[].image_url: expected a data URL');
    return { type: 'image', mimeType: found[1] ?? '', data: found[2] ?? '' };
  });
}

/** Items of one answer stand one after the other. */
function joined(messages: readonly Message[]): readonly Message[] {
  const result: Message[] = [];
  for (const message of messages) {
    const last = result.at(-1);
    if (message.role === 'assistant' && last?.role === 'assistant')
      result.splice(-1, 1, { role: 'assistant', content: [...last.content, ...message.content] });
    else result.push(message);
  }
  return result;
}

function requireOutputs(items: readonly JsonObject[]): void {
  const idsOf = (type: string): string[] =>
    items.flatMap((item) => (item.type === type ? [text(item.call_id, 'call_id')] : []));
  const [asked, answered] = [idsOf('function_call'), idsOf('function_call_output')];
  for (const id of asked) check(answered.includes(id), `No tool output found for function call ${id}.`);
  for (const id of answered) check(asked.includes(id), `No tool call found for function call output ${id}.`);
}

function events(reply: ScriptedReply, request: WireRequest, call: number): readonly WireEvent[] {
  let sequence = 0;
  const event = (type: string, members: JsonObject): WireEvent => ({
    event: type,
    data: JSON.stringify({ type, sequence_number: sequence++, ...members }),
  });
  const response = head(reply, request, call);
  const started = { response: { ...response, status: 'in_progress', output: [], usage: null } };
  const usage = usageJson(reply, request);
  const stop = stopOf(reply);
  const isCut = stop === 'length' || stop === 'content-policy';
  const reason = stop === 'length' ? 'max_output_tokens' : 'content_filter';
  return [
    event('response.created', started),
    event('response.in_progress', started),
    ...itemsOf(reply, call).flatMap((item, index) => itemEvents(item, index, reply, event)),
    event(isCut ? 'response.incomplete' : 'response.completed', {
      response: {
        ...response,
        status: isCut ? 'incomplete' : 'completed',
        incomplete_details: isCut ? { reason } : null,
        output: itemsOf(reply, call),
        usage: usage ?? null,
      },
    }),
  ];
}

function itemEvents(
  item: JsonObject,
  index: number,
  reply: ScriptedReply,
  event: (type: string, members: JsonObject) => WireEvent,
): readonly WireEvent[] {
  const at = { item_id: text(item.id, 'id'), output_index: index };
  const begun = { ...item, status: 'in_progress' };
  const done = event('response.output_item.done', { output_index: index, item });
  const added = (members: JsonObject): WireEvent =>
    event('response.output_item.added', { output_index: index, item: { ...begun, ...members } });
  switch (item.type) {
    case 'reasoning':
      return [
        added({ summary: [], encrypted_content: 'gAAAA-not-yet' }),
        event('response.reasoning_summary_part.added', { ...at, summary_index: 0 }),
        ...pieces(reply.reasoning ?? '', reply).map((delta) =>
          event('response.reasoning_summary_text.delta', { ...at, summary_index: 0, delta }),
        ),
        event('response.reasoning_summary_text.done', {
          ...at,
          summary_index: 0,
          text: reply.reasoning ?? '',
        }),
        done,
      ];
    case 'function_call': {
      const whole = text(item.arguments, 'arguments');
      return [
        added({ arguments: '' }),
        ...pieces(whole, reply).map((delta) =>
          event('response.function_call_arguments.delta', { ...at, delta }),
        ),
        event('response.function_call_arguments.done', { ...at, arguments: whole }),
        done,
      ];
    }
    default:
      return [
        added({ content: [] }),
        event('response.content_part.added', { ...at, content_index: 0 }),
        ...pieces(reply.text ?? '', reply).map((delta) =>
          event('response.output_text.delta', { ...at, content_index: 0, delta, logprobs: [] }),
        ),
        event('response.output_text.done', { ...at, content_index: 0, text: reply.text ?? '' }),
        done,
      ];
  }
}

function itemsOf(reply: ScriptedReply, call: number): readonly JsonObject[] {
  const { reasoning, text: said, toolCalls = [] } = reply;
  return [
    ...(reasoning === undefined
      ? []
      : [
          {
            type: 'reasoning',
            id: `rs_${call}`,
            summary: [{ type: 'summary_text', text: reasoning }],
            encrypted_content: ENCRYPTED,
          },
        ]),
    ...(said === undefined || said === ''
      ? []
      : [
          {
            type: 'message',
            id: `msg_${call}`,
            status: 'completed',
            role: 'assistant',
            content: [{ type: 'output_text', text: said, annotations: [] }],
          },
        ]),
    ...toolCalls.map((asked, index) => ({
      type: 'function_call',
      id: `fc_${call}_${index}`,
      status: 'completed',
      call_id: asked.id ?? `call_${call}_${index}`,
      name: asked.name,
      arguments: argumentsText(asked),
    })),
  ];
}

/** What the server gives out as encrypted reasoning, and takes back. */
export const ENCRYPTED = 'gAAAAABo-encrypted';

function head(reply: ScriptedReply, request: WireRequest, call: number): JsonObject {
  return {
    id: `resp_${call}`,
    object: 'response',
    created_at: CREATED,
    model: reply.model ?? request.model,
    error: null,
  };
}

function usageJson(reply: ScriptedReply, request: WireRequest): JsonObject | undefined {
  const usage = usageOf(reply, request);
  if (usage === undefined) return undefined;
  return {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cacheRead ?? 0 },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
    total_tokens: usage.input + usage.output,
  };
}
