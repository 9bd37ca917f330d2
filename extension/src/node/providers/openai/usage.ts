import type { Usage } from '../../../protocol/message.ts';
import { memberOf, numberMember, textMember } from '../foreign.ts';

/** A tier with prices of its own, which an account may have as its default. */
export function tierOf(raw: unknown): string | undefined {
  const tier = textMember(raw, 'service_tier');
  return tier === undefined || tier === 'default' || tier === 'auto' ? undefined : tier;
}

/** The usage of a chat completion, as OpenAI and those that are compatible with it write it. */
export function readChatUsage(raw: unknown): Usage | undefined {
  const input = numberMember(raw, 'prompt_tokens');
  const total = numberMember(raw, 'total_tokens');
  // Gemini leaves out what is 0, as while it only thinks.
  const output = numberMember(raw, 'completion_tokens') ?? (total === undefined ? undefined : 0);
  if (input === undefined || output === undefined) return undefined;
  const details = memberOf(raw, 'prompt_tokens_details');
  const reasoning = numberMember(memberOf(raw, 'completion_tokens_details'), 'reasoning_tokens');
  const hidden = hiddenOf(total, input, output, reasoning);
  return usageOf({
    input,
    output: output + hidden,
    cacheRead:
      numberMember(details, 'cached_tokens') ??
      // DeepSeek's name, and Moonshot's.
      numberMember(raw, 'prompt_cache_hit_tokens') ??
      numberMember(raw, 'cached_tokens'),
    cacheWrite: numberMember(details, 'cache_write_tokens'),
    reasoning: reasoning ?? (hidden > 0 ? hidden : undefined),
  });
}

/** The usage of a response of the Responses API. */
export function readResponseUsage(raw: unknown): Usage | undefined {
  const input = numberMember(raw, 'input_tokens');
  const output = numberMember(raw, 'output_tokens');
  if (input === undefined || output === undefined) return undefined;
  const details = memberOf(raw, 'input_tokens_details');
  return usageOf({
    input,
    output,
    cacheRead: numberMember(details, 'cached_tokens'),
    cacheWrite: numberMember(details, 'cache_write_tokens'),
    reasoning: numberMember(memberOf(raw, 'output_tokens_details'), 'reasoning_tokens'),
  });
}

/**
 * Gemini's thoughts and xAI's reasoning are billed as output, but stand beside `completion_tokens` rather than within: only
 * the total tells.
 */
function hiddenOf(
  total: number | undefined,
  input: number,
  output: number,
  reasoning: number | undefined,
): number {
  if (total !== undefined) return Math.max(0, total - input - output);
  return reasoning !== undefined && reasoning > output ? reasoning : 0;
}

interface Counts {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  readonly reasoning: number | undefined;
}

function usageOf({ input, output, cacheRead, cacheWrite, reasoning }: Counts): Usage {
  return {
    input,
    output,
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(reasoning === undefined ? {} : { reasoning }),
  };
}
