import type { AssistantMessage, Message, ToolDefinition, Usage } from '../../../protocol/message.ts';
import { cancelled } from '../errors.ts';
import type { ChatCall, ChatReply, Provider } from '../provider.ts';
import { callCount, correctionsIn, doneCalls, taskOf } from './conversation.ts';
import { exploreMove } from './explore-plan.ts';
import type { Move } from './move.ts';
import { answer, call, TOOL } from './move.ts';
import { repairMove } from './repair-plan.ts';
import { wordsOf } from './words.ts';

export const DEMO_MODEL = 'strata-demo';

/** Rule of thumb for English and code; the demo has no tokenizer, and its usage is a count of characters by this. */
const CHARACTERS_PER_TOKEN = 4;
const SEARCH_RESULTS = 8;

export interface DemoOptions {
  /** Awaited between pieces of streamed text, for a display that a person follows; must not throw. Without it nothing waits. */
  readonly pace?: (signal: AbortSignal) => Promise<void>;
}

/**
 * The offline demo model. It plays an agent that repairs small mistakes which failing tests show, and otherwise finds
 * places by their words. It is a pure function of the conversation: every call it makes is decided by what earlier
 * results say, and it claims nothing that it has not seen in one.
 */
export function createDemoProvider(options: DemoOptions = {}): Provider {
  return {
    async chat(request) {
      const move = nextMove(request.messages, request.tools);
      await stream(move.say, request, options.pace);
      const message = asMessage(move, callCount(request.messages));
      return {
        message,
        stop: move.kind === 'call' ? 'tool-calls' : 'end',
        model: DEMO_MODEL,
        usage: usageOf(request, message),
      } satisfies ChatReply;
    },
  };
}

function nextMove(messages: readonly Message[], tools: readonly ToolDefinition[]): Move {
  const offered = new Set(tools.map(({ name }) => name));
  const task = taskOf(messages);
  const calls = doneCalls(messages);
  if (!offered.has(TOOL.recall) && !offered.has(TOOL.find) && !offered.has(TOOL.read)) {
    return answer(
      'I am the offline demo model and was given no tool to look at the workspace with, so I cannot say anything about it.',
      'Check that Docker runs and that memory is available (“Strata: Doctor” tells), or configure a real model.',
    );
  }
  if (offered.has(TOOL.recall) && !calls.some(({ tool }) => tool === TOOL.recall)) {
    const words = wordsOf(task);
    const query = words.length > 0 ? words.join(' ') : task || 'tests';
    const args = { query: query.slice(0, 500), limit: SEARCH_RESULTS };
    return call("I'll search the workspace's memory for this task.", { tool: TOOL.recall, arguments: args });
  }
  const canRepair = [TOOL.read, TOOL.edit, TOOL.run].every((tool) => offered.has(tool));
  const repair = canRepair ? repairMove(calls, correctionsIn(messages)) : undefined;
  return repair ?? exploreMove(task, calls, offered);
}

async function stream(text: string, { signal, onText }: ChatCall, pace: DemoOptions['pace']): Promise<void> {
  for (const piece of text.match(/\s*\S+(?:\s+\S+)?\s*/g) ?? []) {
    if (signal.aborted) throw cancelled();
    onText(piece);
    await pace?.(signal);
  }
  if (signal.aborted) throw cancelled();
}

function asMessage(move: Move, callsBefore: number): AssistantMessage {
  const text = { type: 'text' as const, text: move.say };
  if (move.kind === 'answer') return { role: 'assistant', content: [text] };
  const calls = move.calls.map((planned, index) => ({
    type: 'tool-call' as const,
    callId: `demo-${callsBefore + index + 1}`,
    ...planned,
  }));
  return { role: 'assistant', content: [text, ...calls] };
}

function usageOf({ messages, tools }: ChatCall, reply: AssistantMessage): Usage {
  const tokens = (value: unknown): number => Math.ceil(JSON.stringify(value).length / CHARACTERS_PER_TOKEN);
  return { input: tokens(messages) + tokens(tools), output: tokens(reply.content) };
}
