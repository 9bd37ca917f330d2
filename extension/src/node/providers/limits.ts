/** Silences after which a call counts as stalled. */
export interface StreamLimits {
  /** Until the first event. A local server may have to load the model from disk first. */
  readonly firstEventMs: number;
  /** Between two events. Some models think for a minute or more without sending anything. */
  readonly nextEventMs: number;
}

export const STREAM_LIMITS: StreamLimits = { firstEventMs: 180_000, nextEventMs: 120_000 };

export interface Watchdog {
  readonly signal: AbortSignal;
  /** The limit that passed, if one did. */
  expired(): { readonly phase: 'first' | 'next'; readonly ms: number } | undefined;
  /** Something arrived. */
  beat(): void;
  stop(): void;
}

/** Aborts its signal with the caller's, and when nothing arrives for too long. One timer a call, so that a chunk costs nothing. */
export function startWatchdog(limits: StreamLimits, caller: AbortSignal): Watchdog {
  const scope = new AbortController();
  let expired: { readonly phase: 'first' | 'next'; readonly ms: number } | undefined;
  const arm = (phase: 'first' | 'next', ms: number): NodeJS.Timeout =>
    setTimeout(() => {
      expired = { phase, ms };
      scope.abort();
    }, ms);
  let timer = arm('first', limits.firstEventMs);
  let started = false;
  const onAbort = (): void => scope.abort();
  if (caller.aborted) onAbort();
  caller.addEventListener('abort', onAbort, { once: true });
  return {
    signal: scope.signal,
    expired: () => expired,
    beat: () => {
      if (started) {
        timer.refresh();
        return;
      }
      started = true;
      clearTimeout(timer);
      timer = arm('next', limits.nextEventMs);
    },
    stop: () => {
      clearTimeout(timer);
      caller.removeEventListener('abort', onAbort);
    },
  };
}
