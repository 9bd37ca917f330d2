import type { ToolCall, ToolResult } from './tool.ts';

/** Equal calls at one moment are done once. */
export interface SharedCalls {
  /** `own` when it was this call that was done, and not another one whose answer it shares. */
  perform(
    key: string,
    call: ToolCall,
    work: (call: ToolCall) => Promise<ToolResult>,
  ): Promise<{ readonly result: ToolResult; readonly own: boolean }>;
}

interface UnderWay {
  readonly answer: Promise<ToolResult>;
  readonly callers: Set<ToolCall>;
  readonly stop: AbortController;
}

export function createSharedCalls(): SharedCalls {
  const underWay = new Map<string, UnderWay>();

  const begin = (key: string, first: ToolCall, work: (call: ToolCall) => Promise<ToolResult>): UnderWay => {
    const callers = new Set<ToolCall>();
    const stop = new AbortController();
    const answer = work({
      ...first,
      signal: stop.signal,
      onOutput: (text) => callers.forEach((caller) => caller.onOutput(text)),
      onProgress: (progress) => callers.forEach((caller) => caller.onProgress?.(progress)),
      onNote: (level, text) => callers.forEach((caller) => caller.onNote?.(level, text)),
    }).finally(() => {
      if (underWay.get(key) === begun) underWay.delete(key);
    });
    const begun = { answer, callers, stop };
    // Whoever waits has the error; when nobody does any more, nobody wants it.
    answer.catch(() => undefined);
    underWay.set(key, begun);
    return begun;
  };

  return {
    perform: async (key, call, work) => {
      call.signal.throwIfAborted();
      const found = underWay.get(key);
      const shared = found ?? begin(key, call, work);
      shared.callers.add(call);
      const leave = (): void => {
        shared.callers.delete(call);
        if (shared.callers.size > 0) return;
        // A call that comes now must not get the answer of one that is being called off.
        if (underWay.get(key) === shared) underWay.delete(key);
        shared.stop.abort(call.signal.reason);
      };
      try {
        return { result: await orAborted(shared.answer, call.signal), own: !found };
      } finally {
        leave();
      }
    },
  };
}

function orAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    void answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
