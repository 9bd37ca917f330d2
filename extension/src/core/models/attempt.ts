import { messageOf } from '../../base/errors.ts';
import { attemptTooLong, badResponse, cancelled } from './errors.ts';
import { isModelError } from './model-error.ts';
import type { ModelError } from './model-error.ts';
import type { ChatReply, ChatRequest, Deployment, Provider } from './provider.ts';

export interface AttemptParts {
  readonly open: (deployment: Deployment) => Promise<Provider>;
  /** Milliseconds, never going back. */
  readonly clock: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The longest that it may take, streaming included. */
  readonly limitMs: number;
}

export interface AttemptCall {
  readonly request: ChatRequest;
  readonly signal: AbortSignal;
  readonly onText: (text: string) => void;
  readonly onReasoning?: (text: string) => void;
}

export type Attempt =
  | { readonly ok: true; readonly reply: ChatReply; readonly firstTokenMs: number | undefined }
  | { readonly ok: false; readonly error: ModelError };

/** One call of one deployment, with a limit. Nothing that it still says after its end is heard. */
export async function attemptOnce(
  deployment: Deployment,
  { request, signal, onText, onReasoning }: AttemptCall,
  parts: AttemptParts,
): Promise<Attempt> {
  const started = parts.clock();
  const scope = new AbortController();
  let firstTokenMs: number | undefined;
  let live = true;
  const heard = (tell: (text: string) => void, text: string): void => {
    if (!live || text === '') return;
    firstTokenMs ??= parts.clock() - started;
    tell(text);
  };
  try {
    const work = parts.open(deployment).then((provider) => {
      scope.signal.throwIfAborted();
      return provider.chat({
        ...request,
        signal: scope.signal,
        onText: (text) => heard(onText, text),
        ...(onReasoning ? { onReasoning: (text: string) => heard(onReasoning, text) } : {}),
      });
    });
    const reply = await withinLimits(work, signal, scope, parts);
    return { ok: true, reply, firstTokenMs: reply.firstTokenMs ?? firstTokenMs };
  } catch (error) {
    const known = isModelError(error) ? error : badResponse(`the provider failed: ${messageOf(error)}`);
    return { ok: false, error: known };
  } finally {
    live = false;
  }
}

/** Settles at once when the caller cancels or the limit passes, also if the provider does not listen to its signal. */
async function withinLimits(
  work: Promise<ChatReply>,
  signal: AbortSignal,
  scope: AbortController,
  { sleep, limitMs }: AttemptParts,
): Promise<ChatReply> {
  if (signal.aborted) {
    scope.abort();
    work.catch(() => undefined);
    throw cancelled();
  }
  const timer = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(cancelled());
  signal.addEventListener('abort', onAbort, { once: true });
  void sleep(limitMs, timer.signal).then(() => {
    if (!timer.signal.aborted) reject(attemptTooLong(limitMs));
  });
  try {
    return await Promise.race([work, promise]);
  } catch (error) {
    scope.abort();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    // With a reason, or one with a stack trace is made of every call.
    timer.abort('over');
  }
}
