import type { JsonObject } from '../../../base/json.ts';
import { readConversation, writeConversation } from '../../../protocol/conversation.ts';
import type { Message, ToolDefinition } from '../../../protocol/message.ts';
import type { BlobId } from '../../../protocol/run-event.ts';
import type { ChatRequest } from '../../models/provider.ts';
import type { RunLog } from '../ports.ts';

/** What another program asks of a route. */
export interface LentRequest extends Pick<
  ChatRequest,
  'messages' | 'tools' | 'toolChoice' | 'maxOutputTokens'
> {
  readonly route: string;
}

/** A request as the log has it: the input of its step, and with the first one that of the run. */
export interface RecordedRequest {
  readonly route: string;
  readonly conversation: BlobId;
  readonly tools: BlobId;
  readonly toolChoice?: 'required';
  readonly maxOutputTokens?: number;
}

/**
 * Puts a request into the log, a blob for each message: programs send the whole conversation with every request, and what
 * they have sent before is there already. `ends` are the ids of the conversation up to and with each message.
 */
export function recordRequest(
  log: Pick<RunLog, 'putBlob'>,
  { route, messages, tools, toolChoice, maxOutputTokens }: LentRequest,
): { readonly recorded: RecordedRequest; readonly ends: readonly BlobId[] } {
  const putBlob = (text: string): BlobId => log.putBlob(text);
  const ends: BlobId[] = [];
  for (const message of messages) ends.push(writeConversation(putBlob, ends.at(-1) ?? null, [message]));
  const recorded = {
    route,
    conversation: ends.at(-1) ?? writeConversation(putBlob, null, []),
    tools: log.putBlob(JSON.stringify(tools)),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
  return { recorded, ends };
}

/** Throws `blob-damaged` and `conversation-damaged`. */
export function readRequest(
  log: Pick<RunLog, 'getBlob'>,
  { conversation, tools, toolChoice, maxOutputTokens }: RecordedRequest,
): Omit<LentRequest, 'route'> {
  const messages: readonly Message[] = readConversation((id) => log.getBlob(id), conversation);
  return {
    messages,
    tools: JSON.parse(log.getBlob(tools)) as readonly ToolDefinition[],
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
}

export function requestJson(request: RecordedRequest): JsonObject {
  return { ...request };
}
