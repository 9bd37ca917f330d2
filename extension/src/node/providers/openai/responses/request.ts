import type { OpenAI } from 'openai';
import type { ChatCall } from '../../../../core/models/index.ts';
import type { AssistantMessage, ImagePart, Message, TextPart } from '../../../../protocol/message.ts';
import { encryptedOf, type ReasoningOwner } from '../../reasoning-marks.ts';
import type { WrittenMessages } from '../request.ts';
import type { Settings } from '../settings.ts';

type Item =
  | OpenAI.Responses.EasyInputMessage
  | OpenAI.Responses.ResponseFunctionToolCall
  | OpenAI.Responses.ResponseInputItem.FunctionCallOutput
  // An id would be looked up among what the server has stored, which is nothing.
  | Omit<OpenAI.Responses.ResponseReasoningItem, 'id'>;

export interface ResponsesOptions extends Settings {
  readonly owner: ReasoningOwner;
  readonly thinks: boolean;
  /** Ask for summaries of the reasoning, which OpenAI gives to verified organisations only. */
  readonly summaries: boolean;
  /** The model tells remarks between its calls from answers, and wants to be told so of its messages. */
  readonly phases: boolean;
}

/** The body of a request. Nothing is stored at the server: the conversation and the encrypted reasoning go out each time. */
export function toResponses(call: ChatCall, options: ResponsesOptions, written: WrittenMessages): string {
  const { owner, effort, toolChoice, schema, cacheKey, thinks, summaries, phases } = options;
  const reasoning = {
    ...(effort === undefined ? {} : { effort }),
    ...(summaries ? { summary: 'auto' as const } : {}),
  };
  const rest: Omit<OpenAI.Responses.ResponseCreateParamsStreaming, 'input'> = {
    model: owner.model,
    stream: true,
    store: false,
    ...(thinks ? { include: ['reasoning.encrypted_content' as const] } : {}),
    ...(thinks && Object.keys(reasoning).length > 0 ? { reasoning } : {}),
    ...(call.tools.length === 0 ? {} : { tools: call.tools.map(toTool) }),
    ...(toolChoice === undefined ? {} : { tool_choice: toolChoice }),
    ...(call.maxOutputTokens === undefined ? {} : { max_output_tokens: call.maxOutputTokens }),
    ...(schema === undefined ? {} : { text: { format: { type: 'json_schema' as const, ...schema } } }),
    ...(cacheKey === undefined ? {} : { prompt_cache_key: cacheKey }),
  };
  const input = call.messages
    .map((message) => write(message, { owner, phases }, written))
    .filter((text) => text !== '');
  return `{"input":[${input.join(',')}],${JSON.stringify(rest).slice(1)}`;
}

/** `strict` would refuse schemas with members that may be left out, which most tools have. */
function toTool({
  name,
  description,
  inputSchema,
}: ChatCall['tools'][number]): OpenAI.Responses.FunctionTool {
  return { type: 'function', name, description, parameters: { ...inputSchema }, strict: false };
}

type Reader = Pick<ResponsesOptions, 'owner' | 'phases'>;

function write(message: Message, reader: Reader, written: WrittenMessages): string {
  const known = written.get(message);
  if (known !== undefined) return known;
  const text = toItems(message, reader)
    .map((item) => JSON.stringify(item))
    .join(',');
  written.set(message, text);
  return text;
}

function toItems(message: Message, reader: Reader): Item[] {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: message.text }];
    case 'user':
      return [{ role: 'user', content: message.content.map(toPart) }];
    case 'assistant':
      return toAssistantItems(message, reader);
    case 'tool': {
      const parts = message.content.map(toPart);
      const text = message.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
      const isText = message.content.every(({ type }) => type === 'text');
      // The format has no mark for a failed call.
      const mark = message.isError ? 'Error: ' : '';
      const output = isText
        ? mark + text
        : [...(mark === '' ? [] : [{ type: 'input_text' as const, text: mark }]), ...parts];
      return [{ type: 'function_call_output', call_id: message.callId, output }];
    }
  }
}

function toAssistantItems({ content }: AssistantMessage, { owner, phases }: Reader): Item[] {
  const calls = content.some(({ type }) => type === 'tool-call');
  const phase = phases ? { phase: calls ? ('commentary' as const) : ('final_answer' as const) } : {};
  return content
    .flatMap((part) => toAssistantItem(part, owner))
    .map((item) => ('role' in item ? { ...item, ...phase } : item));
}

/** Reasoning goes back to the server that it came from, for the same model, and to nobody else. */
function toAssistantItem(part: AssistantMessage['content'][number], owner: ReasoningOwner): Item[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ role: 'assistant', content: part.text }];
    case 'tool-call':
      return [
        {
          type: 'function_call',
          call_id: part.callId,
          name: part.tool,
          arguments: JSON.stringify(part.arguments),
        },
      ];
    case 'reasoning': {
      const encrypted = part.signature === undefined ? undefined : encryptedOf(part.signature, owner);
      if (encrypted === undefined) return [];
      const summary = part.text === '' ? [] : [{ type: 'summary_text' as const, text: part.text }];
      return [{ type: 'reasoning', summary, encrypted_content: encrypted }];
    }
  }
}

function toPart(
  part: TextPart | ImagePart,
): OpenAI.Responses.ResponseInputText | OpenAI.Responses.ResponseInputImage {
  if (part.type === 'text') return { type: 'input_text', text: part.text };
  return { type: 'input_image', image_url: `data:${part.mimeType};base64,${part.data}`, detail: 'auto' };
}
