import { isStrataError, StrataError } from '../../../base/errors.ts';
import type { Json } from '../../../base/json.ts';
import type { AssistantMessage } from '../../../protocol/message.ts';
import { textOf, toolCallsOf } from '../../../protocol/message.ts';
import { badResponse } from '../../models/errors.ts';
import type { RoutedReply } from '../../models/provider.ts';
import { RunPaused } from '../errors.ts';
import { modelUse } from '../model-use.ts';
import type { RunPorts } from '../run-ports.ts';
import { stepLimits } from '../step-defaults.ts';
import type { StepIo } from '../steps.ts';
import { readRequest, requestJson } from './chat-request.ts';
import type { RecordedRequest } from './chat-request.ts';
import type { ChatListener } from './chats.ts';

/**
 * The program of a run that answers another program's chat: one turn of it, which is a model call and, for as long as the
 * models call tools of that program, another one with what those said.
 */
export async function chatRun(ports: RunPorts, first: RecordedRequest): Promise<string> {
  for (let request = first; ;) {
    const reply = await answer(ports, request);
    if (toolCallsOf(reply).length === 0) return textOf(reply);
    const next = await ports.chats?.next(ports.stopping);
    if (!next) return textOf(reply);
    request = next;
  }
}

/** The answer is given out when it is recorded, and not before: its tool calls have effects. */
async function answer(ports: RunPorts, request: RecordedRequest): Promise<AssistantMessage> {
  const listener = ports.chats?.listener;
  let reply: RoutedReply | undefined;
  const { output } = await ports.steps.run<AssistantMessage & Json>(
    {
      kind: 'chat',
      name: request.route,
      effect: 'read',
      input: requestJson(request),
      limits: stepLimits('chat'),
    },
    async (io) => {
      try {
        reply = await ask(ports, request, listener, io);
      } catch (error) {
        throw io.signal.aborted ? error : final(error);
      }
      return { output: reply.message as AssistantMessage & Json, model: modelUse(reply) };
    },
  );
  if (reply) listener?.settle(reply);
  return output;
}

async function ask(
  { log, models }: RunPorts,
  request: RecordedRequest,
  listener: ChatListener | undefined,
  io: StepIo,
): Promise<RoutedReply> {
  const reply = await models.chat({
    ...readRequest(log, request),
    route: request.route,
    signal: io.signal,
    onText: (text) => {
      io.output(text);
      listener?.onText(text);
    },
    onReasoning: (text) => listener?.onReasoning(text),
    onNote: io.note,
  });
  // Not every model can be made to.
  if (request.toolChoice === 'required' && toolCallsOf(reply.message).length === 0)
    throw badResponse(`${reply.model} called no tool, which was required`);
  return reply;
}

/** Nobody comes back to a chat when a key was set or a budget raised: it is asked again. So nothing pauses this run. */
function final(error: unknown): unknown {
  const pauses = error instanceof RunPaused || (isStrataError(error) && error.passing);
  if (!pauses) return error;
  return new StrataError(error.code, error.message, error.action, { cause: error });
}
