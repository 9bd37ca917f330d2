import type { ChatReply, Provider } from '../../../extension/src/core/models/index.ts';
import type { AssistantMessage, Message, ToolDefinition } from '../../../extension/src/protocol/message.ts';
import type { Fault, Script, ScriptedReply, WireRequest } from './script.ts';

export type Decide = (
  messages: readonly Message[],
  tools: readonly ToolDefinition[],
  request: WireRequest,
) => Decided | Promise<Decided>;

type Decided = ScriptedReply | Fault | AssistantMessage;

/** A script from an agent that decides by the conversation so far; the same for both wire formats. */
export function asAgent(decide: Decide): Script {
  return async (request) => {
    const decided = await decide(request.messages, request.tools, request);
    return 'role' in decided ? replyOf(decided) : decided;
  };
}

/** Serves a provider that lives in this process (the demo model, say) over the wire. */
export function servingProvider(provider: Provider): Script {
  return async (request) => {
    const { messages, tools, signal } = request;
    const reply: ChatReply = await provider.chat({ messages, tools, signal, onText: () => undefined });
    return {
      ...replyOf(reply.message),
      stop: reply.stop,
      model: reply.model,
      ...(reply.usage === undefined ? {} : { usage: reply.usage }),
    };
  };
}

function replyOf(message: AssistantMessage): ScriptedReply {
  const joined = (type: 'text' | 'reasoning'): string =>
    message.content.flatMap((part) => (part.type === type ? [part.text] : [])).join('');
  const toolCalls = message.content.flatMap((part) =>
    part.type === 'tool-call' ? [{ id: part.callId, name: part.tool, arguments: part.arguments }] : [],
  );
  const [text, reasoning] = [joined('text'), joined('reasoning')];
  return {
    ...(reasoning === '' ? {} : { reasoning }),
    ...(text === '' ? {} : { text }),
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
  };
}
