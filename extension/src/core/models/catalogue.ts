/** Every model name that Strata knows by itself stands in this file, and only here. */

export const TASK_TYPES = ['code', 'reasoning', 'fast', 'long-context'] as const;
export type TaskType = (typeof TASK_TYPES)[number];

/** Whom a key is for. Those that are not Anthropic are asked in the form of OpenAI's API. */
export interface ModelAccount {
  readonly provider: 'anthropic' | 'openai';
  /** As people know it. */
  readonly title: string;
  /** Variables of the environment that hold its key; the first that is set counts. */
  readonly variables: readonly string[];
  /** Where it is asked; the provider's own address where nothing is said. */
  readonly baseUrl?: string;
}

export const ACCOUNTS = {
  anthropic: { provider: 'anthropic', title: 'Anthropic', variables: ['ANTHROPIC_API_KEY'] },
  openai: { provider: 'openai', title: 'OpenAI', variables: ['OPENAI_API_KEY'] },
  gemini: {
    provider: 'openai',
    title: 'Google Gemini',
    variables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai/',
  },
  groq: {
    provider: 'openai',
    title: 'Groq',
    variables: ['GROQ_API_KEY'],
    baseUrl: 'https://api.groq.com/openai/v1',
  },
} as const satisfies Readonly<Record<string, ModelAccount>>;
export type AccountName = keyof typeof ACCOUNTS;

export interface DefaultModel {
  readonly account: AccountName;
  readonly model: string;
  /** Asked only where no other account is at hand: it would finish such a task badly in the place of a larger one. */
  readonly alone?: true;
}

/** What serves a task type when nothing is configured: those whose key is at hand, in this order. */
export const DEFAULTS: Readonly<Record<TaskType, readonly DefaultModel[]>> = {
  code: [
    { account: 'anthropic', model: 'claude-sonnet-4-6' },
    { account: 'openai', model: 'gpt-5.3-codex' },
    { account: 'gemini', model: 'gemini-2.5-pro' },
    { account: 'groq', model: 'openai/gpt-oss-120b', alone: true },
  ],
  reasoning: [
    { account: 'anthropic', model: 'claude-opus-4-6' },
    { account: 'openai', model: 'gpt-5' },
    { account: 'gemini', model: 'gemini-2.5-pro' },
    { account: 'groq', model: 'openai/gpt-oss-120b', alone: true },
  ],
  fast: [
    { account: 'openai', model: 'gpt-5-mini' },
    { account: 'groq', model: 'meta-llama/llama-4-scout-17b-16e-instruct' },
    { account: 'anthropic', model: 'claude-haiku-4-5' },
    { account: 'gemini', model: 'gemini-2.5-flash' },
  ],
  'long-context': [
    { account: 'gemini', model: 'gemini-2.5-pro' },
    { account: 'anthropic', model: 'claude-sonnet-4-6' },
    { account: 'openai', model: 'gpt-4.1' },
    { account: 'groq', model: 'meta-llama/llama-4-scout-17b-16e-instruct', alone: true },
  ],
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
  'claude-opus-4-5': { contextWindow: 200_000, maxOutput: 64_000 },
  'claude-opus-4-6': { contextWindow: 1_000_000, maxOutput: 128_000 },
  'claude-sonnet-4': { contextWindow: 200_000, maxOutput: 64_000 },
  'claude-sonnet-4-6': { contextWindow: 1_000_000, maxOutput: 64_000 },
  'claude-opus-4-7': { contextWindow: 1_000_000, maxOutput: 128_000 },
  'claude-opus-4-8': { contextWindow: 1_000_000, maxOutput: 128_000 },
  'claude-opus-5': { contextWindow: 1_000_000, maxOutput: 128_000 },
  'claude-sonnet-5': { contextWindow: 1_000_000, maxOutput: 64_000 },
  'gpt-4.1': { contextWindow: 1_047_576, maxOutput: 32_768 },
  'gpt-4o': { contextWindow: 128_000, maxOutput: 16_384 },
  'gpt-5': { contextWindow: 400_000, maxOutput: 128_000 },
  'gpt-5.4': { contextWindow: 1_050_000, maxOutput: 128_000 },
  'gpt-5.4-mini': { contextWindow: 400_000, maxOutput: 128_000 },
  'gpt-5.4-nano': { contextWindow: 400_000, maxOutput: 128_000 },
  'gpt-5.5': { contextWindow: 1_050_000, maxOutput: 128_000 },
  'gpt-oss': { contextWindow: 131_072, maxOutput: 65_536 },
  o3: { contextWindow: 200_000, maxOutput: 100_000 },
  'o4-mini': { contextWindow: 200_000, maxOutput: 100_000 },
  'gemini-2.5': { contextWindow: 1_048_576, maxOutput: 65_536 },
  'gemini-3': { contextWindow: 1_048_576, maxOutput: 65_536 },
  'llama-4-scout': { contextWindow: 131_072, maxOutput: 8_192 },
};

/** `undefined` for a model that the table does not know. */
export function limitsOf(model: string): ModelLimits | undefined {
  const name = nameOf(model);
  let best = '';
  for (const prefix of Object.keys(LIMITS)) {
    if (name.startsWith(prefix) && prefix.length > best.length) best = prefix;
  }
  return best === '' ? undefined : LIMITS[best];
}

/**
 * How a model is told how much to think: by a level, by a number of tokens, or not at all. A model that is not known is told
 * nothing, since those that cannot think refuse to be.
 */
export function thinkingOf(model: string): 'level' | 'tokens' | undefined {
  const name = nameOf(model);
  if (/^claude-(?:[23]-|instant)/.test(name)) return name.startsWith('claude-3-7') ? 'tokens' : undefined;
  if (/^claude-(?:opus|sonnet|haiku)-4(?:-[015]\b|-\d{8}|$)/.test(name)) return 'tokens';
  if (name.startsWith('claude-')) return 'level';
  if (/^gpt-5(?:\.\d+)?-chat/.test(name)) return undefined;
  return /^(?:gpt-[5-9]|gpt-oss|o[134](?:-|$)|codex|gemini-(?:2\.5|[3-9]))/.test(name) ? 'level' : undefined;
}

/** Models of OpenAI that answer through its Responses API and through nothing else. */
export function needsResponses(model: string): boolean {
  return /codex|^o\d-pro|-pro(?:-\d{4}-\d{2}-\d{2})?$|deep-research/.test(nameOf(model));
}

/** Models of Anthropic that hold their answer to a schema; older ones are asked for it in words. */
export function holdsToSchema(model: string): boolean {
  return !/^claude-(?:[23]-|instant|(?:opus|sonnet)-4(?:-0|-\d{8}|$))/.test(nameOf(model));
}

/** Without the vendor that gateways put before it. */
function nameOf(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1);
}
