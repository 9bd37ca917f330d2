import type { Disposable } from '../../base/disposable.ts';
import { messageOf } from '../../base/errors.ts';
import { importTraces } from './import-traces.ts';
import type { ImportPorts } from './import-traces.ts';
import type { KeptSpans } from './kept-spans.ts';
import { openReceiver } from './receiver.ts';
import type { Receiver } from './receiver.ts';

export interface ReceivedPorts extends ImportPorts {
  readonly kept: KeptSpans;
  readonly now: () => number;
  readonly after: (ms: number, callback: () => void) => Disposable;
  /** A sentence for the log. */
  readonly note: (text: string) => void;
  readonly port?: number;
}

/** Senders give their spans in pieces, seconds apart. */
const SOON_MS = 1_000;
/** A trace is made anew with each piece; a long one must not be at it all the time. */
const REST = 20;
/** Then nobody will tell of the rest. */
const QUIET_MS = 5 * 60_000;
/** For late spans. */
const KEPT_MS = 24 * 60 * 60_000;

/** Receives traces and shows each as a run that grows as its spans come in. */
export async function receiveTraces(ports: ReceivedPorts): Promise<Receiver> {
  const { kept, now, after } = ports;
  const ending = new AbortController();
  const changed = new Set<string>();
  const quiet = new Map<string, Disposable>();
  let timer: Disposable | undefined;
  let working: Promise<void> = Promise.resolve();
  kept.removeOlderThan(now() - KEPT_MS);

  const show = async (traces: readonly string[], isComing: boolean): Promise<void> => {
    for (const trace of traces) {
      const [made] = await importTraces(kept.spansOf(trace), ports, {
        signal: ending.signal,
        isComing,
        runFor: (id) => kept.runOf(id),
      });
      if (made) kept.setRun(trace, made.run);
    }
  };
  const enqueue = (traces: readonly string[], isComing: boolean): Promise<void> => {
    working = working
      .then(() => show(traces, isComing))
      .catch((error: unknown) => {
        if (!ending.signal.aborted)
          ports.note(`A trace that was received cannot be shown: ${messageOf(error)}`);
      });
    return working;
  };
  const schedule = (ms: number): void => {
    timer ??= after(ms, () => {
      const traces = [...changed];
      changed.clear();
      const begun = now();
      void enqueue(traces, true).then(() => {
        timer = undefined;
        if (changed.size > 0 && !ending.signal.aborted) schedule(SOON_MS + REST * (now() - begun));
      });
    });
  };

  const receiver = await openReceiver({
    ...(ports.port === undefined ? {} : { port: ports.port }),
    onSpans: (spans) => {
      kept.add(spans, now());
      for (const trace of new Set(spans.map((span) => span.trace))) {
        changed.add(trace);
        quiet.get(trace)?.dispose();
        quiet.set(
          trace,
          after(QUIET_MS, () => {
            quiet.delete(trace);
            void enqueue([trace], false);
          }),
        );
      }
      schedule(SOON_MS);
    },
  });
  return {
    ...receiver,
    close: async () => {
      await receiver.close();
      timer?.dispose();
      for (const one of quiet.values()) one.dispose();
      // What came last is not lost with the window.
      if (changed.size > 0) void enqueue([...changed], false);
      await working;
      ending.abort();
      kept.dispose();
    },
  };
}
