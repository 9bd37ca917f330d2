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

/** Estimates requests. A conversation grows with every one, so what each message comes to is kept while it is in use. */
export function createSizes(): (request: ChatRequest) => EstimatedSize {
  const known = new WeakMap<Message, number>();
  const sizeOf = (message: Message): number => {
    const found = known.get(message);
    if (found !== undefined) return found;
    const tokens = tokensOf(message);
    known.set(message, tokens);
    return tokens;
  };
  return ({ messages, tools, maxOutputTokens }) => {
    const ofTools = estimateUsage({ messages: [], tools }, NO_ANSWER).input;
    const input = messages.reduce((sum, message) => sum + sizeOf(message), ofTools);
    return { input, output: Math.min(maxOutputTokens ?? EXPECTED_OUTPUT, EXPECTED_OUTPUT) };
  };
}

const NO_ANSWER = { role: 'assistant', content: [] } as const;
