/** Every model name that Strata knows by itself stands in this file, and only here. */

export const TASK_TYPES = ['code', 'reasoning', 'fast', 'long-context'] as const;
export type TaskType = (typeof TASK_TYPES)[number];

interface Defaults {
  readonly anthropic: string;
  readonly openai: string;
}

/**
 * The model that serves a task type when nothing is configured. OpenAI's Codex models answer through its Responses API
 * only, so chat completions take GPT-5 for code.
 */
export const DEFAULT_MODELS: Readonly<Record<TaskType, Defaults>> = {
  code: { anthropic: 'claude-sonnet-4-6', openai: 'gpt-5' },
  reasoning: { anthropic: 'claude-opus-4-6', openai: 'gpt-5' },
  fast: { anthropic: 'claude-haiku-4-5', openai: 'gpt-5-mini' },
  'long-context': { anthropic: 'claude-sonnet-4-6', openai: 'gpt-4.1' },
};

export interface ModelLimits {
  /** Tokens of input and output together. */
  readonly contextWindow: number;
  readonly maxOutput: number;
}

/** By the longest prefix of the model name. Source: the models pages of Anthropic and OpenAI. */
const LIMITS: Readonly<Record<string, ModelLimits>> = {
  'claude-3-haiku': { contextWindow: 200_000, maxOutput: 4_096 },
  'claude-3-5': { contextWindow: 200_000, maxOutput: 8_192 },
  'claude-haiku-4': { contextWindow: 200_000, maxOutput: 64_000 },
  'claude-opus-4': { contextWindow: 200_000, maxOutput: 32_000 },
  'claude-opus-4-6': { contextWindow: 1_000_000, maxOutput: 128_000 },
  'claude-sonnet-4': { contextWindow: 200_000, maxOutput: 64_000 },
  'claude-sonnet-4-6': { contextWindow: 1_000_000, maxOutput: 64_000 },
  'gpt-4.1': { contextWindow: 1_047_576, maxOutput: 32_768 },
  'gpt-4o': { contextWindow: 128_000, maxOutput: 16_384 },
  'gpt-5': { contextWindow: 400_000, maxOutput: 128_000 },
  'gemini-2.5-pro': { contextWindow: 1_048_576, maxOutput: 65_536 },
  'llama-4-scout': { contextWindow: 131_072, maxOutput: 8_192 },
};

/** `undefined` for a model that the table does not know. */
export function limitsOf(model: string): ModelLimits | undefined {
  const name = model.slice(model.lastIndexOf('/') + 1);
  let best = '';
  for (const prefix of Object.keys(LIMITS)) {
    if (name.startsWith(prefix) && prefix.length > best.length) best = prefix;
  }
  return best === '' ? undefined : LIMITS[best];
}
