import { readConversation, writeConversation } from '../../protocol/conversation.ts';
import type {
  AssistantMessage,
  Message,
  ToolCallPart,
  ToolDefinition,
  ToolMessage,
} from '../../protocol/message.ts';
import { textOf, toolCallsOf } from '../../protocol/message.ts';
import type { BlobId } from '../../protocol/run-event.ts';
import type { Json } from '../../base/json.ts';
import type { Models } from '../models/provider.ts';
import type { Tool } from '../tools/tool.ts';
import { tooManySteps } from './errors.ts';
import type { RunInput } from './run-input.ts';
import type { Step, StepIo, StepResult } from './stepper.ts';
import type { RunLog } from './ports.ts';

export interface ConversationPorts {
  readonly step: Step;
  readonly log: Pick<RunLog, 'putBlob' | 'getBlob'>;
  readonly models: Models;
  readonly callTool: (call: ToolCallPart) => Promise<ToolMessage>;
}

/**
 * The loop of one agent: ask the model, do what it asks for, until it answers without asking. A request is recorded as
 * the end of a chain of messages, so that each step adds to the log what is new and nothing else.
 */
export async function converse(
  ports: ConversationPorts,
  input: RunInput,
  tools: readonly Tool[],
  opening: readonly Message[],
): Promise<string> {
  const catalogue = ports.log.putBlob(JSON.stringify(tools.map(asModelSees)));
  let conversation = writeConversation(ports.log.putBlob, null, opening);
  for (let turn = 0; turn < input.agent.maxSteps; turn += 1) {
    const reply = await ask(ports, input, conversation, catalogue);
    const calls = toolCallsOf(reply);
    if (calls.length === 0) return textOf(reply);
    const results: ToolMessage[] = [];
    for (const call of calls) results.push(await ports.callTool(call));
    conversation = writeConversation(ports.log.putBlob, conversation, [reply, ...results]);
  }
  throw tooManySteps(input.agent.maxSteps);
}

function ask(
  { step, log, models }: ConversationPorts,
  input: RunInput,
  conversation: BlobId,
  catalogue: BlobId,
): Promise<AssistantMessage> {
  const request = { route: input.agent.route, conversation, tools: catalogue };
  return step<AssistantMessage & Json>(
    { kind: 'chat', name: input.agent.route, effect: 'read', input: request },
    async (io: StepIo): Promise<StepResult<AssistantMessage & Json>> => {
      const reply = await models.chat({
        route: input.agent.route,
        messages: readConversation(log.getBlob, conversation),
        tools: JSON.parse(log.getBlob(catalogue)) as readonly ToolDefinition[],
        signal: io.signal,
        onText: io.output,
        onNote: io.note,
      });
      return {
        output: reply.message as AssistantMessage & Json,
        model: {
          provider: reply.provider,
          model: reply.model,
          usage: reply.usage,
          cost: reply.cost,
          ...(reply.firstTokenMs === undefined ? {} : { firstTokenMs: reply.firstTokenMs }),
        },
      };
    },
  );
}

function asModelSees({ name, description, inputSchema }: Tool): Json {
  return { name, description, inputSchema };
}
