import type { Message } from '../../protocol/message.ts';
import { estimateUsage, tokensOf } from './cost.ts';
import type { ChatRequest } from './provider.ts';

/** Where nothing limits an answer, so many tokens of it are reckoned with. */
const EXPECTED_OUTPUT = 1_000;

export interface EstimatedSize {
  /** Tokens. */
  readonly input: number;
  readonly output: number;
}

/**
 * Estimates requests. A conversation grows with every one, so what each message and each list of tools comes to is kept
 * while it is in use.
 */
export function createSizes(): (request: ChatRequest) => EstimatedSize {
  const known = new WeakMap<Message, number>();
  const knownTools = new WeakMap<ChatRequest['tools'], number>();
  const sizeOf = (message: Message): number => {
    const found = known.get(message);
    if (found !== undefined) return found;
    const tokens = tokensOf(message);
    known.set(message, tokens);
    return tokens;
  };
  const sizeOfTools = (tools: ChatRequest['tools']): number => {
    const found = knownTools.get(tools) ?? estimateUsage({ messages: [], tools }, NO_ANSWER).input;
    knownTools.set(tools, found);
    return found;
  };
  return ({ messages, tools, maxOutputTokens }) => {
    const input = messages.reduce((sum, message) => sum + sizeOf(message), sizeOfTools(tools));
    return { input, output: Math.min(maxOutputTokens ?? EXPECTED_OUTPUT, EXPECTED_OUTPUT) };
  };
}

const NO_ANSWER = { role: 'assistant', content: [] } as const;
