import type { Json, JsonObject } from '../../base/json.ts';
import { messageOf } from '../../base/errors.ts';
import { isMessage } from '../../protocol/conversation.ts';
import type { Message } from '../../protocol/message.ts';
import { readPayload } from '../../protocol/payload.ts';
import type { BlobId } from '../../protocol/run-event.ts';
import type { RunView, StepView } from '../../protocol/run-view.ts';
import { genAi, strata } from './genai-names.ts';
import type { KeyValue } from './otlp-shape.ts';
import { keyValues } from './otlp-shape.ts';

type GetBlob = (id: BlobId) => string;

/** What a step was asked and what it answered, as the conventions want it. Exported only when a person asked for it. */
export function stepContent(step: StepView, getBlob: GetBlob): KeyValue[] {
  try {
    const input = readPayload(getBlob, step.input);
    const output = step.output && readPayload(getBlob, step.output);
    if (step.kind === 'chat') return keyValues(chatContent(input, output));
    return keyValues({
      [genAi.toolArguments]: text(isObject(input) ? (input['arguments'] ?? input) : input),
      [genAi.toolResult]: output === undefined ? undefined : text(output),
    });
  } catch (error) {
    return keyValues({ [strata.contentMissing]: messageOf(error) });
  }
}

/** Paths and what people wrote are content too. */
export function runContent(run: RunView, getBlob: GetBlob): KeyValue[] {
  try {
    const answer = run.answer && readPayload(getBlob, run.answer);
    return keyValues({
      [strata.folder]: run.folder,
      [strata.task]: run.task,
      [strata.answer]: answer === undefined ? undefined : text(answer),
    });
  } catch (error) {
    return keyValues({ [strata.task]: run.task, [strata.contentMissing]: messageOf(error) });
  }
}

function chatContent(input: Json, output: Json | undefined): Record<string, string | undefined> {
  const messages = isObject(input) ? messagesIn(input['messages']) : [];
  const system = messages.filter((message) => message.role === 'system');
  const rest = messages.filter((message) => message.role !== 'system');
  const answer =
    output === undefined ? [] : messagesIn([isObject(output) ? (output['message'] ?? output) : output]);
  const tools = isObject(input) ? input['tools'] : undefined;
  return {
    [genAi.systemInstructions]: system.length > 0 ? JSON.stringify(system.flatMap(parts)) : undefined,
    [genAi.inputMessages]: rest.length > 0 ? JSON.stringify(rest.map(asConvention)) : undefined,
    [genAi.outputMessages]:
      answer.length > 0
        ? JSON.stringify(
            answer.map((message) => ({ ...asConvention(message), finish_reason: finish(message) })),
          )
        : undefined,
    [genAi.toolDefinitions]: Array.isArray(tools) ? JSON.stringify(tools) : undefined,
  };
}

function asConvention(message: Message): { readonly role: string; readonly parts: readonly JsonObject[] } {
  return { role: message.role, parts: parts(message) };
}

function parts(message: Message): readonly JsonObject[] {
  if (message.role === 'system') return [{ type: 'text', content: message.text }];
  if (message.role === 'tool') {
    const response = message.content
      .map((part) => (part.type === 'text' ? part.text : `[${part.mimeType}]`))
      .join('\n');
    return [{ type: 'tool_call_response', id: message.callId, response }];
  }
  return message.content.map((part): JsonObject => {
    switch (part.type) {
      case 'text':
        return { type: 'text', content: part.text };
      case 'reasoning':
        return { type: 'reasoning', content: part.text };
      case 'image':
        return { type: 'blob', modality: 'image', mime_type: part.mimeType, content: part.data };
      case 'tool-call':
        return { type: 'tool_call', id: part.callId, name: part.tool, arguments: part.arguments };
    }
  });
}

function finish(message: Message): string {
  const calls = message.role === 'assistant' && message.content.some((part) => part.type === 'tool-call');
  return calls ? 'tool_call' : 'stop';
}

function messagesIn(value: Json | undefined): Message[] {
  return Array.isArray(value) ? value.filter(isMessage) : [];
}

function text(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
