import { messageOf } from '../../base/errors.ts';
import {
  actionFor,
  badResponse,
  brokenStream,
  cancelled,
  isModelError,
  kindOf,
  ModelError,
  retryAfterMs,
  scrubKey,
  stalled,
} from '../../core/models/index.ts';
import { memberOf, numberMember, textMember } from './foreign.ts';
import type { Watchdog } from './limits.ts';

/** What the two SDKs' error classes have in common. */
export interface SdkFailure {
  readonly status: number | undefined;
  readonly headers: Headers | undefined;
  /** The `error` object of the answer, or the whole body when it has none. */
  readonly body: unknown;
  readonly message: string;
}

type ErrorClass = abstract new (...args: never) => Error;

/** The error classes that each SDK has of its own, under the same names. */
export interface SdkErrors {
  readonly APIError: ErrorClass;
  readonly APIConnectionError: ErrorClass;
  readonly APIUserAbortError: ErrorClass;
}

/** Makes the `asAnswer` of one SDK: what the server answered, or undefined for any other error. */
export function answersOf(sdk: SdkErrors): (error: unknown) => SdkFailure | undefined {
  // The SDKs derive these from `APIError`, although no server answered.
  const unanswered = [sdk.APIConnectionError, sdk.APIUserAbortError];
  return (error) => {
    if (!(error instanceof sdk.APIError) || unanswered.some((kind) => error instanceof kind))
      return undefined;
    return answerOf(error);
  };
}

export interface FailureContext {
  readonly watchdog: Watchdog;
  readonly caller: AbortSignal;
  readonly key: string | undefined;
  /** The stream had begun. */
  readonly streaming: boolean;
  /** Tells an answer of the server from every other error of the SDK. */
  readonly asAnswer: (error: unknown) => SdkFailure | undefined;
}

const LONGEST_DETAIL = 300;
/** How OpenAI says that a model is not to be had by chat completions. */
const ONLY_RESPONSES = /\bv1\/responses\b/;

/** Anything that an SDK threw, as a `ModelError`. The SDK's error is not kept as cause: it may quote the key. */
export function toModelError(error: unknown, context: FailureContext): ModelError {
  if (context.caller.aborted) return cancelled();
  const expired = context.watchdog.expired();
  if (expired !== undefined) return stalled(expired.phase, expired.ms);
  if (isModelError(error)) return error;
  const answer = context.asAnswer(error);
  if (answer !== undefined) return fromAnswer(answer, context.key);
  if (error instanceof SyntaxError) return badResponse('the stream held something that is no JSON');
  const detail = shorten(scrubKey(causes(error), context.key));
  if (context.streaming) return brokenStream(detail);
  return new ModelError('network', `no connection (${detail})`, actionFor('network'));
}

/** An error that came within a stream, which had begun with a good status. */
export function errorOf(
  { body, headers }: { readonly body: unknown; readonly headers: Headers },
  key: string | undefined,
): ModelError {
  const message = typeof body === 'string' ? body : 'an error without a message';
  // OpenRouter and LiteLLM give the status of the server behind them.
  const code = numberMember(body, 'code');
  const status = code !== undefined && code >= 400 && code < 600 ? code : undefined;
  return fromAnswer({ status, headers, body, message }, key);
}

function fromAnswer(answer: SdkFailure, key: string | undefined): ModelError {
  const said = shorten(scrubKey(describe(answer), key));
  if (answer.status !== undefined && answer.status >= 300 && answer.status < 400) {
    const message = `the server redirects elsewhere (${answer.status}), which Strata does not follow with a key`;
    return new ModelError('bad-request', message, 'Set the address that it redirects to.', {
      status: answer.status,
    });
  }
  const codes = [textMember(answer.body, 'code'), textMember(answer.body, 'type')];
  const nested = memberOf(answer.body, 'error');
  codes.push(textMember(nested, 'code'), textMember(nested, 'type'));
  const kind = kindOf({
    status: answer.status,
    codes: codes.filter((code) => code !== undefined),
    message: said,
  });
  const wait = answer.headers === undefined ? undefined : retryAfterMs(answer.headers, Date.now());
  const action = ONLY_RESPONSES.test(said)
    ? 'Give the deployment "api": "responses".'
    : answer.status === 404
      ? 'Check the model name, and the address of the deployment: many end in /v1.'
      : actionFor(kind);
  return new ModelError(kind, `${lead(kind, answer.status)}: ${said}`, action, {
    ...(answer.status === undefined ? {} : { status: answer.status }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

function lead(kind: ModelError['kind'], status: number | undefined): string {
  const number = status === undefined ? '' : ` (${status})`;
  if (kind === 'auth') return `the server refused the key or the account${number}`;
  if (kind === 'rate-limit') return `rate limit reached${number}`;
  if (kind === 'context-length') return `the request is too long for the model${number}`;
  return `the server answered with an error${number}`;
}

function describe(answer: SdkFailure): string {
  const own = textMember(answer.body, 'message') ?? textMember(memberOf(answer.body, 'error'), 'message');
  if (own !== undefined) return own;
  if (/<(?:!doctype|html)\b/i.test(answer.message))
    return 'an HTML page; is this the address of a model API?';
  return answer.message.replace(/^\d{3} /, '');
}

/** The members of both SDKs' `APIError`, read one by one: their own types are `any`. */
function answerOf(error: Error): SdkFailure {
  const headers = memberOf(error, 'headers');
  return {
    status: numberMember(error, 'status'),
    headers: headers instanceof Headers ? headers : undefined,
    body: memberOf(error, 'error'),
    message: error.message,
  };
}

/** undici says "fetch failed" or "terminated" and puts what happened into the cause. */
function causes(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error; at instanceof Error && parts.length < 4; at = at.cause) {
    const code = textMember(at, 'code');
    parts.push(code === undefined || at.message.includes(code) ? at.message : `${at.message} ${code}`);
  }
  const told = [...new Set(parts.map((part) => part.replace(/\.$/, '')).filter((part) => part !== ''))];
  return told.length === 0 ? messageOf(error) : told.join(': ');
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_DETAIL ? `${line.slice(0, LONGEST_DETAIL)}…` : line;
}
