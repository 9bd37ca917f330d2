import type { ModelErrorKind } from './model-error.ts';

/** What a server said about a failure: the status, and the members of the official error bodies. */
export interface ServerFailure {
  readonly status: number | undefined;
  /** OpenAI's `error.code` or `error.type`, Anthropic's `error.type`. */
  readonly codes: readonly string[];
  readonly message: string;
}

/**
 * Codes come before the status: within a stream there is no status, and gateways wrap one into the other.
 * Sources: the error pages of the OpenAI and Anthropic API references.
 */
const BY_CODE: Readonly<Record<string, ModelErrorKind>> = {
  invalid_api_key: 'auth',
  authentication_error: 'auth',
  permission_error: 'auth',
  billing_error: 'auth',
  insufficient_quota: 'auth',
  account_deactivated: 'auth',
  rate_limit_error: 'rate-limit',
  rate_limit_exceeded: 'rate-limit',
  overloaded_error: 'overloaded',
  api_error: 'overloaded',
  server_error: 'overloaded',
  timeout_error: 'timeout',
  context_length_exceeded: 'context-length',
  string_above_max_length: 'context-length',
  request_too_large: 'context-length',
  content_policy_violation: 'content-policy',
  content_filter: 'content-policy',
  invalid_prompt: 'content-policy',
  bio_policy: 'content-policy',
  misalignment_policy_violation: 'content-policy',
  image_content_policy_violation: 'content-policy',
  // Groq's words for calls and JSON that the model wrote wrong.
  tool_use_failed: 'bad-response',
  json_validate_failed: 'bad-response',
  model_not_found: 'bad-request',
  not_found_error: 'bad-request',
};

/** Anthropic, vLLM, llama.cpp and Ollama have no code for it and say it in words, with status 400. */
const TOO_LONG = /prompt is too long|context[ _-]?(?:length|window|size)|maximum context|input is too long/i;
/** Anthropic's 400 for an empty account. */
const NO_CREDIT = /credit balance is too low/i;

/** Gemini's 400 for a wrong key, which has no code of its own. */
const BAD_KEY = /\bapi key (?:not valid|is invalid|expired)\b/i;
/** OpenAI's 429 and Groq's 413 for a request that no waiting makes small enough for the account's tokens per minute. */
const NEVER_FITS = /^request too large\b/i;

export function kindOf(failure: ServerFailure): ModelErrorKind {
  if (NO_CREDIT.test(failure.message) || BAD_KEY.test(failure.message)) return 'auth';
  if ((failure.status === 429 || failure.status === 413) && NEVER_FITS.test(failure.message))
    return 'context-length';
  for (const code of failure.codes) {
    const kind = BY_CODE[code];
    if (kind !== undefined) return kind;
  }
  const status = failure.status;
  if ((status === undefined || status === 400 || status === 422) && TOO_LONG.test(failure.message)) {
    return 'context-length';
  }
  return status === undefined ? 'overloaded' : kindOfStatus(status);
}

function kindOfStatus(status: number): ModelErrorKind {
  if (status === 401 || status === 402 || status === 403) return 'auth';
  if (status === 408 || status === 504) return 'timeout';
  if (status === 413) return 'context-length';
  if (status === 429) return 'rate-limit';
  if (status >= 500) return 'overloaded';
  return 'bad-request';
}

/** Milliseconds from `retry-after-ms` or `Retry-After` (seconds or an HTTP date, RFC 9110 10.2.3). */
export function retryAfterMs(headers: { get(name: string): string | null }, now: number): number | undefined {
  const precise = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (Number.isFinite(precise) && precise >= 0) return precise;
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Math.round(Number.parseFloat(value) * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
