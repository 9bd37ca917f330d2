import type { Anthropic } from '@anthropic-ai/sdk';
import { thinkingOf, type ChatCall } from '../../../core/models/index.ts';
import type { Message } from '../../../protocol/message.ts';
import { isAnthropics } from '../reasoning-marks.ts';

export interface Thinking {
  readonly thinking?: Anthropic.ThinkingConfigParam;
  readonly effort?: ChatCall['reasoning'];
}

/** For models that are given a number of tokens. The API wants at least 1,024, and fewer than `max_tokens`. */
const BUDGETS = { low: 2_048, medium: 8_192, high: 16_384 } as const;
const SMALLEST_BUDGET = 1_024;
/** Of `max_tokens`, for the answer itself. */
const LEFT_FOR_ANSWER = 1_024;

/** What to say about thinking; nothing where the API would refuse it in this place. */
export function thinkingFor(call: ChatCall, model: string, maxTokens: number): Thinking {
  const { reasoning } = call;
  // A model that must call a tool may not think before.
  const mustCall = call.toolChoice !== undefined && call.tools.length > 0;
  if (reasoning === undefined || mustCall) return {};
  switch (thinkingOf(model)) {
    case 'level':
      return { thinking: { type: 'adaptive', display: 'summarized' }, effort: reasoning };
    case 'tokens': {
      const budget = Math.min(BUDGETS[reasoning], maxTokens - LEFT_FOR_ANSWER);
      if (budget < SMALLEST_BUDGET || !thoughtSoFar(call.messages)) return {};
      return { thinking: { type: 'enabled', budget_tokens: budget } };
    }
    case undefined:
      return {};
  }
}

/** With a budget, an answer that called tools must begin with its thinking; after a fallback it came from a model that has none. */
function thoughtSoFar(messages: readonly Message[]): boolean {
  const asked = messages.findLastIndex(({ role }) => role === 'user');
  return messages.slice(asked + 1).every((message) => {
    if (message.role !== 'assistant') return true;
    const [first] = message.content;
    return first?.type === 'reasoning' && first.signature !== undefined && isAnthropics(first.signature);
  });
}
