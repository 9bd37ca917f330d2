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

/** Aborts its signal with the caller's, and when nothing arrives for too long. A beat costs a look at the clock and no timer. */
export function startWatchdog(limits: StreamLimits, caller: AbortSignal): Watchdog {
  const scope = new AbortController();
  let expired: { readonly phase: 'first' | 'next'; readonly ms: number } | undefined;
  let phase: 'first' | 'next' = 'first';
  let lastBeat = performance.now();
  let timer = setTimeout(check, limits.firstEventMs);
  function check(): void {
    const ms = phase === 'first' ? limits.firstEventMs : limits.nextEventMs;
    const left = ms - (performance.now() - lastBeat);
    // A timer may be a little early.
    if (left > 1) {
      timer = setTimeout(check, left);
      return;
    }
    expired = { phase, ms };
    scope.abort();
  }
  const onAbort = (): void => scope.abort();
  if (caller.aborted) onAbort();
  caller.addEventListener('abort', onAbort, { once: true });
  return {
    signal: scope.signal,
    expired: () => expired,
    beat: () => {
      lastBeat = performance.now();
      if (phase === 'next') return;
      phase = 'next';
      clearTimeout(timer);
      timer = setTimeout(check, limits.nextEventMs);
    },
    stop: () => {
      clearTimeout(timer);
      caller.removeEventListener('abort', onAbort);
    },
  };
}
