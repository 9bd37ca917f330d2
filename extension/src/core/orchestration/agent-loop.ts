import { writeConversation } from '../../protocol/conversation.ts';
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
  readonly log: Pick<RunLog, 'putBlob'>;
  readonly models: Models;
  readonly callTool: (call: ToolCallPart) => Promise<ToolMessage>;
}

/** A request by value, for the model, and by the ids of its blobs, for the log. */
interface Request {
  readonly route: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDefinition[];
  readonly conversation: BlobId;
  readonly catalogue: BlobId;
}

/**
 * The loop of one agent: ask the model, do what it asks for, until it answers without asking. A request is recorded as
 * the end of a chain of messages, so that each step adds to the log what is new and nothing else.
 */
export async function converse(
  ports: ConversationPorts,
  input: RunInput,
  offered: readonly Tool[],
  opening: readonly Message[],
): Promise<string> {
  const { putBlob } = ports.log;
  const { route, maxSteps } = input.agent;
  const tools = offered.map(asModelSees);
  const catalogue = putBlob(JSON.stringify(tools));
  const messages = [...opening];
  let conversation = writeConversation(putBlob, null, opening);
  for (let turn = 0; turn < maxSteps; turn += 1) {
    const reply = await ask(ports, { route, messages, tools, conversation, catalogue });
    const calls = toolCallsOf(reply);
    if (calls.length === 0) return textOf(reply);
    const added: Message[] = [reply];
    for (const call of calls) added.push(await ports.callTool(call));
    messages.push(...added);
    conversation = writeConversation(putBlob, conversation, added);
  }
  throw tooManySteps(maxSteps);
}

function ask({ step, models }: ConversationPorts, request: Request): Promise<AssistantMessage> {
  const { route, messages, tools, conversation, catalogue } = request;
  return step<AssistantMessage & Json>(
    { kind: 'chat', name: route, effect: 'read', input: { route, conversation, tools: catalogue } },
    async (io: StepIo): Promise<StepResult<AssistantMessage & Json>> => {
      const reply = await models.chat({
        route,
        messages,
        tools,
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

function asModelSees({ name, description, inputSchema }: Tool): ToolDefinition {
  return { name, description, inputSchema };
}
