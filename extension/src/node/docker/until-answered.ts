/**
 * Gives a signal to something that answers with a stream, and takes it back when the stream is there: otherwise a limit that
 * was meant for the answer, or the cancelling of the call that happened to ask first, would cut the stream much later.
 */
export async function untilAnswered<T>(
  limits: { readonly signal: AbortSignal; readonly limitMs: number },
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  limits.signal.throwIfAborted();
  const controller = new AbortController();
  const onAbort = () => controller.abort(limits.signal.reason);
  const timer = setTimeout(
    () => controller.abort(new Error(`no answer within ${limits.limitMs / 1000} s`)),
    limits.limitMs,
  );
  limits.signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await ask(controller.signal);
  } finally {
    clearTimeout(timer);
    limits.signal.removeEventListener('abort', onAbort);
  }
}
